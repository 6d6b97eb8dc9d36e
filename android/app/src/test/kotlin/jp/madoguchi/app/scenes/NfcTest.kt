package jp.madoguchi.app.scenes

import android.nfc.NfcAdapter
import android.nfc.NfcAdapter.EXTRA_READER_PRESENCE_CHECK_DELAY
import android.nfc.tech.TagTechnology
import jp.madoguchi.app.testing.HeldCard
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.app.testing.PhoneNfcAdapter
import jp.madoguchi.core.Page
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.shadow.api.Shadow

/** Cards at the back of the phone. */
@RunWith(RobolectricTestRunner::class)
class NfcTest {
    @get:Rule val phone = Phone()
    private val staff = Staff()
    private val world get() = World.of(this)
    private val cards = mutableListOf<HeldCard>()

    @After
    fun end() {
        cards.forEach(HeldCard::close)
        staff.end()
    }

    @Test
    fun `cards of type B come to the app while it is in front, and are asked for nothing else`() {
        staff.start()
        val flags = NfcAdapter.FLAG_READER_NFC_B or NfcAdapter.FLAG_READER_SKIP_NDEF_CHECK or NfcAdapter.FLAG_READER_NO_PLATFORM_SOUNDS
        assertEquals(flags, radio().flags)
        assertTrue(radio().readerModeExtras.getInt(EXTRA_READER_PRESENCE_CHECK_DELAY) >= 1_000)
        staff.leave()
        assertFalse(radio().isInReaderMode)
        staff.comeBack()
        assertTrue(radio().isInReaderMode)
    }

    @Test
    fun `a card that is taken away after any command is held again, and no try is lost`() {
        staff.setUp(world.addDevice())
        val card = card("hanako")
        for (worked in listOf(false, true)) {
            var commands = 0
            while (losing(card, commands, worked)) commands += 1
            assertTrue("a tap has more than $commands commands", commands > 5)
        }
        assertEquals(3, card.triesLeft())
    }

    /** A check whose card leaves after so many commands; whether it came to that. */
    private fun losing(card: HeldCard, commands: Int, worked: Boolean): Boolean {
        world.advance(HOURLY)
        staff.await("B 4桁の暗証番号")
        choosePin()
        card.arrive().let {
            card.leaveAfter(commands, worked)
            card.announce(it)
        }
        staff.awaitPage("end of the tap") { it is Page.Result || it is Page.HoldCard && it.view.again != null }
        val lost = staff.page is Page.HoldCard
        if (lost) {
            assertTrue(staff.reads("カードが離れました"))
            staff.awaitReady()
            card.hold()
            staff.awaitPage("result after $commands, $worked") { it is Page.Result }
        }
        assertTrue(staff.reads("山田　花子"))
        staff.touch("次の患者")
        return lost
    }

    @Test
    fun `a wrong PIN costs one try, however often the card is taken away`() {
        staff.setUp(world.addDevice())
        val card = card("jiro")
        staff.touch("B 4桁の暗証番号")
        staff.type("9876")
        staff.awaitReady()
        card.arrive().let {
            // SELECT, the head of the certificate, the counter: the answer to VERIFY is what is lost.
            card.leaveAfter(VERIFY_AT - 1, worked = true)
            card.announce(it)
        }
        staff.await("カードが離れました")
        staff.awaitReady()
        card.hold()
        staff.await("暗証番号が違います")
        assertEquals(2, card.triesLeft())
    }

    @Test
    fun `a card that is held too early is read as soon as all is ready`() {
        staff.setUp(world.addDevice())
        world.delay("/v1/challenges", seconds = 2, times = 1)
        staff.touch("B 4桁の暗証番号")
        staff.type("1234")
        val page = staff.page
        assertTrue("not ready yet", page is Page.HoldCard && !page.view.ready)
        val card = card("matsu")
        card.hold()
        staff.settle()
        assertEquals(emptyList<String>(), card.commands)
        staff.await("有効")
        assertTrue(staff.reads("松本　まつ"))
    }

    @Test
    fun `a card that lies there since another patient is never read`() {
        staff.setUp(world.addDevice())
        val lying = card("ume")
        lying.hold()
        choosePin()
        staff.settle()
        assertEquals(emptyList<String>(), lying.commands)
        assertTrue(staff.page is Page.HoldCard)
        lying.hold()
        staff.await("梅田　うめ")
    }

    @Test
    fun `a tag of a moment ago is nothing to be asked`() {
        staff.setUp(world.addDevice())
        choosePin()
        val card = card("take")
        val stale = card.arrive()
        card.arrive()
        card.announce(stale)
        staff.await("カードが離れました")
        assertEquals(emptyList<String>(), card.commands)
        staff.awaitReady()
        card.hold()
        staff.await("竹内　武")
    }

    @Test
    fun `another card in the middle of a check is told, and what was typed is forgotten`() {
        staff.setUp(world.addDevice())
        choosePin()
        val first = card("sotoji")
        first.arrive().let {
            first.leaveAfter(3)
            first.announce(it)
        }
        staff.await("カードが離れました")
        staff.awaitReady()
        card("fuku").hold()
        staff.await("はじめと違うカードです")
        assertEquals(3, first.triesLeft())
    }

    @Test
    fun `a card that speaks no ISO-DEP is not recognised`() {
        staff.setUp(world.addDevice())
        choosePin()
        val card = card("suika")
        card.technologies = intArrayOf(TagTechnology.NFC_B)
        card.hold()
        staff.await("カードを認識できません")
        assertTrue(staff.reads("107"))
    }

    @Test
    fun `while NFC is off the card is not awaited in vain`() {
        staff.setUp(world.addDevice())
        phone.switchNfc(false)
        staff.touch("B 4桁の暗証番号")
        staff.type("1234")
        staff.await("この端末のNFCが切れています")
        assertTrue(staff.reads("113"))
        phone.switchNfc(true)
        staff.touch("もう一度カードをかざす")
        staff.awaitReady()
        card("shichiro").hold()
        staff.await("七田　七郎")
    }

    @Test
    fun `a phone without NFC asks for a reader`() {
        phone.hasNfc(false)
        staff.setUp(world.addDevice())
        staff.touch("B 4桁の暗証番号")
        staff.type("1234")
        staff.await("カードリーダーがつながっていません")
        assertTrue(staff.reads("104"))
    }

    private fun choosePin() {
        staff.touch("B 4桁の暗証番号")
        staff.type("1234")
        staff.awaitReady()
    }

    private fun card(person: String) = HeldCard(person, drawer = "nfc").also { cards += it }

    private fun radio() = Shadow.extract<PhoneNfcAdapter>(NfcAdapter.getDefaultAdapter(phone.application))

    private companion object {
        /** The service takes ten checks an hour with one certificate. */
        const val HOURLY = 400

        /** SELECT, the head of EF 000A, the counter, VERIFY. */
        const val VERIFY_AT = 4
    }
}
