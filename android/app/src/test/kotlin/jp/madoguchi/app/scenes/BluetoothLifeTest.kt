package jp.madoguchi.app.scenes

import jp.madoguchi.app.testing.until
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import java.time.Duration

/** When the app holds the connection to the reader in use, and when it lets it go. */
@RunWith(RobolectricTestRunner::class)
class BluetoothLifeTest : BluetoothScene() {
    @Test
    @Meets(114, 115)
    fun `Bluetooth that is switched off or taken away is told when a card is awaited`() {
        val reader = used(reader())
        awaitVisual()
        switchBluetooth(false)
        staff.meet(114)
        phone.deny(*PERMISSIONS)
        switchBluetooth(true)
        staff.touch(AGAIN)
        staff.meet(115)
        staff.leave()
        phone.grant(*PERMISSIONS)
        staff.comeBack()
        staff.logIn()
        awaitConnected(reader)
    }

    @Test
    fun `the reader is let go when the app is left, and not when the device is turned`() {
        val reader = used(reader())
        staff.turn()
        staff.pass(LET_GO)
        assertEquals("polling", reader.look().getString("state"))
        staff.leave()
        staff.pass(LET_GO)
        until("the reader to be free") { reader.look().getString("state") == "disconnected" }
        staff.comeBack()
        staff.logIn()
        awaitConnected(reader)
    }

    @Test
    @Meets(109)
    fun `a reader that refused its key is not tried again before a person asks`() {
        val reader = chosen(reader(options = JSONObject().put("master_key", KEY)))
        fun answers() = reader.look().getInt("answers")
        until("the refusal") { reader.look().getString("state") == "disconnected" && answers() > 0 }
        val before = answers()
        staff.leave()
        staff.pass(LET_GO)
        staff.comeBack()
        staff.logIn()
        staff.pass(Duration.ofMinutes(1))
        typeDate("昭和", "550217")
        staff.meet(109)
        assertEquals(before, answers())
        staff.touch(AGAIN)
        until("another attempt") { answers() > before }
    }
}
