package jp.madoguchi.app.bluetooth

import android.annotation.SuppressLint
import android.bluetooth.BluetoothDevice
import android.bluetooth.BluetoothGatt
import android.bluetooth.BluetoothGattCallback
import android.bluetooth.BluetoothGattCharacteristic
import android.bluetooth.BluetoothGattDescriptor
import android.bluetooth.BluetoothProfile
import android.content.Context
import android.os.Build
import android.os.Handler
import android.os.SystemClock
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
import jp.madoguchi.core.WriteType
import jp.madoguchi.core.reconnectAfter
import jp.madoguchi.core.recogniseReader
import java.time.Duration
import java.util.UUID

/**
 * One connection to a Bluetooth reader, from the attempt to its end. The bytes are the core's; here is what only Android
 * knows: a GATT connection, its queue, its callbacks.
 *
 * Lives on the thread of [handler], where all callbacks come in, after each other and never from within a call.
 */
// Whoever makes one has asked for the permission.
@SuppressLint("MissingPermission")
internal class Connection(
    private val context: Context,
    private val device: BluetoothDevice,
    private val name: String,
    private val counter: Counter,
    private val handler: Handler,
    private val failures: UInt,
    val owner: Owner,
) : BluetoothGattCallback() {
    /** Told on the thread of the connection. */
    interface Owner {
        fun info(info: ReaderInfo)

        /** A tap began, or went on. */
        fun reading(tap: Tap)

        /** Nothing is read any more; the counter has another screen. */
        fun read()

        /** Before a tap, something is wrong with the card or the reader. */
        fun trouble(trouble: ReaderTrouble)

        /** It is over. `again`: when to try again; `null`: not by itself. */
        fun ended(wasReady: Boolean, again: Duration?)
    }

    private var gatt: BluetoothGatt? = null
    private var operations: Operations? = null
    private var kind: ReaderKind? = null
    private var session: ReaderSession? = null
    private var told: ReaderInfo? = null
    private var readyAt: Duration? = null
    private var over = false
    private var leaving = false

    private var awaited = false
    private var ready = false

    /** A card arrived while one was awaited, and was not asked anything yet. */
    private var fresh = false
    private var life = ReaderLife.DISCOVERED
    private var powering = false
    private var tap: Tap? = null
    private val tick = Runnable { session?.let { it.tick(now()); pump() } }
    private val late = Runnable { end() }

    fun begin() {
        handler.postDelayed(late, CONNECT_MS)
        val transport = BluetoothDevice.TRANSPORT_LE
        gatt = device.connectGatt(context, false, this, transport, BluetoothDevice.PHY_LE_1M_MASK, handler)
        if (gatt == null) end()
    }

    /**
     * Whether the counter awaits a card, and whether it is ready for it. A card that arrives while one is awaited is read as
     * soon as the counter is ready; one that lies there from before is not.
     */
    fun awaits(card: Boolean, now: Boolean) {
        awaited = card
        ready = now
        if (!card) fresh = false
        offer()
    }

    /** Says goodbye to the reader, if there is time for it. */
    fun leave() {
        if (over) return
        leaving = true
        val session = session ?: return end()
        handler.postDelayed(late, GOODBYE_MS)
        try {
            session.goodbye(now())
            pump()
        } catch (_: ReaderException) {
            end()
        }
    }

    // What the phone says.

    override fun onConnectionStateChange(gatt: BluetoothGatt, status: Int, state: Int) {
        if (over) return
        if (status != BluetoothGatt.GATT_SUCCESS || state != BluetoothProfile.STATE_CONNECTED) return end()
        operations = Operations(gatt, ::end)
        if (!gatt.discoverServices()) end()
    }

    override fun onServicesDiscovered(gatt: BluetoothGatt, status: Int) {
        if (over) return
        val found = if (status == BluetoothGatt.GATT_SUCCESS) recogniseReader(name, gatt.services.map { it.uuid }) else null
        val notify = found?.let { characteristic(it, it.notify()) }
        val session = found?.let { counter.readerSession(name, it) }
        if (found == null || notify == null || session == null) return end()
        this.kind = found
        this.session = session
        val operations = operations ?: return
        operations.subscribe(notify, needed = true) {
            handler.removeCallbacks(late)
            session.connected(now())
            pump()
        }
        characteristic(found, found.battery())?.let { battery ->
            if (battery.properties and BluetoothGattCharacteristic.PROPERTY_NOTIFY != 0) {
                operations.subscribe(battery, needed = false) {}
            }
            read(operations, battery)
        }
        found.information().mapNotNull { characteristic(found, it) }.forEach { read(operations, it) }
    }

    override fun onDescriptorWrite(gatt: BluetoothGatt, descriptor: BluetoothGattDescriptor, status: Int) =
        done(status)

    override fun onCharacteristicWrite(gatt: BluetoothGatt, characteristic: BluetoothGattCharacteristic, status: Int) =
        done(status)

    override fun onCharacteristicRead(gatt: BluetoothGatt, characteristic: BluetoothGattCharacteristic, value: ByteArray, status: Int) =
        done(status, value)

    @Deprecated("What Android 12 and earlier call")
    override fun onCharacteristicRead(gatt: BluetoothGatt, characteristic: BluetoothGattCharacteristic, status: Int) {
        @Suppress("DEPRECATION")
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU) done(status, characteristic.value)
    }

    override fun onCharacteristicChanged(gatt: BluetoothGatt, characteristic: BluetoothGattCharacteristic, value: ByteArray) =
        notified(characteristic.uuid, value)

    @Deprecated("What Android 12 and earlier call")
    override fun onCharacteristicChanged(gatt: BluetoothGatt, characteristic: BluetoothGattCharacteristic) {
        @Suppress("DEPRECATION")
        val value: ByteArray? = characteristic.value
        // It may be another value by the time that it is read, if the next one came already: nothing can be done about it.
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU) notified(characteristic.uuid, value?.copyOf() ?: return)
    }

    private fun done(status: Int, value: ByteArray? = null) {
        if (!over) operations?.over(status == BluetoothGatt.GATT_SUCCESS, value)
    }

    private fun notified(characteristic: UUID, value: ByteArray) {
        val session = session ?: return
        if (over) return
        session.notified(characteristic, value, now())
        value.fill(0)
        pump()
    }

    private fun read(operations: Operations, characteristic: BluetoothGattCharacteristic) =
        operations.read(characteristic) { notified(characteristic.uuid, it) }

    /** Of the reader's own service first: some have the same characteristic in several. */
    private fun characteristic(kind: ReaderKind, uuid: UUID): BluetoothGattCharacteristic? {
        val gatt = gatt ?: return null
        return gatt.getService(kind.service())?.getCharacteristic(uuid)
            ?: gatt.services.firstNotNullOfOrNull { it.getCharacteristic(uuid) }
    }

    // What the core says.

    /** Does what the session wants, until it waits. */
    private fun pump() {
        val session = session ?: return
        handler.removeCallbacks(tick)
        while (!over) {
            when (val turn = session.turn()) {
                is Turn.Write -> if (!write(turn)) return end()
                is Turn.Wait -> {
                    turn.until?.let { handler.postDelayed(tick, (it - now()).coerceAtLeast(Duration.ZERO).toMillis() + 1) }
                    break
                }
                is Turn.PoweredOn -> poweredOn()
                is Turn.Answer -> {
                    tap?.let { goOn(it, turn.answer) }
                    turn.answer.fill(0)
                }
                is Turn.Lost -> lost(turn)
                is Turn.PoweredOff -> Unit
            }
        }
        if (!over) heard(session)
    }

    private fun write(turn: Turn.Write): Boolean {
        val kind = kind ?: return false
        val operations = operations ?: return false
        val characteristic = characteristic(kind, turn.write.characteristic) ?: return false
        operations.write(characteristic, turn.write.bytes, type(characteristic, turn.write.writeType)) {
            session?.written(now())
            pump()
        }
        return true
    }

    /** As the kind wants it, if the characteristic offers both. */
    private fun type(characteristic: BluetoothGattCharacteristic, wanted: WriteType): Int {
        val with = characteristic.properties and BluetoothGattCharacteristic.PROPERTY_WRITE != 0
        val without = characteristic.properties and BluetoothGattCharacteristic.PROPERTY_WRITE_NO_RESPONSE != 0
        val silent = without && (!with || wanted == WriteType.WITHOUT_RESPONSE)
        return if (silent) BluetoothGattCharacteristic.WRITE_TYPE_NO_RESPONSE else BluetoothGattCharacteristic.WRITE_TYPE_DEFAULT
    }

    /** Looks what has become of reader and card. */
    private fun heard(session: ReaderSession) {
        val info = session.info()
        val before = life
        life = info.life
        if (life in READY) readyAt = readyAt ?: now()
        if (life == ReaderLife.LOST) return end()
        if (life == ReaderLife.POLLING) fresh = false
        if (life == ReaderLife.CARD && before == ReaderLife.POLLING) fresh = awaited && isLooking()
        // A card that is read at once need not be taken away first, as the counter would say.
        if (info != told && !(life == ReaderLife.CARD && fresh)) {
            told = info
            owner.info(info)
        }
        offer()
    }

    /** Whether the reader looks for long enough: what it finds at once may lie there since another patient. */
    private fun isLooking(): Boolean = readyAt?.let { now() - it > LOOKING } == true

    private fun offer() {
        val session = session ?: return
        if (!ready || !fresh || life != ReaderLife.CARD || powering || tap != null || leaving) return
        fresh = false
        powering = true
        ask { session.powerOn(now()) }
    }

    private fun poweredOn() {
        if (!powering) return
        powering = false
        val session = session ?: return
        val begun = counter.tap(session.link())
        if (begun == null) {
            ask { session.powerOff(now()) }
            return owner.read()
        }
        tap = begun
        owner.reading(begun)
        goOn(begun, null)
    }

    private fun goOn(tap: Tap, answer: ByteArray?) {
        val session = session ?: return
        when (val step = tap.next(answer)) {
            is TapStep.Transmit -> {
                try {
                    session.transmit(step.command, now())
                } catch (error: ReaderException) {
                    refused(error)
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

    private fun lost(turn: Turn.Lost) {
        powering = false
        val open = tap
        if (open != null) {
            open.lost(turn.how)
            finish()
        } else {
            turn.beforeTap?.let(owner::trouble)
        }
    }

    private fun refused(error: ReaderException) {
        if (error !is ReaderException.Gone) return end()
        tap?.lost(error.how)
        finish()
    }

    private fun finish() {
        tap?.close()
        tap = null
        owner.read()
    }

    private fun ask(request: () -> Unit) = try {
        request()
    } catch (_: ReaderException) {
        // The card or the reader went away meanwhile: the next turn says so.
        powering = false
    }

    private fun end() {
        if (over) return
        // What was under way hears it first.
        session?.let {
            it.disconnected()
            while (true) {
                val turn = it.turn()
                if (turn is Turn.Lost) lost(turn) else if (turn is Turn.Wait) break
            }
        }
        over = true
        handler.removeCallbacks(tick)
        handler.removeCallbacks(late)
        operations?.stop()
        val again = when (val session = session) {
            null -> reconnectAfter(failures)
            else -> session.reconnectAfter(if (readyAt == null) failures else 0u)
        }
        tap?.let {
            it.close()
            owner.read()
        }
        tap = null
        session?.let {
            val info = it.info()
            // One that sleeps is not out of reach: its button is to be pressed, until it is there again.
            owner.info(if (life == ReaderLife.ASLEEP) info.copy(life = life) else info)
        }
        session?.close()
        session = null
        // Android gives out only so many; one that is not closed is never used again.
        gatt?.close()
        gatt = null
        owner.ended(readyAt != null, again.takeUnless { leaving })
    }

    private fun now(): Duration = Duration.ofMillis(SystemClock.elapsedRealtime())

    private companion object {
        /** Until services are found and notifications on. Android itself gives up after some 30 s. */
        const val CONNECT_MS = 20_000L

        /** For who does not want to be left, or cannot hear any more. */
        const val GOODBYE_MS = 1_000L
        val LOOKING: Duration = Duration.ofSeconds(2)
        val READY = setOf(ReaderLife.POLLING, ReaderLife.CARD, ReaderLife.POWERED)
    }
}
