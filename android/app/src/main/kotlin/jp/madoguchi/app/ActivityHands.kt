package jp.madoguchi.app

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.widget.Toast
import jp.madoguchi.app.share.Clipboard
import jp.madoguchi.app.share.ResultProvider
import jp.madoguchi.app.ui.Drafts
import jp.madoguchi.app.ui.Hands
import jp.madoguchi.app.ui.OwnPage
import jp.madoguchi.app.ui.Readers
import jp.madoguchi.app.ui.speaking
import jp.madoguchi.core.Action
import jp.madoguchi.core.ExportChoice
import jp.madoguchi.core.ExportKind
import jp.madoguchi.core.Page
import java.nio.CharBuffer

/** The pages' hands on the desk, the clipboard and the platform. */
internal class ActivityHands(
    private val activity: Activity,
    private val desk: Desk,
    private val platform: Platform,
    private val clipboard: Clipboard,
) : Hands {

    override val drafts: Drafts get() = desk.drafts
    override val readers: Readers get() = platform.readers

    override fun act(action: Action) {
        desk.act(action)
    }

    override fun passcode(typed: CharArray) = typed.use { act(Action.Passcode(it)) }

    override fun readerKey(typed: CharArray) = typed.use { act(Action.ReaderKey(it)) }

    override fun account(account: String, code: String) =
        code.toCharArray().use { act(Action.Account(account, it)) }

    override fun export(choice: ExportChoice) {
        val words = activity.speaking(desk.scene.screen.language)
        val export = desk.counter.export(choice.kind)
        desk.refresh()
        when {
            export == null -> say(words.getString(R.string.gone))
            export.kind == ExportKind.COPY -> {
                clipboard.copy(export.bytes.decodeToString())
                export.bytes.fill(0)
                say(choice.done)
            }
            else -> {
                val handed = { say(choice.done) }
                val intent = ResultProvider.send(export.bytes, export.fileName ?: NAME, export.mediaType, handed)
                try {
                    activity.startActivity(Intent.createChooser(intent, words.getString(R.string.share_result)))
                } catch (_: ActivityNotFoundException) {
                    say(words.getString(R.string.nothing_to_share))
                }
            }
        }
    }

    override fun copy(value: String, done: String) {
        clipboard.copy(value)
        say(done)
    }

    override fun biometrics() {
        val page = desk.scene.screen.view as? Page.LogIn
        page?.view?.biometrics?.let { platform.logIn(it) }
    }

    override fun biometrics(on: Boolean) = platform.biometrics(on)

    override fun open(page: OwnPage?) = desk.open(page)

    /** Also when another app is in front by now. */
    private fun say(words: String) = Toast.makeText(activity.applicationContext, words, Toast.LENGTH_LONG).show()

    /** As UTF-8; both arrays are overwritten afterwards, as far as a JVM allows it. */
    private fun CharArray.use(send: (ByteArray) -> Unit) {
        val buffer = Charsets.UTF_8.encode(CharBuffer.wrap(this))
        val bytes = ByteArray(buffer.remaining())
        buffer.get(bytes)
        buffer.array().fill(0)
        fill('0')
        try {
            send(bytes)
        } finally {
            bytes.fill(0)
        }
    }

    private companion object {
        const val NAME = "result"
    }
}
