package jp.madoguchi.app.bluetooth

import android.bluetooth.BluetoothGatt
import android.bluetooth.BluetoothGattCharacteristic
import android.bluetooth.BluetoothGattDescriptor
import android.bluetooth.BluetoothStatusCodes
import android.os.Build
import java.util.UUID

/**
 * GATT operations, one at a time: Android forgets, or refuses, a second one while the first is under way.
 *
 * @param failed what could not even begin, or did not work, is the end of the connection.
 */
internal class Operations(private val gatt: BluetoothGatt, private val failed: () -> Unit) {
    private class Operation(
        val begin: () -> Boolean,
        val done: (ByteArray?) -> Unit,
        val needed: Boolean,
        /** What is to be overwritten if it never begins. */
        val bytes: ByteArray? = null,
    )

    private val waiting = ArrayDeque<Operation>()
    private var running: Operation? = null

    /** Reads a value; one that cannot be read is left out. */
    fun read(characteristic: BluetoothGattCharacteristic, done: (ByteArray) -> Unit) = add(
        Operation({ gatt.readCharacteristic(characteristic) }, { value -> value?.let(done) }, needed = false),
    )

    /** Writes, once. The bytes are overwritten as soon as the stack has them. */
    fun write(characteristic: BluetoothGattCharacteristic, bytes: ByteArray, type: Int, done: () -> Unit) = add(
        Operation({ begin(characteristic, bytes, type).also { bytes.fill(0) } }, { done() }, needed = true, bytes),
    )

    /**
     * Turns notifications on: at this end, and by the Client Characteristic Configuration at the other (Bluetooth Core
     * Specification, Vol 3, Part G, §3.3.3.3).
     */
    fun subscribe(characteristic: BluetoothGattCharacteristic, needed: Boolean, done: () -> Unit) = add(
        Operation({ begin(characteristic) }, { done() }, needed),
    )

    /** The operation that runs is over. */
    fun over(worked: Boolean, value: ByteArray? = null) {
        val operation = running ?: return
        running = null
        if (worked) operation.done(value) else if (operation.needed) return failed()
        next()
    }

    /** Nothing more is begun, and nobody is told. */
    fun stop() {
        waiting.forEach { it.bytes?.fill(0) }
        waiting.clear()
        running = null
    }

    private fun add(operation: Operation) {
        waiting += operation
        next()
    }

    /** Begins the next one, unless what is over has begun it itself. */
    private fun next() {
        if (running != null) return
        val operation = waiting.removeFirstOrNull() ?: return
        running = operation
        if (operation.begin()) return
        running = null
        if (operation.needed) failed() else next()
    }

    private fun begin(characteristic: BluetoothGattCharacteristic, bytes: ByteArray, type: Int): Boolean {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            return gatt.writeCharacteristic(characteristic, bytes, type) == BluetoothStatusCodes.SUCCESS
        }
        @Suppress("DEPRECATION")
        characteristic.value = bytes
        characteristic.writeType = type
        @Suppress("DEPRECATION")
        return gatt.writeCharacteristic(characteristic)
    }

    private fun begin(characteristic: BluetoothGattCharacteristic): Boolean {
        val descriptor = characteristic.getDescriptor(CONFIGURATION) ?: return false
        if (!gatt.setCharacteristicNotification(characteristic, true)) return false
        val indicates = characteristic.properties and BluetoothGattCharacteristic.PROPERTY_NOTIFY == 0
        val value = if (indicates) {
            BluetoothGattDescriptor.ENABLE_INDICATION_VALUE
        } else {
            BluetoothGattDescriptor.ENABLE_NOTIFICATION_VALUE
        }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            return gatt.writeDescriptor(descriptor, value) == BluetoothStatusCodes.SUCCESS
        }
        @Suppress("DEPRECATION")
        descriptor.value = value
        @Suppress("DEPRECATION")
        return gatt.writeDescriptor(descriptor)
    }

    private companion object {
        /** Client Characteristic Configuration. */
        val CONFIGURATION: UUID = UUID.fromString("00002902-0000-1000-8000-00805f9b34fb")
    }
}
