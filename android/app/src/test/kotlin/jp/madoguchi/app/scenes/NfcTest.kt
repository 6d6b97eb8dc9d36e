package jp.madoguchi.app.scenes

import android.nfc.NfcAdapter
import android.nfc.NfcAdapter.EXTRA_READER_PRESENCE_CHECK_DELAY
import android.nfc.tech.TagTechnology
import jp.madoguchi.app.testing.HeldCard
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.app.testing.PhoneNfcAdapter
import jp.madoguchi.app.testing.Sandbox
import jp.madoguchi.core.Page
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TestRule
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.shadow.api.Shadow

/** Cards at the back of the phone. */
@RunWith(RobolectricTestRunner::class)
class NfcTest {
    @get:Rule val phone = Phone()
    @get:Rule val meeting: TestRule = Meeting { staff }
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
    fun `NFC that is switched on while the app is in front serves it`() {
        phone.switchNfc(false)
        staff.start()
        assertFalse(radio().isInReaderMode)
        phone.switchNfc(true)
        staff.settle()
        assertTrue(radio().isInReaderMode)
    }

    @Test
    fun `a card that is taken away at any command of a first visit is held again`() {
        val world = World.of(this, "--known-months", "0")
        staff.setUp(world.addDevice())
        val card = card("hanako")
        everywhere(length(world, card, ::choosePin)) { commands, worked ->
            lose(world, card, commands, worked, ::choosePin)
            // With the signature in hand, the rest is read without the PIN.
            if (commands >= KNOWN) assertEquals("after $commands", 1, card.exchanges.count { it.instruction == VERIFY && it.carries })
        }
        assertEquals(3, card.triesLeft())
    }

    @Test
    fun `a card that is taken away at any command of a later visit is held again`() {
        staff.setUp(world.addDevice())
        val card = card("hanako")
        length(world, card, ::choosePin)
        everywhere(KNOWN) { commands, worked -> lose(world, card, commands, worked, ::choosePin) }
        assertEquals(3, card.triesLeft())
    }

    @Test
    fun `a card that is taken away at any command of a check by sight is held again`() {
        val world = World.of(this, "--known-months", "0")
        staff.setUp(world.addDevice())
        val card = card("hanako")
        everywhere(length(world, card, ::chooseSight)) { commands, worked -> lose(world, card, commands, worked, ::chooseSight) }
    }

    @Test
    fun `a wrong PIN costs one try, wherever the card is taken away`() {
        staff.setUp(world.addDevice())
        val card = card("jiro")
        everywhere(VERIFY_AT) { commands, worked ->
            world.advance(HOURLY)
            choosePin("9876")
            card.holdFor(commands, worked)
            staff.await("カードが離れました")
            staff.awaitReady()
            card.hold()
            staff.await("暗証番号が違います")
            assertEquals("after $commands, $worked", 2, card.triesLeft())
            staff.touch("もう一度入力する")
            staff.type("1234")
            staff.awaitReady()
            card.hold()
            staff.await("山田　次郎")
            staff.touch("次の患者")
        }
    }

    @Test
    fun `with one try left no PIN goes to the card before the person has read so and goes on`() {
        staff.setUp(world.addDevice())
        val card = card("nokori")
        choosePin()
        card.hold()
        staff.meet(302)
        assertTrue(card.exchanges.none { it.instruction == VERIFY && it.carries })
        assertEquals(1, card.triesLeft())
        staff.touch("続ける")
        staff.type("1234")
        staff.awaitReady()
        card.hold()
        staff.awaitPage("result") { it is Page.Result }
        assertEquals(3, card.triesLeft())
    }

    /** How many commands a visit has. */
    private fun length(world: Sandbox, card: HeldCard, choose: () -> Unit): Int {
        world.advance(HOURLY)
        choose()
        card.forget()
        card.hold()
        staff.awaitPage("result") { it is Page.Result }
        staff.touch("次の患者")
        return card.commands.size.also { assertTrue("$it", it > KNOWN) }
    }

    private fun everywhere(commands: Int, lose: (Int, Boolean) -> Unit) {
        for (worked in listOf(false, true)) for (command in 0 until commands) lose(command, worked)
    }

    /** A check whose card leaves after so many commands, and comes back. */
    private fun lose(world: Sandbox, card: HeldCard, commands: Int, worked: Boolean, choose: () -> Unit) {
        world.advance(HOURLY)
        choose()
        card.forget()
        card.holdFor(commands, worked)
        staff.awaitPage("loss at $commands, $worked") { it is Page.HoldCard && it.view.again != null }
        assertTrue(staff.reads("カードが離れました"))
        staff.awaitReady()
        card.hold()
        staff.awaitPage("result after $commands, $worked") { it is Page.Result }
        assertTrue(staff.reads("山田　花子"))
        staff.touch("次の患者")
    }

    @Test
    fun `cards are asked by a thread of their own, with the time that a signature takes`() {
        staff.setUp(world.addDevice())
        val card = card("ichiro")
        choosePin()
        card.hold()
        staff.await("佐藤　一郎")
        val signing = card.exchanges.filter { it.instruction == SIGN }
        assertEquals(1, signing.size)
        assertTrue("${signing.single().timeout} ms", signing.single().timeout >= 5_000)
        assertTrue(card.signatureMillis > HeldCard.DEFAULT_TIMEOUT)
        assertEquals(setOf("card"), card.exchanges.map { it.thread }.toSet())
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
        first.holdFor(VERIFY_AT)
        staff.await("カードが離れました")
        staff.awaitReady()
        val other = card("fuku")
        other.hold()
        staff.meet(205)
        for (card in listOf(first, other)) assertEquals(3, card.triesLeft())
        staff.touch("もう一度入力する")
        assertTrue(staff.page is Page.PinPad)
    }

    @Test
    fun `two cards at once are noticed before either has got a PIN`() {
        staff.setUp(world.addDevice())
        choosePin()
        val (first, other) = card("kumao") to card("natsuko")
        first.during(2) { other.hold() }
        first.hold()
        staff.meet(205)
        for (card in listOf(first, other)) {
            assertTrue(card.exchanges.none { it.instruction == VERIFY && it.carries })
            assertEquals(3, card.triesLeft())
        }
    }

    @Test
    fun `a card that comes back before its loss is noticed is read to the end`() {
        staff.setUp(world.addDevice())
        choosePin()
        val card = card("kire")
        card.during(VERIFY_AT) { card.hold() }
        card.hold()
        staff.await("切田　きれ")
    }

    @Test
    @Meets(107)
    fun `a card that speaks no ISO-DEP is not recognised`() {
        staff.setUp(world.addDevice())
        choosePin()
        val card = card("suika")
        card.technologies = intArrayOf(TagTechnology.NFC_B)
        card.hold()
        staff.meet(107)
    }

    @Test
    @Meets(113)
    fun `while NFC is off the card is not awaited in vain`() {
        staff.setUp(world.addDevice())
        phone.switchNfc(false)
        staff.touch("B 4桁の暗証番号")
        staff.type("1234")
        staff.meet(113)
        phone.switchNfc(true)
        staff.touch("もう一度カードをかざす")
        staff.awaitReady()
        card("shichiro").hold()
        staff.await("七田　七郎")
    }

    @Test
    @Meets(113)
    fun `NFC that is switched off while the card is awaited is told at once`() {
        staff.setUp(world.addDevice())
        choosePin()
        phone.switchNfc(false)
        staff.meet(113)
        phone.switchNfc(true)
        staff.touch("もう一度カードをかざす")
        staff.awaitReady()
        card("mihoko").hold()
        staff.await("コード 401")
    }

    @Test
    @Meets(104)
    fun `a phone without NFC asks for a reader`() {
        phone.hasNfc(false)
        staff.setUp(world.addDevice())
        staff.touch("B 4桁の暗証番号")
        staff.type("1234")
        staff.meet(104)
    }

    private fun choosePin() = choosePin("1234")

    private fun choosePin(pin: String) {
        staff.touch("B 4桁の暗証番号")
        staff.type(pin)
        staff.awaitReady()
    }

    /** Hanako's date. */
    private fun chooseSight() {
        staff.touch("A 目視確認")
        staff.touch("昭和")
        staff.type("550217")
        staff.awaitReady()
    }

    private fun card(person: String) = HeldCard(person, drawer = "nfc").also { cards += it }

    /** Held for so many commands; with [worked], the card does one more and its answer is lost. */
    private fun HeldCard.holdFor(commands: Int, worked: Boolean = false) {
        val tag = arrive()
        leaveAfter(commands, worked)
        announce(tag)
    }

    /** While it answers this command, counted from 1, something else happens. */
    private fun HeldCard.during(command: Int, what: () -> Unit) {
        var left = command
        bend = { _, response ->
            left -= 1
            if (left == 0) what()
            response
        }
    }

    private fun radio() = Shadow.extract<PhoneNfcAdapter>(NfcAdapter.getDefaultAdapter(phone.application))

    private companion object {
        /** The service takes ten checks an hour with one certificate. */
        const val HOURLY = 400

        /** SELECT, the head of EF 000A, the counter, VERIFY. */
        const val VERIFY_AT = 4

        /** … and the signature: all that is asked of a card whose certificate the service has. */
        const val KNOWN = 5

        const val VERIFY: Byte = 0x20
        const val SIGN: Byte = 0x2A
    }
}
