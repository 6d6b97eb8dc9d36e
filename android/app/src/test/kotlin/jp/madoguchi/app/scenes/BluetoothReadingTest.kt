package jp.madoguchi.app.scenes

import android.bluetooth.BluetoothGatt.CONNECTION_PRIORITY_BALANCED
import android.bluetooth.BluetoothGatt.CONNECTION_PRIORITY_HIGH
import jp.madoguchi.app.testing.until
import jp.madoguchi.core.Page
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** Cards are read by a reader beside the phone or tablet. */
@RunWith(RobolectricTestRunner::class)
class BluetoothReadingTest : BluetoothScene() {
    @Test
    fun `an ACS reader reads a card, and tells of its battery and firmware`() {
        val reader = used(reader())
        reader.battery(42)
        awaitVisual()
        staff.await("電池 42%")
        reader.insert("hanako")
        staff.await("山田　花子")
        assertEquals(listOf(CONNECTION_PRIORITY_HIGH, CONNECTION_PRIORITY_BALANCED), reader.priorities)
        staff.backToStart()
        openReaders()
        assertTrue(staff.words.toString(), staff.reads("ファームウェア") && staff.reads("42%"))
    }

    @Test
    fun `a Feitian reader reads a card, and is known by its kind when the app is opened again`() {
        val reader = used(reader("bR500-C4"))
        awaitVisual()
        reader.insert("hanako")
        staff.await("山田　花子")
        staff.backToStart()
        staff.leave()
        staff.pass(LET_GO)
        until("the reader to be free") { reader.look().getString("state") == "disconnected" }
        reader.remove()
        staff.comeBack()
        staff.logIn()
        awaitConnected(reader)
        awaitVisual()
        reader.insert("hanako")
        staff.await("山田　花子")
    }

    @Test
    fun `a card that lies there from before is to be taken away first`() {
        val reader = used(reader())
        reader.insert("jiro")
        typeDate("昭和", "550217")
        staff.await(LIES)
        reader.remove()
        awaitCard()
        reader.insert("hanako")
        staff.await("山田　花子")
    }

    @Test
    fun `a reader with a key of its own is used once the key is entered`() {
        val reader = chosen(reader(options = JSONObject().put("master_key", KEY)))
        until("the refusal") { reader.look().run { getString("state") == "disconnected" && getInt("answers") > 0 } }
        repeat(2) { staff.goBack() }
        typeDate("昭和", "550217")
        staff.await("カードリーダーの鍵が、この端末に入れた鍵と合いません")
        assertTrue(staff.reads("109"))
        staff.touch("中止")
        staff.touch("設定")
        enterKey()
        awaitConnected(reader)
        staff.goBack()
        // With a key that nobody else knows, the PIN may go over the air.
        typePin()
        awaitCard()
        reader.insert("hanako")
        staff.await("山田　花子")
    }

    @Test
    fun `over a link that everybody near can read along, a PIN goes only after a warning, if the settings allow`() {
        val reader = used(reader())
        assertTrue(staff.reads("暗証番号は使えません"))
        assertFalse(staff.canTouch("B 4桁の暗証番号"))
        staff.touch("設定")
        staff.touch("患者さまの了承を得て、暗証番号も使う")
        staff.goBack()
        staff.touch("B 4桁の暗証番号")
        staff.awaitPage("warning") { it is Page.Warning }
        assertTrue(staff.reads("近くの人に盗み見られるおそれがあります"))
        staff.touch("了承を得たので続ける")
        staff.type("1234")
        awaitCard()
        reader.insert("hanako")
        staff.await("山田　花子")
    }
}
