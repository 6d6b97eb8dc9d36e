package jp.madoguchi.app.testing

import android.Manifest
import android.bluetooth.BluetoothDevice
import android.bluetooth.BluetoothGatt
import android.bluetooth.BluetoothGattCallback
import android.bluetooth.BluetoothGattCharacteristic
import android.bluetooth.BluetoothGattDescriptor
import android.bluetooth.BluetoothManager
import android.bluetooth.BluetoothProfile
import android.bluetooth.BluetoothStatusCodes
import android.bluetooth.le.ScanCallback
import android.bluetooth.le.ScanResult
import android.nfc.TagLostException
import android.nfc.tech.IsoDep
import android.os.Handler
import android.os.Looper
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import java.util.Collections
import java.util.UUID
import java.util.concurrent.CompletableFuture

/** Cards and readers of the tests behave as those of a phone do. */
@RunWith(RobolectricTestRunner::class)
class SurroundingsTest {
    @get:Rule val phone = Phone()

    @Test
    fun `a card answers while it is held, and is another tag the next time`() = onWorker {
        HeldCard("hanako").use { card ->
            val first = requireNotNull(IsoDep.get(card.arrive())).apply { connect() }
            assertArrayEquals(OK, first.transceive(SELECT_JPKI))
            card.leaveAfter(0)
            assertThrows(TagLostException::class.java) { first.transceive(SELECT_JPKI) }
            val second = requireNotNull(IsoDep.get(card.arrive())).apply { connect() }
            assertThrows(SecurityException::class.java) { first.transceive(SELECT_JPKI) }
            assertArrayEquals(OK, second.transceive(SELECT_JPKI))
            assertEquals(listOf("00 A4 04 0C", "00 A4 04 0C"), card.commands)
        }
    }

    @Test
    fun `a phone that waits too briefly loses the card while it signs`() = onWorker {
        HeldCard("hanako").use { card ->
            val tag = requireNotNull(IsoDep.get(card.arrive())).apply { connect() }
            assertThrows(TagLostException::class.java) { tag.transceive(SIGN) }
            val next = requireNotNull(IsoDep.get(card.arrive())).apply { connect() }
            next.timeout = 5_000
            assertEquals(2, next.transceive(SIGN).size)
        }
    }

    @Test
    fun `a phone asks no card on its main thread`() {
        HeldCard("hanako").use { card ->
            val tag = requireNotNull(IsoDep.get(card.arrive()))
            assertThrows(IllegalStateException::class.java) { tag.connect() }
        }
    }

    @Test
    fun `a phone speaks with the card that it found last`() = onWorker {
        HeldCard("hanako").use { first ->
            val tag = requireNotNull(IsoDep.get(first.arrive())).apply { connect() }
            HeldCard("jiro").use { it.arrive() }
            assertThrows(SecurityException::class.java) { tag.transceive(SELECT_JPKI) }
        }
    }

    @Test
    fun `a reader is found, and connected to, and says who it is`() {
        phone.grant(Manifest.permission.BLUETOOTH_SCAN, Manifest.permission.BLUETOOTH_CONNECT)
        NearbyReader("ACR1255U-J1").use { reader ->
            assertEquals(listOf(reader.name), scan())
            val host = Host()
            reader.refusals += 133
            host.connect(reader)
            until("the refusal") { host.log == listOf("state 0, status 133") }
            host.gatt.connect()
            until("the connection") { host.log.last() == "state 2, status 0" }
            host.gatt.requestMtu(185)
            until("the size") { host.log.last() == "mtu 23" }
            host.gatt.discoverServices()
            until("the services") { host.log.last() == "services" }

            val battery = host.characteristic(BATTERY_LEVEL)
            assertTrue(host.gatt.readCharacteristic(battery))
            until("the level") { host.log.last() == "read 100" }
            host.gatt.setCharacteristicNotification(battery, true)
            val switch = battery.getDescriptor(NearbyReader.CLIENT_CONFIGURATION)
            val on = BluetoothGattDescriptor.ENABLE_NOTIFICATION_VALUE
            assertEquals(BluetoothStatusCodes.SUCCESS, host.gatt.writeDescriptor(switch, on))
            until("the switch") { host.log.last() == "switched" }
            reader.battery(42)
            until("the new level") { host.log.last() == "notified 42" }

            assertTrue("never on the thread that asked", host.threads.all { it != Thread.currentThread().name })
            reader.close()
            until("the loss") { host.log.last() == "state 0, status 8" }
        }
    }

    @Test
    fun `a second operation is refused until the first one's answer was heard`() {
        phone.grant(Manifest.permission.BLUETOOTH_CONNECT)
        NearbyReader("bR500-C4").use { reader ->
            val host = Host()
            // Answers wait on this thread until it is idle.
            val here = Handler(Looper.getMainLooper())
            host.connect(reader, here)
            until("the connection") { host.log.isNotEmpty() }
            host.gatt.discoverServices()
            until("the services") { host.log.last() == "services" }
            val battery = host.characteristic(BATTERY_LEVEL)
            assertTrue(host.gatt.readCharacteristic(battery))
            assertFalse(host.gatt.readCharacteristic(battery))
            until("the level") { host.log.last() == "read 100" }
            assertTrue(host.gatt.readCharacteristic(battery))
        }
    }

    @Test
    fun `without permission there is no Bluetooth`() {
        phone.deny(Manifest.permission.BLUETOOTH_SCAN, Manifest.permission.BLUETOOTH_CONNECT)
        NearbyReader("bR500-C4").use { reader ->
            assertThrows(SecurityException::class.java) { scan() }
            assertThrows(SecurityException::class.java) { Host().connect(reader) }
        }
    }

    @Test
    fun `the service hands out a link once`() {
        val one = Sandbox.shared.addDevice()
        assertTrue(one.link.startsWith("madoguchi://enrol?"))
        assertNotEquals(one, Sandbox.shared.addDevice())
    }

    /** Where a card may be asked something. */
    private fun onWorker(what: () -> Unit) {
        CompletableFuture.runAsync(what).get()
    }

    private fun scan(): List<String> {
        val found = Collections.synchronizedList(mutableListOf<String>())
        val manager = requireNotNull(phone.application.getSystemService(BluetoothManager::class.java))
        manager.adapter.bluetoothLeScanner.startScan(object : ScanCallback() {
            override fun onScanResult(type: Int, result: ScanResult) {
                found += requireNotNull(result.scanRecord?.deviceName)
            }
        })
        assertTrue("not while it is asked", found.isEmpty())
        until("a reader") { found.isNotEmpty() }
        return found.toList()
    }

    /** A host that writes down what it hears. */
    private class Host : BluetoothGattCallback() {
        val log: MutableList<String> = Collections.synchronizedList(mutableListOf())
        val threads: MutableSet<String> = Collections.synchronizedSet(mutableSetOf())
        lateinit var gatt: BluetoothGatt

        fun connect(reader: NearbyReader, where: Handler? = null) {
            val (transport, phy) = BluetoothDevice.TRANSPORT_LE to BluetoothDevice.PHY_LE_1M_MASK
            gatt = reader.device.connectGatt(null, false, this, transport, phy, where)
        }

        fun characteristic(uuid: UUID) = gatt.services.flatMap { it.characteristics }.first { it.uuid == uuid }

        private fun hear(what: String) {
            threads += Thread.currentThread().name
            log += what
        }

        override fun onConnectionStateChange(gatt: BluetoothGatt, status: Int, state: Int) {
            hear("state $state, status $status")
            assertTrue(state == BluetoothProfile.STATE_CONNECTED || state == BluetoothProfile.STATE_DISCONNECTED)
        }

        override fun onMtuChanged(gatt: BluetoothGatt, mtu: Int, status: Int) = hear("mtu $mtu")

        override fun onServicesDiscovered(gatt: BluetoothGatt, status: Int) = hear("services")

        override fun onDescriptorWrite(gatt: BluetoothGatt, descriptor: BluetoothGattDescriptor, status: Int) = hear("switched")

        override fun onCharacteristicRead(gatt: BluetoothGatt, which: BluetoothGattCharacteristic, value: ByteArray, status: Int) =
            hear("read ${value.single()}")

        override fun onCharacteristicChanged(gatt: BluetoothGatt, which: BluetoothGattCharacteristic, value: ByteArray) =
            hear("notified ${value.single()}")
    }

    private companion object {
        val OK = byteArrayOf(0x90.toByte(), 0x00)
        val BATTERY_LEVEL: UUID = UUID.fromString("00002a19-0000-1000-8000-00805f9b34fb")

        /** SELECT of the JPKI application, and COMPUTE DIGITAL SIGNATURE out of turn. */
        val SELECT_JPKI = bytes("00 A4 04 0C 0A D3 92 F0 00 26 01 00 00 00 01")
        val SIGN = bytes("80 2A 00 80 01 00 00")

        fun bytes(hex: String) = hex.split(' ').map { it.toInt(16).toByte() }.toByteArray()
    }
}
