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
import jp.madoguchi.core.GattWrite
import jp.madoguchi.core.ReaderKind
import jp.madoguchi.core.WriteType
import java.util.UUID

/**
 * The GATT connection to one device, as Android has it: it is made, its services are discovered, values come and go, and it
 * is closed once.
 *
 * Lives on the thread of [handler], where all callbacks come in, after each other and never from within a call. There is no
 * exchange of an MTU: the core's chunks fit into the smallest one, and of longer ones nobody knows whether readers take them.
 */
// Whoever makes one has looked at the permission.
@SuppressLint("MissingPermission")
internal class GattClient(
    private val device: BluetoothDevice,
    private val handler: Handler,
    private val owner: Owner,
) : BluetoothGattCallback() {
    interface Owner {
        /** The device is connected, and has these services. */
        fun discovered(services: List<UUID>)

        /** A characteristic notified this, or was read. The bytes are overwritten afterwards. */
        fun notified(characteristic: UUID, value: ByteArray)

        /** The connection was lost, or could not be made, or an operation failed without which it is worth nothing. */
        fun failed()
    }

    private var gatt: BluetoothGatt? = null
    private var operations: Operations? = null
    private var closed = false

    /** Connects now, and not whenever the device comes near: that takes longer, and is not given up. */
    fun open(context: Context) {
        val phy = BluetoothDevice.PHY_LE_1M_MASK
        gatt = device.connectGatt(context, false, this, BluetoothDevice.TRANSPORT_LE, phy, handler)
        if (gatt == null) owner.failed()
    }

    /** Turns on what a reader of this kind notifies, then reads what it tells about itself. */
    fun subscribe(kind: ReaderKind, done: () -> Unit) {
        val operations = operations
        val notify = characteristic(kind, kind.notify())
        if (operations == null || notify == null) return owner.failed()
        operations.subscribe(notify, needed = true, done)
        characteristic(kind, kind.battery())?.let { battery ->
            if (battery.properties and BluetoothGattCharacteristic.PROPERTY_NOTIFY != 0) {
                operations.subscribe(battery, needed = false) {}
            }
            read(operations, battery)
        }
        kind.information().mapNotNull { characteristic(kind, it) }.forEach { read(operations, it) }
    }

    /** Writes this once, and overwrites it. */
    fun write(kind: ReaderKind, write: GattWrite, done: () -> Unit) {
        val operations = operations
        val characteristic = characteristic(kind, write.characteristic)
        if (operations == null || characteristic == null) {
            write.bytes.fill(0)
            return owner.failed()
        }
        operations.write(characteristic, write.bytes, type(characteristic, write.writeType), done)
    }

    /** Short connection intervals, which cost the reader's battery: while a card is read. */
    fun hurry(on: Boolean) {
        val priority = if (on) BluetoothGatt.CONNECTION_PRIORITY_HIGH else BluetoothGatt.CONNECTION_PRIORITY_BALANCED
        gatt?.requestConnectionPriority(priority)
    }

    /** Android gives out only so many: one that is not closed is never used again. Nobody is told anything any more. */
    fun close() {
        closed = true
        operations?.stop()
        gatt?.disconnect()
        gatt?.close()
        gatt = null
    }

    override fun onConnectionStateChange(gatt: BluetoothGatt, status: Int, state: Int) {
        if (closed) return
        // A connection that could not be made has a status, often 133, for which Android has no name.
        if (status != BluetoothGatt.GATT_SUCCESS || state != BluetoothProfile.STATE_CONNECTED) return owner.failed()
        operations = Operations(gatt, owner::failed)
        if (!gatt.discoverServices()) owner.failed()
    }

    override fun onServicesDiscovered(gatt: BluetoothGatt, status: Int) {
        if (closed) return
        if (status == BluetoothGatt.GATT_SUCCESS) owner.discovered(gatt.services.map { it.uuid }) else owner.failed()
    }

    override fun onDescriptorWrite(gatt: BluetoothGatt, descriptor: BluetoothGattDescriptor, status: Int) =
        over(status)

    override fun onCharacteristicWrite(gatt: BluetoothGatt, characteristic: BluetoothGattCharacteristic, status: Int) =
        over(status)

    override fun onCharacteristicRead(gatt: BluetoothGatt, characteristic: BluetoothGattCharacteristic, value: ByteArray, status: Int) =
        over(status, value)

    @Deprecated("What Android 12 and earlier call")
    override fun onCharacteristicRead(gatt: BluetoothGatt, characteristic: BluetoothGattCharacteristic, status: Int) {
        @Suppress("DEPRECATION")
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU) over(status, characteristic.value)
    }

    override fun onCharacteristicChanged(gatt: BluetoothGatt, characteristic: BluetoothGattCharacteristic, value: ByteArray) =
        notified(characteristic.uuid, value)

    /** Android sets the value on this thread, right before it calls: the next notification cannot have replaced it. */
    @Deprecated("What Android 12 and earlier call")
    override fun onCharacteristicChanged(gatt: BluetoothGatt, characteristic: BluetoothGattCharacteristic) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) return
        @Suppress("DEPRECATION")
        val value: ByteArray? = characteristic.value
        value?.let { notified(characteristic.uuid, it) }
    }

    private fun over(status: Int, value: ByteArray? = null) {
        if (!closed) operations?.over(status == BluetoothGatt.GATT_SUCCESS, value)
    }

    private fun notified(characteristic: UUID, value: ByteArray) {
        if (!closed) owner.notified(characteristic, value)
        value.fill(0)
    }

    private fun read(operations: Operations, characteristic: BluetoothGattCharacteristic) =
        operations.read(characteristic) { notified(characteristic.uuid, it) }

    /** Of the reader's own service first: some have the same characteristic in several. */
    private fun characteristic(kind: ReaderKind, uuid: UUID): BluetoothGattCharacteristic? {
        val gatt = gatt ?: return null
        return gatt.getService(kind.service())?.getCharacteristic(uuid)
            ?: gatt.services.firstNotNullOfOrNull { it.getCharacteristic(uuid) }
    }

    /** As the kind wants it, if the characteristic offers both. */
    private fun type(characteristic: BluetoothGattCharacteristic, wanted: WriteType): Int {
        val with = characteristic.properties and BluetoothGattCharacteristic.PROPERTY_WRITE != 0
        val without = characteristic.properties and BluetoothGattCharacteristic.PROPERTY_WRITE_NO_RESPONSE != 0
        val silent = without && (!with || wanted == WriteType.WITHOUT_RESPONSE)
        return if (silent) BluetoothGattCharacteristic.WRITE_TYPE_NO_RESPONSE else BluetoothGattCharacteristic.WRITE_TYPE_DEFAULT
    }
}
