package jp.madoguchi.app.scenes

import android.Manifest.permission.BLUETOOTH_CONNECT
import android.Manifest.permission.BLUETOOTH_SCAN
import android.bluetooth.BluetoothAdapter
import android.content.Intent
import jp.madoguchi.app.testing.NearbyReader
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.app.testing.until
import jp.madoguchi.core.Page
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.rules.TestRule
import java.time.Duration

/** What tests with a reader beside the phone or tablet have in common. */
abstract class BluetoothScene {
    @get:Rule val phone = Phone()
    internal val staff = Staff()

    @get:Rule val meeting: TestRule = Meeting { staff }
    internal val world get() = World.of(this)
    private val readers = mutableListOf<NearbyReader>()

    @After
    fun end() {
        staff.end()
        val held = readers.map(NearbyReader::connections)
        readers.forEach(NearbyReader::close)
        assertTrue("a connection was not closed: $held", held.all { it <= 1 })
    }

    internal fun reader(model: String = "ACR1255U-J1", options: JSONObject = JSONObject()) =
        NearbyReader(model, options).also { readers += it }

    /** A reader that was looked for and chosen, and is connected. */
    internal fun used(reader: NearbyReader): NearbyReader {
        chosen(reader)
        awaitConnected(reader)
        repeat(2) { staff.goBack() }
        return reader
    }

    /** A reader with a key of the institution's own, which was entered: the PIN may go over the air. */
    internal fun keyed(): NearbyReader {
        val reader = chosen(reader(options = JSONObject().put("master_key", KEY)))
        staff.goBack()
        enterKey()
        awaitConnected(reader)
        staff.goBack()
        return reader
    }

    /** A reader that was looked for and chosen; its page is on the screen. */
    internal fun chosen(reader: NearbyReader): NearbyReader {
        phone.grant(*PERMISSIONS)
        staff.setUp(world.addDevice())
        openReaders()
        staff.touch("リーダーを探す")
        staff.await(reader.name)
        staff.touch("つなぐ")
        return reader
    }

    internal fun openReaders() {
        staff.touch("設定")
        staff.touch("カードリーダー")
    }

    /** In the settings. */
    internal fun enterKey() {
        staff.touch("リーダーの鍵")
        staff.enter("鍵", KEY)
        staff.touch("設定する")
    }

    /** Waits, and lets time pass while there is no connection: the pauses between two attempts. */
    internal fun awaitConnected(reader: NearbyReader) = until("the reader to look for cards") {
        val state = reader.look().getString("state")
        if (state == "disconnected" || state == "asleep") staff.pass(PAUSE)
        state in setOf("polling", "powered", "card-present") || state == "connected" && reader.name.startsWith("FT_")
    }

    /** 目視確認, until a card may be held for some time. */
    internal fun awaitVisual(era: String = "昭和", date: String = "550217") {
        typeDate(era, date)
        awaitCard()
    }

    internal fun typeDate(era: String, date: String) {
        staff.touch("A 目視確認")
        staff.touch(era)
        staff.type(date)
    }

    internal fun typePin(pin: String = "1234") {
        staff.touch("B 4桁の暗証番号")
        staff.type(pin)
    }

    /** Until the reader has looked for a card for some time, and found none. */
    internal fun awaitCard() {
        staff.awaitPage("empty reader") { it is Page.HoldCard && it.view.ready }
        until("the reader") { staff.reads("カードをかざしてください") && !staff.reads(LIES) }
        staff.pass(LOOKING)
    }

    /** The tap ends without a result; the card is taken away, and may be held again. */
    internal fun awaitFailure(reader: NearbyReader) {
        staff.awaitPage("failure") { it is Page.Failure || it is Page.HoldCard && it.view.again != null }
        reader.remove()
    }

    internal fun holdAgain(reader: NearbyReader) {
        if (staff.canTouch(AGAIN)) staff.touch(AGAIN)
        awaitConnected(reader)
        awaitCard()
    }

    internal fun switchBluetooth(on: Boolean) {
        phone.switchBluetooth(on)
        val state = if (on) BluetoothAdapter.STATE_ON else BluetoothAdapter.STATE_OFF
        phone.application.sendBroadcast(Intent(BluetoothAdapter.ACTION_STATE_CHANGED).putExtra(BluetoothAdapter.EXTRA_STATE, state))
        staff.settle()
    }

    internal companion object {
        val PERMISSIONS = arrayOf(BLUETOOTH_SCAN, BLUETOOTH_CONNECT)
        const val KEY = "00112233445566778899AABBCCDDEEFF"
        const val AGAIN = "もう一度カードをかざす"
        const val LIES = "カードが置かれたままです"

        /** Longer than a card that lies there from before could go unnoticed. */
        val LOOKING: Duration = Duration.ofSeconds(3)

        /** Longer than a reader is held that nobody uses. */
        val LET_GO: Duration = Duration.ofSeconds(6)
        private val PAUSE: Duration = Duration.ofSeconds(1)
    }
}
