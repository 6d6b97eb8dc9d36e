package jp.madoguchi.app.ui

import jp.madoguchi.core.Action
import jp.madoguchi.core.ExportChoice
import jp.madoguchi.core.Progress
import jp.madoguchi.core.Screen

/** What a page can ask for. A page decides nothing. */
internal interface Hands {
    /** What was typed and is not to be lost when the device is turned. */
    val drafts: Drafts

    fun act(action: Action)

    /** A passcode was typed. It is overwritten. */
    fun passcode(typed: CharArray)

    /** Account and activation code were typed. */
    fun account(account: String, code: String)

    /** The whole result, as the site allows it. */
    fun export(choice: ExportChoice)

    /** One value of the result to the clipboard, and what to say then. */
    fun copy(value: String, done: String)

    /** A key for a Bluetooth reader was typed; none takes the kept one away. It is overwritten. */
    fun readerKey(typed: CharArray)

    /** A finger on the sensor, or a face, to log in. */
    fun biometrics()

    /** Whether that is to be possible from now on. */
    fun biometrics(on: Boolean)

    /** One of the shell's own pages; `null` goes back to what lies below. */
    fun open(page: OwnPage?)

    /** What can be done about readers. */
    val readers: Readers
}

/** What is half typed to enrol: in memory only, and gone when the device belongs to somebody. */
internal class Drafts {
    var account: String = ""
    var code: String = ""

    fun forget() {
        account = ""
        code = ""
    }
}

/** Pages that the core knows nothing of. Each lies over one of the core's, and goes when that goes. */
internal enum class OwnPage { READERS, LICENCES }

/** What is drawn: the core's screen, and what only the shell knows. */
internal class Scene(
    val screen: Screen,
    /** How far the tap is that runs now. */
    val progress: Progress? = null,
    val own: OwnPage? = null,
)
