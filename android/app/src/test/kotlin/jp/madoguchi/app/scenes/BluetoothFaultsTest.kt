package jp.madoguchi.app.scenes

import jp.madoguchi.app.testing.NearbyReader
import jp.madoguchi.app.testing.until
import jp.madoguchi.core.Page
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import java.time.Duration

/** What goes wrong between a phone and its reader. */
@RunWith(RobolectricTestRunner::class)
class BluetoothFaultsTest : BluetoothScene() {
    @Test
    @Meets(102, 108, 111)
    fun `garbled bytes, a lost link and silence each have their code, and cost no try`() {
        val reader = keyed()
        typePin()
        val faults = listOf(
            Triple("102", 3, JSONObject().put("corrupt", JSONObject().put("layer", "frame").put("at", 5).put("xor", 1))),
            Triple("111", 4, JSONObject().put("drop", JSONObject().put("after", 3))),
            Triple("108", 5, JSONObject().put("stall", JSONObject().put("after", 3))),
        )
        for ((code, answer, mishap) in faults) {
            if (staff.page is Page.Failure) holdAgain(reader) else awaitCard()
            val told = reader.mishap(mishap, answer)
            reader.insert("hanako")
            if (code == "108") {
                until("the answer that stops") { reader.look().getInt("answers") > told }
                staff.pass(SILENCE)
            }
            staff.meet(code.toInt())
            awaitFailure(reader)
        }
        holdAgain(reader)
        reader.insert("hanako")
        staff.await("山田　花子")
        assertTries(reader, left = 3, failed = 0)
    }

    @Test
    fun `a wrong PIN whose answer is lost costs one try, not two`() {
        val reader = keyed()
        typePin("9999")
        awaitCard()
        // Which answer it is that VERIFY has depends on what the core asks before.
        for (answer in 3..8) {
            reader.mishap(JSONObject().put("drop", JSONObject().put("after", 0)), answer)
            reader.insert("hanako")
            staff.awaitPage("failure") { it is Page.Failure || it is Page.HoldCard && it.view.again != null }
            val left = reader.look().getJSONObject("card").getInt("pin_tries_left")
            reader.remove()
            holdAgain(reader)
            if (left < 3) break
        }
        reader.insert("hanako")
        staff.await("暗証番号が違います")
        assertTries(reader, left = 2, failed = 1)
    }

    @Test
    @Meets(110)
    fun `a reader that falls asleep says how it is woken`() {
        val reader = used(reader())
        awaitVisual()
        reader.mishap(JSONObject().put("fall-asleep", JSONObject().put("worked", false)), answer = 4)
        reader.insert("hanako")
        staff.meet(110)
        awaitFailure(reader)
        if (staff.canTouch(AGAIN)) staff.touch(AGAIN)
        staff.await("リーダーのボタンを押してください")
        reader.wake()
        holdAgain(reader)
        reader.insert("hanako")
        staff.await("山田　花子")
    }

    @Test
    fun `a connection that is refused with status 133 is tried again, after longer and longer pauses`() {
        val reader = reader()
        repeat(3) { reader.refusals += GATT_ERROR }
        chosen(reader)
        awaitConnected(reader)
        val pauses = reader.attempts.zipWithNext { one, next -> next - one }
        assertEquals(3, pauses.size)
        assertTrue("$pauses", pauses.zip(listOf(500, 1_000, 2_000)).all { (pause, least) -> pause >= least })
    }

    @Test
    fun `a link that is lost while a card is awaited is made again, and nobody has to touch anything`() {
        val reader = used(reader())
        awaitVisual()
        val touches = staff.touches
        reader.leaves()
        staff.await("リーダーにつないでいます")
        awaitConnected(reader)
        awaitCard()
        reader.insert("hanako")
        staff.await("山田　花子")
        assertEquals(touches, staff.touches)
    }

    @Test
    fun `a reader that stays out of reach is told to who waits for it, and is there again when it comes back`() {
        val reader = used(reader())
        repeat(5) { reader.refusals += GATT_ERROR }
        awaitVisual()
        reader.leaves()
        staff.await("リーダーにつないでいます")
        until("the failure") {
            staff.pass(Duration.ofSeconds(1))
            staff.page is Page.Failure
        }
        assertTrue(staff.reads("111") && staff.reads("リーダーの電源と電池を確かめ"))
        holdAgain(reader)
        reader.insert("hanako")
        staff.await("山田　花子")
    }

    private fun assertTries(reader: NearbyReader, left: Int, failed: Int) {
        val card = reader.look().getJSONObject("card")
        assertEquals(left to failed, card.getInt("pin_tries_left") to card.getInt("failed_verifies"))
    }

    private companion object {
        const val GATT_ERROR = 133

        /** Longer than a reader may be silent while a card works. */
        val SILENCE: Duration = Duration.ofSeconds(16)
    }
}
