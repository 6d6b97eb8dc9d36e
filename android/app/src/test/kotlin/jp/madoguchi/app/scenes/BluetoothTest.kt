package jp.madoguchi.app.scenes

import android.Manifest.permission.BLUETOOTH_CONNECT
import android.Manifest.permission.BLUETOOTH_SCAN
import android.bluetooth.BluetoothAdapter
import android.content.Intent
import android.content.pm.PackageManager
import android.provider.Settings
import jp.madoguchi.app.testing.NearbyReader
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.app.testing.until
import jp.madoguchi.core.Page
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import java.time.Duration

/** A reader beside the phone or tablet. */
@RunWith(RobolectricTestRunner::class)
class BluetoothTest {
    @get:Rule val phone = Phone()
    private val staff = Staff()
    private val world get() = World.of(this)
    private val readers = mutableListOf<NearbyReader>()

    @After
    fun end() {
        staff.end()
        readers.forEach(NearbyReader::close)
    }

    @Test
    fun `the permission is asked for when a reader is looked for, and explained when it is refused`() {
        val reader = reader()
        staff.setUp(world.addDevice())
        openReaders()
        assertNull("not before it is needed", shadowOf(staff.activity).lastRequestedPermission)
        staff.touch("リーダーを探す")
        answer(granted = false, mayAskAgain = true)
        assertTrue(staff.reads("「付近のデバイス」の許可が要ります。位置情報には使いません。"))
        staff.touch("許可する")
        answer(granted = true)
        staff.await(reader.name)
    }

    @Test
    fun `who refused for good is led to the settings`() {
        val reader = reader()
        staff.setUp(world.addDevice())
        openReaders()
        staff.touch("リーダーを探す")
        answer(granted = false, mayAskAgain = false)
        assertTrue(staff.reads("設定アプリで許可すると"))
        staff.touch("設定アプリを開く")
        val opened = shadowOf(phone.application).nextStartedActivity
        assertEquals(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, opened.action)
        assertEquals("package:jp.madoguchi.app", opened.dataString)
        staff.leave()
        phone.grant(*PERMISSIONS)
        staff.comeBack()
        staff.logIn()
        openReaders()
        assertFalse(staff.reads("設定アプリで許可すると"))
        staff.touch("リーダーを探す")
        staff.await(reader.name)
    }

    @Test
    fun `while Bluetooth is off, it is asked to be switched on`() {
        phone.grant(*PERMISSIONS)
        val reader = reader()
        staff.setUp(world.addDevice())
        switch(false)
        openReaders()
        staff.touch("リーダーを探す")
        assertTrue(staff.reads("Bluetoothが切れています"))
        assertEquals(BluetoothAdapter.ACTION_REQUEST_ENABLE, shadowOf(phone.application).nextStartedActivity.action)
        switch(true)
        staff.touch("リーダーを探す")
        staff.await(reader.name)
    }

    @Test
    fun `an ACS reader reads a card, and tells of its battery`() {
        val reader = used(reader())
        reader.battery(42)
        awaitCard()
        staff.await("電池 42%")
        reader.insert("hanako")
        staff.await("山田　花子")
    }

    @Test
    fun `a Feitian reader reads a card`() {
        val reader = used(reader("bR500-C4"))
        awaitCard()
        reader.insert("hanako")
        staff.await("山田　花子")
    }

    @Test
    fun `a card that lies there from before is to be taken away first`() {
        val reader = used(reader())
        reader.insert("jiro")
        awaitCard("昭和", "530603")
        staff.await("カードが置かれたままです")
        reader.remove()
        staff.await("カードをかざしてください")
        reader.insert("hanako")
        staff.awaitPage("answer about the one that came") { it is Page.Failure || it is Page.HoldCard && it.view.again != null }
    }

    @Test
    fun `a link that is lost while a card is read is made again, and the card is held again`() {
        val reader = used(reader())
        awaitCard()
        reader.mishap(JSONObject().put("drop", JSONObject().put("after", 3)), answer = 4)
        reader.insert("hanako")
        staff.await("カードリーダーとの無線の接続が切れました")
        reader.remove()
        again()
        reader.insert("hanako")
        staff.await("山田　花子")
    }

    @Test
    fun `a connection that is refused with status 133 is tried again`() {
        val reader = reader()
        repeat(3) { reader.refusals += GATT_ERROR }
        used(reader, pauses = 3)
        assertTrue(reader.refusals.isEmpty())
    }

    @Test
    fun `a reader that falls asleep says how it is woken`() {
        val reader = used(reader())
        awaitCard()
        reader.mishap(JSONObject().put("fall-asleep", JSONObject().put("worked", false)), answer = 4)
        reader.insert("hanako")
        staff.await("カードリーダーが休止しました")
        reader.remove()
        staff.touch("もう一度カードをかざす")
        staff.await("リーダーのボタンを押してください")
        reader.wake()
        staff.pass(Duration.ofSeconds(6))
        staff.awaitReady()
        staff.pass(LOOKING)
        reader.insert("hanako")
        staff.await("山田　花子")
    }

    @Test
    fun `a reader with a key of its own is used once the key is entered`() {
        val reader = reader(options = JSONObject().put("master_key", KEY))
        phone.grant(*PERMISSIONS)
        staff.setUp(world.addDevice())
        use(reader)
        until("the refusal") { reader.look().getString("state") == "disconnected" }
        staff.goBack()
        staff.goBack()
        typeDate("昭和", "550217")
        staff.await("カードリーダーの鍵が、この端末に入れた鍵と合いません")
        assertTrue(staff.reads("109"))
        staff.touch("中止")
        staff.touch("設定")
        staff.touch("リーダーの鍵")
        staff.enter("鍵", KEY)
        staff.touch("設定する")
        awaitConnected(reader)
        staff.goBack()
        // With a key that nobody else knows, the PIN may go over the air.
        staff.touch("B 4桁の暗証番号")
        staff.type("1234")
        staff.awaitReady()
        staff.pass(LOOKING)
        reader.insert("hanako")
        staff.await("山田　花子")
    }

    @Test
    fun `Bluetooth that is switched off or taken away is told when a card is awaited`() {
        val reader = used(reader())
        switch(false)
        typeDate("昭和", "550217")
        staff.await("この端末のBluetoothが切れています")
        assertTrue(staff.reads("114"))
        switch(true)
        phone.deny(*PERMISSIONS)
        staff.touch("もう一度カードをかざす")
        staff.await("このアプリにBluetoothの使用が許可されていません")
        assertTrue(staff.reads("115"))
        phone.grant(*PERMISSIONS)
        staff.leave()
        staff.comeBack()
        staff.logIn()
        awaitConnected(reader)
    }

    @Test
    fun `the reader is let go when the app is left, and not when the device is turned`() {
        val reader = used(reader())
        staff.turn()
        staff.pass(Duration.ofSeconds(10))
        assertEquals("polling", reader.look().getString("state"))
        staff.leave()
        staff.pass(Duration.ofSeconds(6))
        until("the reader to be free") { reader.look().getString("state") == "disconnected" }
        staff.comeBack()
        staff.logIn()
        awaitConnected(reader)
    }

    @Test
    fun `a phone that has no reader in use any more reads cards itself`() {
        val reader = used(reader())
        openReaders()
        staff.touch("このリーダーを使うのをやめる")
        until("the reader to be free") { reader.look().getString("state") == "disconnected" }
        staff.goBack()
        staff.goBack()
        staff.touch("B 4桁の暗証番号")
        staff.type("1234")
        staff.await("カードをこの端末の裏面にかざしてください")
    }

    private fun reader(model: String = "ACR1255U-J1", options: JSONObject = JSONObject()) =
        NearbyReader(model, options).also { readers += it }

    /** A reader that was looked for and chosen, and is connected. */
    private fun used(reader: NearbyReader, pauses: Int = 0): NearbyReader {
        phone.grant(*PERMISSIONS)
        staff.setUp(world.addDevice())
        use(reader)
        repeat(pauses) { again ->
            until("attempt ${again + 1}") { reader.refusals.size < pauses - again }
            staff.pass(Duration.ofSeconds(20))
        }
        awaitConnected(reader)
        staff.goBack()
        staff.goBack()
        return reader
    }

    private fun use(reader: NearbyReader) {
        openReaders()
        staff.touch("リーダーを探す")
        staff.await(reader.name)
        staff.touch("つなぐ")
    }

    private fun openReaders() {
        staff.touch("設定")
        staff.touch("カードリーダー")
    }

    private fun awaitConnected(reader: NearbyReader) =
        until("the reader to look for cards") { reader.look().getString("state") in setOf("polling", "connected", "powered", "card-present") }

    /** 目視確認, until a card may be held for some time. */
    private fun awaitCard(era: String = "昭和", date: String = "550217") {
        typeDate(era, date)
        staff.awaitReady()
        staff.pass(LOOKING)
    }

    private fun typeDate(era: String, date: String) {
        staff.touch("A 目視確認")
        staff.touch(era)
        staff.type(date)
    }

    /** After a failure: the same card again. */
    private fun again() {
        if (staff.canTouch("もう一度カードをかざす")) staff.touch("もう一度カードをかざす")
        staff.pass(Duration.ofSeconds(2))
        staff.awaitReady()
        staff.pass(LOOKING)
    }

    /** The person answers the system's question. */
    private fun answer(granted: Boolean, mayAskAgain: Boolean = true) {
        val asked = shadowOf(staff.activity).lastRequestedPermission
        assertEquals(PERMISSIONS.toSet(), asked.requestedPermissions.toSet())
        val manager = shadowOf(phone.application.packageManager)
        for (permission in PERMISSIONS) manager.setShouldShowRequestPermissionRationale(permission, mayAskAgain && !granted)
        if (granted) phone.grant(*PERMISSIONS)
        val result = if (granted) PackageManager.PERMISSION_GRANTED else PackageManager.PERMISSION_DENIED
        staff.activity.onRequestPermissionsResult(asked.requestCode, PERMISSIONS, IntArray(PERMISSIONS.size) { result })
        staff.settle()
    }

    private fun switch(on: Boolean) {
        phone.switchBluetooth(on)
        val state = if (on) BluetoothAdapter.STATE_ON else BluetoothAdapter.STATE_OFF
        phone.application.sendBroadcast(Intent(BluetoothAdapter.ACTION_STATE_CHANGED).putExtra(BluetoothAdapter.EXTRA_STATE, state))
        staff.settle()
    }

    private companion object {
        val PERMISSIONS = arrayOf(BLUETOOTH_SCAN, BLUETOOTH_CONNECT)
        val LOOKING: Duration = Duration.ofSeconds(3)
        const val GATT_ERROR = 133
        const val KEY = "00112233445566778899AABBCCDDEEFF"
    }
}
