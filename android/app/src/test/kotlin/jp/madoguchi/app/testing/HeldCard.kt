package jp.madoguchi.app.testing

import android.nfc.NfcAdapter
import android.nfc.Tag
import android.nfc.TagLostException
import android.nfc.tech.IsoDep
import android.nfc.tech.TagTechnology
import android.os.Bundle
import android.os.Looper
import org.json.JSONObject
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.annotation.RealObject
import org.robolectric.shadows.ShadowIsoDep
import java.io.IOException
import java.util.Collections
import java.util.WeakHashMap
import kotlin.concurrent.thread

/**
 * A virtual card in somebody's hand. Held to the phone, it is a tag as the framework announces one, on a thread of its
 * own; each time it is held it is another tag, and the one before is stale.
 *
 * @param person a name of `madoguchi-sandbox persons`
 * @param drawer cards of one drawer keep their counters from one connection to the next
 */
class HeldCard(person: String, drawer: String? = null) : AutoCloseable {
    private val wire = Readers.open(
        JSONObject().put("open", "card").put("card", person).apply { drawer?.let { put("drawer", it) } },
    )
    private var tag: Tag? = null
    private var left: Int? = null
    private var afterWork = false

    /** Commands that the card answered, as CLA INS P1 P2: never their data. */
    val commands: List<String> get() = synchronized(this) { transcript.toList() }
    private val transcript = mutableListOf<String>()

    /** What the phone's hardware can do: a short command and no more is the least that there is. */
    var maxTransceiveLength = 261
    var extendedLength = false

    /** How long a command may take, in milliseconds, as the app asked for it last; closing forgets it. */
    @Volatile var timeout = DEFAULT_TIMEOUT
        internal set

    /** The commands that were sent to it. */
    val exchanges: List<Exchange> get() = synchronized(this) { exchanged.toList() }
    private val exchanged = mutableListOf<Exchange>()

    /** How long the card would work on a signature: longer than the phone's first [timeout]. Our own choice. */
    var signatureMillis = 1_200

    /** What the card answers in place of what it would: for cards that are damaged or none of ours. */
    var bend: (command: ByteArray, response: ByteArray) -> ByteArray = { _, response -> response }

    /** How the phone sees the card. */
    var technologies = intArrayOf(TagTechnology.ISO_DEP, TagTechnology.NFC_B)

    /** The tag leaves after so many more commands; with [worked], the card does the next one and its answer is lost. */
    fun leaveAfter(commands: Int, worked: Boolean = false) = synchronized(this) {
        left = commands
        afterWork = worked
    }

    /** Forgets which commands there were. */
    fun forget() = synchronized(this) {
        transcript.clear()
        exchanged.clear()
    }

    /** Holds the card to the phone: the app hears of it if its reader mode is on. */
    fun hold() = announce(arrive())

    /** The phone tells the app of this tag, as if it were there now. */
    fun announce(tag: Tag) {
        val adapter = NfcAdapter.getDefaultAdapter(RuntimeEnvironment.getApplication())
        thread(name = "NFC") { shadowOf(adapter).dispatchTagDiscovered(tag) }.join()
    }

    /** How many tries are left for the PIN of 利用者証明用電子証明書: SELECT of its application, VERIFY without data. */
    fun triesLeft(): Int = synchronized(this) {
        arrive()
        wire.send(SELECT_JPKI)
        wire.receive()
        wire.send(TRIES_LEFT)
        val answer = checkNotNull(wire.receive())
        leave()
        answer[1].toInt() and 0x0F
    }

    /** The card comes into the field, and nobody is told yet. */
    fun arrive(): Tag = synchronized(this) {
        leave()
        wire.send(byteArrayOf(POWER_ON))
        left = null
        // NFC-B of ISO/IEC 14443-3: My Number Cards are type B, with four bytes of PUPI that are random each time.
        val id = ByteArray(4) { i -> (System.nanoTime() shr (8 * i)).toByte() }
        val tag = Tag.createMockTag(id, technologies, Array(technologies.size) { Bundle() }, 0L)
        cards[tag] = this
        this.tag = tag
        inField = tag
        tag
    }

    /** The card leaves the field and loses its power. */
    fun leave() = synchronized(this) {
        if (tag != null) {
            tag = null
            wire.send(byteArrayOf(POWER_OFF))
        }
    }

    override fun close() = wire.close()

    /** The tag of an earlier moment is refused by the framework itself. */
    internal fun check(which: Tag) = synchronized(this) {
        if (tag == null) throw TagLostException("Tag was lost.")
        // The phone speaks with the one that it found last, whosever it is.
        if (tag !== which || inField !== which) throw SecurityException("Permission Denial: Tag is out of date")
    }

    internal fun holds(which: Tag): Boolean = synchronized(this) { tag === which }

    internal fun transceive(which: Tag, command: ByteArray): ByteArray = synchronized(this) {
        check(which)
        exchanged += Exchange(command[1], command.size > HEADER, timeout, Thread.currentThread().name)
        if (command.size > maxTransceiveLength) throw IOException("Transceive length exceeds supported maximum")
        val late = command.getOrNull(1) == COMPUTE_DIGITAL_SIGNATURE && signatureMillis > timeout
        val leaves = left == 0 || late
        left = left?.minus(1)
        if (leaves && !afterWork && !late) {
            leave()
            throw TagLostException("Tag was lost.")
        }
        wire.send(command)
        val response = bend(command, wire.receive() ?: throw TagLostException("Tag was lost."))
        if (leaves) {
            leave()
            throw TagLostException("Tag was lost.")
        }
        transcript += command.take(4).joinToString(" ") { "%02X".format(it) }
        response
    }

    /** A command that was sent, with data or without: with which timeout, and on which thread. */
    class Exchange(val instruction: Byte, val carries: Boolean, val timeout: Int, val thread: String)

    internal companion object {
        /** The tag that the phone found last. */
        @Volatile private var inField: Tag? = null

        /** What phones begin with. */
        const val DEFAULT_TIMEOUT = 618

        /** CLA INS P1 P2, and Le. */
        private const val HEADER = 5

        const val POWER_OFF: Byte = 0x00
        const val POWER_ON: Byte = 0x01
        const val COMPUTE_DIGITAL_SIGNATURE: Byte = 0x2A

        private val SELECT_JPKI = byteArrayOf(0, 0xA4.toByte(), 4, 0x0C, 0x0A, 0xD3.toByte(), 0x92.toByte(), 0xF0.toByte(), 0, 0x26, 1, 0, 0, 0, 1)
        private val TRIES_LEFT = byteArrayOf(0, 0x20, 0, 0x98.toByte())

        /** Whose tag is whose. A tag does not say when it is equal to another: identity decides. */
        val cards: MutableMap<Tag, HeldCard> = Collections.synchronizedMap(WeakHashMap())
    }
}

/** The framework's `IsoDep`, with a [HeldCard] behind it. */
@Implements(IsoDep::class)
class HeldIsoDep : ShadowIsoDep() {
    @RealObject private lateinit var real: IsoDep
    private var connected = false

    private val card: HeldCard? get() = HeldCard.cards[real.tag]

    @Implementation
    public override fun connect() {
        awayFromMain()
        check(!connected) { "Close connection first!" }
        val card = card ?: throw IOException("no such tag")
        card.check(real.tag)
        connected = true
    }

    @Implementation
    public override fun isConnected(): Boolean = connected && card?.holds(real.tag) == true

    @Implementation
    public override fun close() {
        connected = false
        // The framework asks the NFC service for this tag once more, and does not catch what comes of that.
        card?.check(real.tag)
        card?.timeout = HeldCard.DEFAULT_TIMEOUT
    }

    @Implementation
    public override fun transceive(data: ByteArray): ByteArray {
        awayFromMain()
        check(connected) { "Call connect() first!" }
        return card?.transceive(real.tag, data) ?: throw TagLostException("Tag was lost.")
    }

    @Implementation
    public override fun setTimeout(timeout: Int) {
        card?.timeout = timeout
    }

    @Implementation
    public override fun getTimeout(): Int = card?.timeout ?: 0

    @Implementation
    public override fun getMaxTransceiveLength(): Int = card?.maxTransceiveLength ?: 0

    @Implementation
    public override fun isExtendedLengthApduSupported(): Boolean = card?.extendedLength ?: false

    /** "Must not be called from the main application thread", says the framework of both. */
    private fun awayFromMain() = check(Looper.myLooper() != Looper.getMainLooper()) { "I/O on the main thread" }
}
