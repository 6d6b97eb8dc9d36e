package jp.madoguchi.app.testing

import android.Manifest
import android.bluetooth.BluetoothDevice
import android.bluetooth.BluetoothGatt
import android.bluetooth.BluetoothGattCallback
import android.bluetooth.BluetoothGattCharacteristic
import android.bluetooth.BluetoothGattDescriptor
import android.bluetooth.BluetoothGattService
import android.bluetooth.BluetoothProfile
import android.bluetooth.BluetoothStatusCodes
import android.bluetooth.le.BluetoothLeScanner
import android.bluetooth.le.ScanCallback
import android.bluetooth.le.ScanFilter
import android.bluetooth.le.ScanSettings
import android.content.Context
import android.content.pm.PackageManager
import android.os.Handler
import android.os.Looper
import android.os.SystemClock
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.annotation.RealObject
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowBluetoothDevice
import org.robolectric.shadows.ShadowBluetoothGatt
import org.robolectric.shadows.ShadowBluetoothLeScanner
import java.nio.ByteBuffer
import java.util.UUID
import java.util.concurrent.Executor
import java.util.concurrent.Executors

/** The thread on which the Bluetooth service calls an app back that named no handler: never one of the app's own. */
private val binder: Executor = Executors.newSingleThreadExecutor { Thread(it, "Binder").apply { isDaemon = true } }

private fun require(permission: String) {
    val granted = RuntimeEnvironment.getApplication().checkSelfPermission(permission)
    if (granted != PackageManager.PERMISSION_GRANTED) throw SecurityException("Need $permission permission")
}

/** Gives a connection the handler that the app named. */
@Implements(BluetoothDevice::class)
class PhoneBluetoothDevice : ShadowBluetoothDevice() {
    @Implementation
    public override fun connectGatt(
        context: Context?,
        autoConnect: Boolean,
        callback: BluetoothGattCallback,
        transport: Int,
        phy: Int,
        handler: Handler?,
    ): BluetoothGatt {
        require(Manifest.permission.BLUETOOTH_CONNECT)
        val gatt = super.connectGatt(context, autoConnect, callback, transport, phy, handler)
        Shadow.extract<PhoneGatt>(gatt).open(handler)
        return gatt
    }

    @Implementation
    public override fun connectGatt(
        context: Context?,
        autoConnect: Boolean,
        callback: BluetoothGattCallback,
        transport: Int,
    ): BluetoothGatt =
        connectGatt(context, autoConnect, callback, transport, BluetoothDevice.PHY_LE_1M_MASK, null)

    @Implementation
    public override fun connectGatt(context: Context?, autoConnect: Boolean, callback: BluetoothGattCallback): BluetoothGatt =
        connectGatt(context, autoConnect, callback, BluetoothDevice.TRANSPORT_AUTO)
}

/**
 * A connection to a [NearbyReader], as the framework makes one: callbacks come later and from another thread, one
 * operation runs at a time, notifications need the descriptor and the app's own registration, and after `close`
 * nothing comes any more.
 */
@Implements(BluetoothGatt::class)
class PhoneGatt : ShadowBluetoothGatt(), NearbyReader.Listener {
    @RealObject private lateinit var real: BluetoothGatt
    private var executor: Executor = binder
    private var closed = false
    private var connected = false
    private var busy = false
    private var mtu = DEFAULT_MTU
    private var discovered: List<BluetoothGattService> = emptyList()
    private val registered = mutableSetOf<UUID>()

    private val reader: NearbyReader? get() = NearbyReader.nearby[real.device.address]

    internal fun open(handler: Handler?) {
        if (handler != null) executor = Executor { handler.post(it) }
        connect()
    }

    @Implementation
    public override fun connect(): Boolean {
        require(Manifest.permission.BLUETOOTH_CONNECT)
        val reader = reader
        reader?.run { attempts += SystemClock.elapsedRealtime() }
        val refusal = reader?.refusals?.removeFirstOrNull()
        if (reader == null || refusal != null) {
            call { it.onConnectionStateChange(real, refusal ?: GATT_ERROR, BluetoothProfile.STATE_DISCONNECTED) }
            return true
        }
        reader.listener = this
        reader.ask(NearbyReader.CONNECT) { answer ->
            connected = answer.status == BluetoothGatt.GATT_SUCCESS
            // A reader that does not advertise is waited for in vain.
            val (status, state) = if (connected) {
                BluetoothGatt.GATT_SUCCESS to BluetoothProfile.STATE_CONNECTED
            } else {
                GATT_ERROR to BluetoothProfile.STATE_DISCONNECTED
            }
            call { it.onConnectionStateChange(real, status, state) }
        }
        return true
    }

    @Implementation
    public override fun disconnect() {
        if (!connected) return
        connected = false
        reader?.ask(NearbyReader.DISCONNECT) {
            call { it.onConnectionStateChange(real, BluetoothGatt.GATT_SUCCESS, BluetoothProfile.STATE_DISCONNECTED) }
        }
    }

    @Implementation
    public override fun close() {
        if (!closed) reader?.closes?.incrementAndGet()
        closed = true
        reader?.let { reader ->
            if (reader.listener === this) reader.listener = null
            if (connected) reader.ask(NearbyReader.DISCONNECT) {}
        }
        connected = false
    }

    @Implementation
    public override fun requestConnectionPriority(priority: Int): Boolean {
        reader?.run { priorities += priority }
        return connected
    }

    @Implementation
    public override fun requestMtu(mtu: Int): Boolean = begin {
        this.mtu = minOf(mtu, reader?.mtu ?: mtu).coerceAtLeast(DEFAULT_MTU)
        end { it.onMtuChanged(real, this.mtu, BluetoothGatt.GATT_SUCCESS) }
    }

    @Implementation
    public override fun discoverServices(): Boolean = begin {
        discovered = reader?.services().orEmpty()
        end { it.onServicesDiscovered(real, BluetoothGatt.GATT_SUCCESS) }
    }

    @Implementation
    public override fun getServices(): List<BluetoothGattService> = discovered

    @Implementation
    public override fun getService(uuid: UUID): BluetoothGattService? = discovered.firstOrNull { it.uuid == uuid }

    @Implementation
    public override fun setCharacteristicNotification(characteristic: BluetoothGattCharacteristic, enable: Boolean): Boolean {
        if (enable) registered += characteristic.uuid else registered -= characteristic.uuid
        return true
    }

    @Implementation
    public override fun writeDescriptor(descriptor: BluetoothGattDescriptor, value: ByteArray): Int = code {
        val uuid = bytes(descriptor.characteristic.uuid)
        val on = value.contentEquals(BluetoothGattDescriptor.ENABLE_NOTIFICATION_VALUE)
        reader?.ask(NearbyReader.NOTIFICATIONS, uuid + (if (on) 1 else 0).toByte()) { answer ->
            end { it.onDescriptorWrite(real, descriptor, answer.status) }
        }
    }

    @Implementation
    public override fun writeCharacteristic(characteristic: BluetoothGattCharacteristic, value: ByteArray, writeType: Int): Int =
        code {
            // The app may wipe or use its buffer again as soon as the call is over.
            reader?.ask(NearbyReader.WRITE, bytes(characteristic.uuid) + value) { answer ->
                end { it.onCharacteristicWrite(real, characteristic, answer.status) }
            }
        }

    @Implementation
    public override fun readCharacteristic(characteristic: BluetoothGattCharacteristic): Boolean = begin {
        reader?.ask(NearbyReader.READ, bytes(characteristic.uuid)) { answer ->
            val value = answer.copyOfRange(2, answer.size)
            end { it.onCharacteristicRead(real, characteristic, value, answer.status) }
        }
    }

    override fun notified(characteristic: UUID, value: ByteArray) {
        val found = discovered.flatMap { it.characteristics }.firstOrNull { it.uuid == characteristic } ?: return
        call { if (characteristic in registered) it.onCharacteristicChanged(real, found, value) }
    }

    override fun linkLost(status: Int) {
        if (!connected) return
        connected = false
        busy = false
        call { it.onConnectionStateChange(real, status, BluetoothProfile.STATE_DISCONNECTED) }
    }

    /** An operation, if none runs: the framework refuses a second one. */
    private fun begin(operation: () -> Unit): Boolean {
        require(Manifest.permission.BLUETOOTH_CONNECT)
        synchronized(this) {
            if (closed || !connected || busy) return false
            busy = true
        }
        operation()
        return true
    }

    private fun code(operation: () -> Unit): Int = when {
        begin(operation) -> BluetoothStatusCodes.SUCCESS
        busy -> BluetoothStatusCodes.ERROR_GATT_WRITE_REQUEST_BUSY
        else -> BluetoothStatusCodes.ERROR_PROFILE_SERVICE_NOT_BOUND
    }

    private fun end(callback: (BluetoothGattCallback) -> Unit) = call {
        busy = false
        callback(it)
    }

    private fun call(callback: (BluetoothGattCallback) -> Unit) = executor.execute {
        if (!closed) gattCallback?.let(callback)
    }

    private fun bytes(uuid: UUID): ByteArray =
        ByteBuffer.allocate(16).putLong(uuid.mostSignificantBits).putLong(uuid.leastSignificantBits).array()

    private val ByteArray.status get() = this[1].toInt() and 0xFF

    private companion object {
        /** Of the Bluetooth Core Specification, Vol 3, Part F, §3.2.8. */
        const val DEFAULT_MTU = 23

        /** 133, which Android has no public name for: connecting did not work. */
        const val GATT_ERROR = 0x85
    }
}

/** Scanning finds the readers that are near, and says so on the main thread, as the framework does. */
@Implements(BluetoothLeScanner::class)
class PhoneLeScanner : ShadowBluetoothLeScanner() {
    private val main = Handler(Looper.getMainLooper())

    @Implementation
    public override fun startScan(filters: List<ScanFilter>?, settings: ScanSettings?, callback: ScanCallback) {
        require(Manifest.permission.BLUETOOTH_SCAN)
        super.startScan(filters, settings, callback)
        main.post { announce(filters.orEmpty(), callback) }
    }

    /** What the radio hears now, told to all that scan. */
    fun hear() {
        for (scan in activeScans) {
            scan.scanCallback()?.let { callback -> main.post { announce(scan.scanFilters().orEmpty(), callback) } }
        }
    }

    private fun announce(filters: List<ScanFilter>, callback: ScanCallback) {
        for (reader in NearbyReader.nearby.values.toList()) {
            val found = reader.advertisement()
            if (callback in scanCallbacks && (filters.isEmpty() || filters.any { it.matches(found) })) {
                callback.onScanResult(ScanSettings.CALLBACK_TYPE_ALL_MATCHES, found)
            }
        }
    }
}
