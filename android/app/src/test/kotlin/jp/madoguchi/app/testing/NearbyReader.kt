package jp.madoguchi.app.testing

import android.bluetooth.BluetoothDevice
import android.bluetooth.BluetoothGattCharacteristic
import android.bluetooth.BluetoothGattDescriptor
import android.bluetooth.BluetoothGattService
import android.bluetooth.BluetoothManager
import android.bluetooth.le.ScanRecord
import android.bluetooth.le.ScanResult
import org.json.JSONArray
import org.json.JSONObject
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import java.nio.ByteBuffer
import java.util.Collections
import java.util.UUID
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread

/**
 * A virtual Bluetooth reader near the phone: found by scanning, connected to by `connectGatt`. What goes over the air
 * is what docs/sandbox-interface.md describes; [PhoneGatt] makes of it what the framework would.
 *
 * @param model `ACR1255U-J1`, `bR500-C4`, …
 * @param options members of `options` in the first line: chunk, faults, master_key, …
 */
class NearbyReader(
    model: String,
    options: JSONObject = JSONObject(),
    address: String = "00:11:22:33:44:55",
    drawer: String? = null,
) : AutoCloseable {
    private val wire = Readers.open(
        JSONObject().put("open", "reader").put("model", model).put("options", options)
            .apply { drawer?.let { put("drawer", it) } },
    )
    private val waiting = ArrayDeque<(ByteArray) -> Unit>()
    private val maxValue = options.optInt("chunk", DEFAULT_CHUNK)

    /** The advertised name. */
    val name: String = wire.opened.getString("name")

    /** The reader, as the phone's Bluetooth knows it. */
    val device: BluetoothDevice =
        requireNotNull(RuntimeEnvironment.getApplication().getSystemService(BluetoothManager::class.java))
            .adapter.getRemoteDevice(address)

    /** The largest ATT_MTU that the reader agrees to. */
    internal val mtu = maxValue + ATT_HEADER

    /** Status of the next attempts to connect, each once: 133 and its like. Nobody is asked then. */
    val refusals: ArrayDeque<Int> = ArrayDeque()

    /** When the app tried to connect, on the phone's clock, in milliseconds. */
    val attempts: MutableList<Long> = Collections.synchronizedList(mutableListOf())

    /** How many connections the app has closed. */
    internal val closes = AtomicInteger()

    /** What the app asked the phone for: `CONNECTION_PRIORITY_…`. */
    val priorities: MutableList<Int> = Collections.synchronizedList(mutableListOf())

    /** Status with which the app hears of a link that goes down: 8 lost, 19 ended by the reader. */
    var lossStatus = CONNECTION_TERMINATED_BY_PEER

    internal var listener: Listener? = null

    init {
        shadowOf(device).setName(name)
        nearby[device.address] = this
        thread(name = "radio of $name", isDaemon = true) {
            while (true) {
                val frame = runCatching { wire.receive() }.getOrNull() ?: break
                hear(frame)
            }
        }
    }

    /** A person's card is put in. */
    fun insert(person: String) = hand(JSONObject().put("do", "insert").put("card", person))

    /** The card is taken out. */
    fun remove() = hand(JSONObject().put("do", "remove"))

    /** The battery has this level, in percent. */
    fun battery(level: Int) = hand(JSONObject().put("do", "battery").put("level", level))

    /** The button of a reader that sleeps is pressed. */
    fun wake() = hand(JSONObject().put("do", "wake"))

    /** How many connections the app holds. */
    val connections: Int get() = attempts.size - closes.get()

    /** More goes wrong. */
    fun faults(faults: JSONArray) = hand(JSONObject().put("do", "faults").put("faults", faults))

    /** This goes wrong with one of its next answers: 0 is the very next. Gives the number of that answer. */
    fun mishap(mishap: JSONObject, answer: Int = 0): Int {
        val number = look().getInt("answers") + answer
        val at = JSONObject().put("answer", number)
        faults(JSONArray().put(JSONObject().put("at", at).put("mishap", mishap)))
        return number
    }

    /** Out of reach for a moment. */
    fun leaves() {
        val done = CompletableFuture<ByteArray>()
        ask(DISCONNECT) { done.complete(it) }
        done.get(PATIENCE_SECONDS, TimeUnit.SECONDS)
        listener?.linkLost(CONNECTION_TIMEOUT)
    }

    /** Its state, and that of the card. */
    fun look() = hand(JSONObject().put("do", "look"))

    /** Goes out of reach: it is not found any more, and a link is lost. */
    override fun close() {
        nearby.remove(device.address, this)
        wire.close()
        listener?.linkLost(CONNECTION_TIMEOUT)
    }

    /** What a host finds when it scans: flags and the service, and the name in the scan response. */
    internal fun advertisement(): ScanResult {
        val service = UUID.fromString(wire.opened.getString("service"))
        val uuid = ByteBuffer.allocate(UUID_SIZE).putLong(service.mostSignificantBits).putLong(service.leastSignificantBits)
        val data = field(AD_FLAGS, byteArrayOf(0x06)) + field(AD_SERVICE_128, uuid.array().reversedArray()) +
            field(AD_NAME, name.toByteArray())
        return ScanResult(device, 0, 1, 0, 0, 0, -50, 0, ScanRecord.parseFromBytes(data), System.nanoTime())
    }

    /** What a host finds when it discovers services. */
    internal fun services(): List<BluetoothGattService> {
        val found = LinkedHashMap<UUID, BluetoothGattService>()
        val list = wire.opened.getJSONArray("characteristics")
        for (entry in (0 until list.length()).map(list::getJSONObject)) {
            val service = found.getOrPut(UUID.fromString(entry.getString("service"))) {
                BluetoothGattService(UUID.fromString(entry.getString("service")), BluetoothGattService.SERVICE_TYPE_PRIMARY)
            }
            val words = entry.getJSONArray("properties")
            val properties = (0 until words.length()).fold(0) { all, i -> all or PROPERTIES.getValue(words.getString(i)) }
            val characteristic = BluetoothGattCharacteristic(UUID.fromString(entry.getString("uuid")), properties, 0)
            if (properties and BluetoothGattCharacteristic.PROPERTY_NOTIFY != 0) {
                characteristic.addDescriptor(BluetoothGattDescriptor(CLIENT_CONFIGURATION, 0))
            }
            service.addCharacteristic(characteristic)
        }
        return found.values.toList()
    }

    /** Asks the reader; the answer is handled in the order in which all that it says arrives. */
    internal fun ask(type: Int, body: ByteArray = byteArrayOf(), answered: (ByteArray) -> Unit) {
        synchronized(waiting) {
            waiting += answered
            wire.send(byteArrayOf(type.toByte()) + body)
        }
    }

    /** What the reader says unasked. */
    internal interface Listener {
        fun notified(characteristic: UUID, value: ByteArray)

        fun linkLost(status: Int)
    }

    private fun hear(frame: ByteArray) {
        when (frame[0].toInt() and 0xFF) {
            NOTIFIED -> {
                val (uuid, value) = ByteBuffer.wrap(frame, 1, frame.size - 1).let { body ->
                    UUID(body.long, body.long) to ByteArray(body.remaining()).also { body.get(it) }
                }
                listener?.notified(uuid, value)
            }
            LINK_LOST -> listener?.linkLost(lossStatus)
            else -> synchronized(waiting) { waiting.removeFirst() }(frame)
        }
    }

    private fun hand(what: JSONObject): JSONObject {
        val answer = CompletableFuture<ByteArray>()
        ask(HAND, what.toString().toByteArray()) { answer.complete(it) }
        val frame = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS)
        val json = JSONObject(String(frame, 1, frame.size - 1))
        check(!json.has("error")) { "the sandbox refused: $json" }
        return json
    }

    internal companion object {
        /** The descriptor that turns notifications on: Bluetooth Core Specification, Vol 3, Part G, §3.3.3.3. */
        val CLIENT_CONFIGURATION: UUID = UUID.fromString("00002902-0000-1000-8000-00805f9b34fb")

        /** Frames of the interface. */
        const val HAND = 0x00
        const val CONNECT = 0x01
        const val DISCONNECT = 0x02
        const val NOTIFICATIONS = 0x03
        const val WRITE = 0x04
        const val READ = 0x05
        const val NOTIFIED = 0x90
        const val LINK_LOST = 0x91

        /** Status of a link that went down: Bluetooth Core Specification, Vol 1, Part F, §1.3. */
        const val CONNECTION_TIMEOUT = 0x08
        const val CONNECTION_TERMINATED_BY_PEER = 0x13

        private const val DEFAULT_CHUNK = 20
        private const val ATT_HEADER = 3
        private const val UUID_SIZE = 16
        private const val PATIENCE_SECONDS = 20L

        /** Types of advertising data: Assigned Numbers, §2.3. */
        private const val AD_FLAGS = 0x01
        private const val AD_SERVICE_128 = 0x07
        private const val AD_NAME = 0x09

        private val PROPERTIES = mapOf(
            "read" to BluetoothGattCharacteristic.PROPERTY_READ,
            "write" to BluetoothGattCharacteristic.PROPERTY_WRITE,
            "write-without-response" to BluetoothGattCharacteristic.PROPERTY_WRITE_NO_RESPONSE,
            "notify" to BluetoothGattCharacteristic.PROPERTY_NOTIFY,
        )

        /** All readers that are near, by address. */
        val nearby: MutableMap<String, NearbyReader> = Collections.synchronizedMap(LinkedHashMap())

        private fun field(type: Int, value: ByteArray) = byteArrayOf((value.size + 1).toByte(), type.toByte()) + value
    }
}
