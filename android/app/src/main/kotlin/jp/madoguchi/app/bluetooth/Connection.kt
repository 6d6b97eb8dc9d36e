package jp.madoguchi.app.bluetooth

import android.bluetooth.BluetoothDevice
import android.content.Context
import android.os.Handler
import android.os.SystemClock
import jp.madoguchi.core.Action
import jp.madoguchi.core.Counter
import jp.madoguchi.core.ReaderException
import jp.madoguchi.core.ReaderInfo
import jp.madoguchi.core.ReaderKind
import jp.madoguchi.core.ReaderLife
import jp.madoguchi.core.ReaderSession
import jp.madoguchi.core.ReaderTrouble
import jp.madoguchi.core.Tap
import jp.madoguchi.core.TapStep
import jp.madoguchi.core.Turn
import jp.madoguchi.core.reconnectAfter
import jp.madoguchi.core.recogniseReader
import java.time.Duration
import java.util.UUID

/**
 * One connection to a Bluetooth reader, from the attempt to its end, and the cards that are read over it: does what the
 * core's session says, from whom all bytes are.
 *
 * Lives on the thread of [handler]; its owner is told there.
 *
 * @param failures how many before this one, in a row, did not become ready
 */
internal class Connection(
    device: BluetoothDevice,
    private val name: String,
    private val counter: Counter,
    private val handler: Handler,
    private val failures: UInt,
    val owner: Owner,
) : GattClient.Owner {
    interface Owner {
        /** The counter was told this. */
        fun info(info: ReaderInfo)

        /** A tap began, or went on. */
        fun reading(tap: Tap)

        /** Nothing is read any more; the counter has another screen. */
        fun read()

        /** Before a tap, something is wrong with the card or the reader that its life does not tell. */
        fun trouble(trouble: ReaderTrouble)

        /** It is over. `again`: when to try again; `null`: not by itself. */
        fun ended(wasReady: Boolean, again: Duration?)
    }

    private val gatt = GattClient(device, handler, this)
    private val arrival = Arrival()
    private var kind: ReaderKind? = null
    private var session: ReaderSession? = null
    private var told: ReaderInfo? = null
    private var tap: Tap? = null

    /** The card is to get power, for a tap. */
    private var powering = false
    private var inUse = true
    private var leaving = false
    private var over = false
    private val tick = Runnable {
        session?.tick(now())
        pump()
    }
    private val late = Runnable { end() }

    fun begin(context: Context) {
        handler.postDelayed(late, CONNECT_MS)
        gatt.open(context)
    }

    /** Whether the counter awaits a card, and whether it is ready for it. */
    fun awaits(card: Boolean, ready: Boolean) {
        arrival.awaits(card, ready)
        if (offer()) pump()
    }

    /** From now on the counter is told nothing of it: another reader is in use, or none. Any thread. */
    fun part() = synchronized(this) { inUse = false }

    /** Says goodbye to the reader, if there is time for it. */
    fun leave() {
        if (over) return
        leaving = true
        val session = session ?: return end()
        handler.postDelayed(late, GOODBYE_MS)
        if (ask { session.goodbye(now()) }) pump() else end()
    }

    override fun discovered(services: List<UUID>) {
        val found = recogniseReader(name, services) ?: return end()
        kind = found
        val begun = counter.readerSession(name, found) ?: return end()
        session = begun
        gatt.subscribe(found) {
            handler.removeCallbacks(late)
            begun.connected(now())
            pump()
        }
    }

    override fun notified(characteristic: UUID, value: ByteArray) {
        session?.notified(characteristic, value, now())
        pump()
    }

    override fun failed() = end()

    /** Does what the session says, until it waits. */
    private fun pump() {
        val session = session ?: return
        handler.removeCallbacks(tick)
        while (!over) {
            when (val turn = session.turn()) {
                is Turn.Write -> kind?.let { gatt.write(it, turn.write, ::written) }
                is Turn.Wait -> {
                    look(session)
                    if (!offer()) return sleep(turn.until)
                }
                is Turn.PoweredOn -> poweredOn(session)
                is Turn.Answer -> {
                    tap?.let { goOn(session, it, turn.answer) }
                    turn.answer.fill(0)
                }
                is Turn.Lost -> lost(turn)
                is Turn.PoweredOff -> Unit
            }
        }
    }

    private fun written() {
        session?.written(now())
        pump()
    }

    private fun sleep(until: Duration?) {
        if (over || until == null) return
        handler.postDelayed(tick, (until - now()).coerceAtLeast(Duration.ZERO).toMillis() + 1)
    }

    /** Looks what has become of reader and card. */
    private fun look(session: ReaderSession) {
        val info = session.info()
        arrival.sees(info.life, now())
        if (info.life == ReaderLife.LOST) return end()
        // A card that is read at once need not be taken away first, as the counter would say.
        if (info == told || arrival.isFresh) return
        told = info
        tell(info)
    }

    /**
     * The counter is told on the thread on which it happens, as a tap tells it: it hears all of it in its order, and does not
     * take a reader for ready again that was so before it was lost.
     */
    private fun tell(info: ReaderInfo) {
        synchronized(this) { if (inUse) counter.act(Action.ReaderInUse(info)) }
        owner.info(info)
    }

    /** Gives a card power that is to be read; whether the session has been asked for it. */
    private fun offer(): Boolean {
        val session = session ?: return false
        if (over || leaving || powering || tap != null || !arrival.isDue) return false
        powering = ask { session.powerOn(now()) }
        if (powering) arrival.take()
        return powering
    }

    private fun poweredOn(session: ReaderSession) {
        if (!powering) return
        powering = false
        val begun = counter.tap(session.link())
        if (begun == null) {
            ask { session.powerOff(now()) }
            return owner.read()
        }
        tap = begun
        gatt.hurry(true)
        goOn(session, begun, null)
    }

    private fun goOn(session: ReaderSession, tap: Tap, answer: ByteArray?) {
        when (val step = tap.next(answer)) {
            is TapStep.Transmit -> {
                try {
                    session.transmit(step.command, now())
                } catch (error: ReaderException) {
                    return refused(tap, error)
                } finally {
                    step.command.fill(0)
                }
                owner.reading(tap)
            }
            is TapStep.Done -> {
                finish()
                ask { session.powerOff(now()) }
            }
        }
    }

    private fun refused(tap: Tap, error: ReaderException) {
        if (error !is ReaderException.Gone) return end()
        tap.lost(error.how)
        finish()
    }

    private fun lost(turn: Turn.Lost) {
        powering = false
        val open = tap
        if (open != null) {
            open.lost(turn.how)
            finish()
        } else {
            turn.beforeTap?.takeUnless { it in TOLD_BY_LIFE }?.let(owner::trouble)
        }
    }

    private fun finish() {
        tap?.close()
        tap = null
        gatt.hurry(false)
        owner.read()
    }

    /** Whether the session was asked. If not, the card or the reader went away meanwhile, and the next turn says so. */
    private fun ask(request: () -> Unit): Boolean = try {
        request()
        true
    } catch (_: ReaderException) {
        false
    }

    private fun end() {
        if (over) return
        over = true
        handler.removeCallbacks(tick)
        handler.removeCallbacks(late)
        gatt.close()
        val last = session
        session = null
        val again = if (last == null) reconnectAfter(failures) else close(last)
        kind?.close()
        kind = null
        owner.ended(arrival.wasReady, again.takeUnless { leaving })
    }

    /** What was under way hears of it first; when to connect again. */
    private fun close(session: ReaderSession): Duration? = session.use {
        session.disconnected()
        while (true) {
            val turn = session.turn()
            if (turn is Turn.Lost) lost(turn) else if (turn is Turn.Wait) break
        }
        if (tap != null) finish()
        val info = session.info()
        // One that sleeps is not out of reach: its button is to be pressed, until it is there again.
        tell(if (told?.life == ReaderLife.ASLEEP) info.copy(life = ReaderLife.ASLEEP) else info)
        session.reconnectAfter(if (arrival.wasReady) 0u else failures)
    }

    private fun now(): Duration = Duration.ofMillis(SystemClock.elapsedRealtime())

    private companion object {
        /** Until services are found and notifications on. Android itself gives up after some 30 s. */
        const val CONNECT_MS = 20_000L

        /** For who does not want to be left, or cannot hear any more. */
        const val GOODBYE_MS = 1_000L

        /** The screen shows them by where the reader is in its life, and goes on as soon as it is back. */
        val TOLD_BY_LIFE = setOf(ReaderTrouble.OUT_OF_REACH, ReaderTrouble.ASLEEP)
    }
}
