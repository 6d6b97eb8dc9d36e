package jp.madoguchi.app.bluetooth

import android.content.Context
import android.content.SharedPreferences
import android.os.Handler
import android.os.HandlerThread
import android.os.Looper
import jp.madoguchi.app.Desk
import jp.madoguchi.app.ui.FoundReader
import jp.madoguchi.core.Action
import jp.madoguchi.core.Page
import jp.madoguchi.core.Protection
import jp.madoguchi.core.ReaderInfo
import jp.madoguchi.core.ReaderKind
import jp.madoguchi.core.ReaderLife
import jp.madoguchi.core.ReaderTrouble
import jp.madoguchi.core.Screen
import jp.madoguchi.core.Tap
import jp.madoguchi.core.readerKinds
import jp.madoguchi.core.recogniseReader
import java.time.Duration

/**
 * The reader in use: connected to while the app is in front, and connected to again by itself.
 *
 * Lives on the main thread; a [Connection] has a thread of its own.
 */
internal class ReaderInUse(private val context: Context, private val access: BluetoothAccess) {
    private val main = Handler(Looper.getMainLooper())
    private val thread: Handler by lazy { Handler(HandlerThread("reader").apply { start() }.looper) }
    private val preferences: SharedPreferences = context.getSharedPreferences("reader", Context.MODE_PRIVATE)
    private var desk: Desk? = null
    private var inFront = false
    private var connection: Connection? = null

    /** One that was left, and still says goodbye: a reader takes no second connection. */
    private var leaving: Connection? = null
    private var failures = 0u
    private var life = ReaderLife.DISCOVERED

    /** How often a reader is tried that sleeps. */
    private var asleep: Duration? = null

    /** Somebody waits for the reader, not for a card. */
    private var waits = false

    /** The counter wants another session, for another key or another try, and it is on its way. */
    private var renewing = false

    /** What ended the last session for good, until somebody asks for another: told whenever a card is awaited. */
    private var refused: ReaderTrouble? = null
    private var told: ReaderTrouble? = null
    private val again = Runnable(::connect)
    private val leave = Runnable(::disconnect)
    private val unreachable = Runnable { tell(ReaderTrouble.OUT_OF_REACH) }

    /** As it advertises; `null`: none is in use. */
    val name: String? get() = preferences.getString(NAME, null)

    fun open(desk: Desk) {
        this.desk = desk
        introduce()
    }

    fun attach() {
        inFront = true
        main.removeCallbacks(leave)
        connect()
    }

    /** A device that is turned is attached again at once; a reader that nobody uses is let go. */
    fun detach() {
        inFront = false
        main.removeCallbacks(again)
        main.postDelayed(leave, LEAVE_MS)
    }

    /** This one from now on. */
    fun use(reader: FoundReader) {
        disconnect()
        preferences.edit().clear()
            .putString(NAME, reader.name).putString(ADDRESS, reader.address).putString(KIND, reader.kind).apply()
        failures = 0u
        refused = null
        introduce()
        connect()
    }

    /** None any more. */
    fun forget() {
        disconnect()
        preferences.edit().clear().apply()
        refused = null
        desk?.act(Action.ReaderInUse(null))
    }

    fun shown(screen: Screen) {
        if (name == null) return
        renew(screen.reconnectReader)
        val hold = (screen.view as? Page.HoldCard)?.view
        connection?.let { thread.post { it.awaits(hold != null, hold?.ready == true) } }
        waits(hold != null && life !in CONNECTED)
        val trouble = if (hold == null) null else access.trouble ?: refused
        // Not from within the drawing of this screen, and once: while a tap is open the counter waits for what becomes of it.
        if (trouble != null && trouble != told) main.post { tell(trouble) }
        told = trouble
    }

    fun connect() {
        main.removeCallbacks(again)
        val desk = desk ?: return
        val name = name ?: return
        val address = preferences.getString(ADDRESS, null) ?: return
        // A reader that refused its key counts the attempts: another one is made only if a person asks.
        if (connection != null || leaving != null || !inFront || refused != null || access.trouble != null) return
        val device = access.adapter?.getRemoteDevice(address) ?: return
        val made = Connection(device, name, desk.counter, thread, failures, Ears())
        connection = made
        thread.post { made.begin(context) }
        shown(desk.scene.screen)
    }

    fun disconnect() {
        main.removeCallbacks(again)
        connection?.let { left ->
            left.part()
            leaving = left
            thread.post { left.leave() }
        }
        connection = null
        introduce()
    }

    /** A short loss is mended before anybody has to know of it; a long one is told. */
    private fun waits(now: Boolean) {
        if (now == waits) return
        waits = now
        if (now) main.postDelayed(unreachable, UNREACHABLE_MS) else main.removeCallbacks(unreachable)
    }

    /** The counter asks for another session than the one that there is. */
    private fun renew(wanted: Boolean) {
        val begins = wanted && !renewing
        renewing = wanted
        if (!begins) return
        refused = null
        failures = 0u
        // Not from within the drawing of this screen.
        main.post {
            disconnect()
            connect()
        }
    }

    /** Something is wrong before a tap, and somebody waits to hold a card. */
    private fun tell(trouble: ReaderTrouble) {
        if (desk?.scene?.screen?.view is Page.HoldCard) desk?.act(Action.Reader(trouble))
    }

    /** The counter knows which reader is in use before it is connected: nobody is to hold a card to the phone's back. */
    private fun introduce() {
        val desk = desk ?: return
        val name = name ?: return
        val known = kind(name)?.use { kind -> desk.counter.readerSession(name, kind)?.use { it.info() } }
        // Of one whose services nobody has seen yet, the link is worth nothing.
        val info = known ?: ReaderInfo(name, "", Protection.PLAIN, ReaderLife.DISCOVERED, null, null, null, null)
        life = info.life
        desk.act(Action.ReaderInUse(info))
    }

    /** Some names say no kind: then it is the one that was found when it was connected last. */
    private fun kind(name: String): ReaderKind? {
        val last = preferences.getString(KIND, null)
        return recogniseReader(name, emptyList()) ?: readerKinds().firstOrNull { it.name() == last }
    }

    /** Of one connection: what an earlier one still has to say is not about the reader in use. */
    private inner class Ears : Connection.Owner {
        private fun told(what: (Desk) -> Unit) {
            main.post { desk?.takeIf { connection?.owner === this }?.let(what) }
        }

        override fun info(info: ReaderInfo) = told {
            life = info.life
            if (life in CONNECTED) preferences.edit().putString(KIND, info.kind).apply()
            it.refresh()
        }

        override fun reading(tap: Tap) {
            val progress = tap.progress()
            told { it.progress(progress) }
        }

        /** Whoever is left in the middle of a tap says so as well. */
        override fun read() {
            main.post {
                desk?.progress(null)
                desk?.refresh()
            }
        }

        override fun trouble(trouble: ReaderTrouble) = told {
            if (trouble == ReaderTrouble.NOT_TRUSTED) refused = trouble
            tell(trouble)
        }

        override fun ended(wasReady: Boolean, again: Duration?) {
            main.post {
                if (leaving?.owner === this) {
                    leaving = null
                    connect()
                }
            }
            told {
                connection = null
                failures = if (wasReady) 0u else failures + 1u
                // One that sleeps is tried as often as its last session said, however often it was not there.
                asleep = if (life == ReaderLife.ASLEEP) asleep ?: again else null
                (asleep ?: again)?.let { main.postDelayed(this@ReaderInUse.again, it.toMillis()) }
            }
        }
    }

    private companion object {
        const val NAME = "name"
        const val ADDRESS = "address"
        const val KIND = "kind"
        const val LEAVE_MS = 5_000L

        /** So long somebody who wants to hold a card waits for a reader that comes back by itself. */
        const val UNREACHABLE_MS = 15_000L

        /** Also one that sleeps: the screen says how it is woken. */
        val CONNECTED = setOf(ReaderLife.POLLING, ReaderLife.CARD, ReaderLife.POWERED, ReaderLife.ASLEEP)
    }
}
