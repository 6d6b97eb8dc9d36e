package jp.madoguchi.app.scenes

import jp.madoguchi.app.testing.HeldCard
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.core.Page
import jp.madoguchi.core.knownFailures
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import java.time.Duration

/**
 * Each failure code that a phone can meet is met, and its words are on the screen. Here are those that a card or the
 * service brings about in the middle of a day; tests elsewhere say with [Meets] which are theirs.
 */
@RunWith(RobolectricTestRunner::class)
class FailuresTest {
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
    fun `every code of the core has a scenario, or a reason why a phone cannot meet it`() {
        val classes = listOf(NfcTest::class, DeviceFailuresTest::class, BluetoothFaultsTest::class, BluetoothLifeTest::class, TypedSetUpTest::class)
        val methods = classes.flatMap { it.java.declaredMethods.toList() }
        val said = methods.filter { it.isAnnotationPresent(Test::class.java) }
            .flatMap { it.getAnnotation(Meets::class.java)?.codes?.toList().orEmpty() }
        val scenarios = CARDS.keys + REFUSALS.keys + SERVICE.keys + said
        assertEquals(emptySet<Int>(), scenarios intersect NEVER.keys)
        val known = knownFailures().associate { it.failure.toInt() to it.name }
        val missing = known.filterKeys { it !in scenarios && it !in NEVER }
        assertEquals("neither scenario nor reason", emptyMap<Int, String>(), missing)
        assertEquals("unknown to the core", emptySet<Int>(), scenarios + NEVER.keys - known.keys)
    }

    @Test
    fun `what cards bring about`() = each(CARDS) { scenario -> scenario() }

    @Test
    fun `what the service refuses`() = each(REFUSALS) { code ->
        world.refuse(CHECKS, code)
        // Nobody's certificate is known here, whoever was checked before.
        check("take")
    }

    @Test
    fun `what network and service bring about`() = each(SERVICE) { scenario -> scenario() }

    /** Plays all on one device, so that each leaves a counter on which the next patient can be served. */
    private fun <T> each(scenarios: Map<Int, T>, play: FailuresTest.(T) -> Unit) {
        staff.setUp(world.addDevice())
        val missed = mutableListOf<String>()
        for ((code, scenario) in scenarios) {
            world.advance(seconds = 3)
            try {
                play(scenario)
                staff.meet(code)
            } catch (error: AssertionError) {
                missed += "$code: ${error.message}"
            }
            world.mend()
            staff.backToStart()
            cards.forEach(HeldCard::close)
            cards.clear()
        }
        assertTrue(missed.joinToString("\n"), missed.isEmpty())
    }

    private fun card(person: String, drawer: String? = null) = HeldCard(person, drawer).also { cards += it }

    private fun check(person: String, pin: String = "1234") = check(card(person), pin)

    private fun check(card: HeldCard, pin: String = "1234") {
        typePin(pin)
        if (ready()) card.hold()
    }

    private fun typePin(pin: String = "1234") {
        staff.touch("B 4桁の暗証番号")
        staff.type(pin)
    }

    /** Whether it comes so far that a card may be held. */
    private fun ready(): Boolean {
        staff.awaitPage("card or failure") { it is Page.Failure || it is Page.HoldCard && it.view.ready }
        return staff.page is Page.HoldCard
    }

    private fun checkBySight(person: String, era: String, date: String) = checkBySight(card(person), era, date)

    private fun checkBySight(card: HeldCard, era: String, date: String) {
        staff.touch("A 目視確認")
        staff.touch(era)
        staff.type(date)
        if (ready()) card.hold()
    }

    /** Loses the card after so many commands. */
    private fun HeldCard.holdFor(commands: Int) {
        staff.awaitReady()
        val tag = arrive()
        leaveAfter(commands)
        announce(tag)
        staff.awaitPage("loss") { it is Page.HoldCard && it.view.again != null }
    }

    /** Wrong dates for Hanako's card, until one try is left and the counter warns. */
    private fun wearOut() {
        val card = card("hanako", drawer = WORN)
        for (left in 9 downTo 1) {
            world.advance(seconds = 3)
            checkBySight(card, "昭和", "530603")
            staff.await("あと${left}回まちがえると")
            staff.backToStart()
        }
        checkBySight(card, "昭和", "530603")
    }

    private companion object {
        const val CHECKS = "/v1/eligibility-checks"

        /** SELECT, the head of EF 000A, the counter: VERIFY is what is lost. */
        const val BEFORE_VERIFY = 3
        const val SIGN: Byte = 0x2A
        const val WORN = "worn out"

        /** READ BINARY of the head of EF 000A. */
        fun isHead(command: ByteArray) = command[1] == 0xB0.toByte() && (command[2] == 0x8A.toByte() || command[2].toInt() == 0)

        /** READ BINARY of EF 0001 of 券面事項確認AP. */
        fun isBirthRecord(command: ByteArray) = command[1] == 0xB0.toByte() && command[2] == 0x81.toByte()

        fun HeldCard.answering(which: (ByteArray) -> Boolean, answer: (ByteArray) -> ByteArray) = apply {
            bend = { command, response -> if (which(command)) answer(response) else response }
        }

        fun flipped(response: ByteArray): ByteArray = response.also { if (it.size > 100) it[100] = (it[100].toInt() xor 1).toByte() }

        fun bytes(vararg values: Int) = ByteArray(values.size) { values[it].toByte() }

        val CARDS = mapOf<Int, FailuresTest.() -> Unit>(
            101 to {
                typePin()
                card("jiro").holdFor(2)
            },
            201 to { check("suika") },
            202 to { checkBySight("rin", "平成", "110924") },
            203 to { check("andoro") },
            204 to { check(card("hanako").answering(::isHead) { bytes(0x42, 0x90, 0x00) }) },
            205 to {
                typePin()
                card("hanako").holdFor(BEFORE_VERIFY)
                staff.awaitReady()
                card("jiro").hold()
            },
            // 昭和20年8月15日, typed as 平成: the same six digits.
            206 to { checkBySight("ume", "平成", "200815") },
            207 to { check(card("matsu").answering({ it[1] == SIGN }, ::flipped)) },
            208 to { checkBySight(card("hanako").answering(::isBirthRecord, ::flipped), "昭和", "550217") },
            209 to { checkBySight("chigau", "平成", "210430") },
            210 to { checkBySight("futago", "昭和", "550217") },
            211 to { check(card("hanako").answering(::isHead) { bytes(0x6A, 0x82) }) },
            301 to { check("hanako", pin = "0000") },
            302 to { check("nokori") },
            303 to { check("rokku") },
            304 to { check("kaori") },
            305 to {
                typePin()
                val card = card("hanako")
                repeat(2) { card.holdFor(BEFORE_VERIFY) }
                staff.awaitReady()
                card.hold()
            },
            306 to {
                typePin()
                staff.awaitReady()
                staff.pass(Duration.ofSeconds(61))
            },
            311 to { checkBySight("hanako", "昭和", "530603") },
            312 to { wearOut() },
            // The one try that is left of the card above.
            313 to {
                checkBySight(card("hanako", drawer = WORN), "昭和", "530603")
                staff.awaitPage("warning") { it is Page.LastTry }
                staff.touch("続ける")
                staff.touch("昭和")
                staff.type("530603")
                staff.awaitReady()
                cards.last().hold()
            },
            401 to { check("mihoko") },
            402 to { check("mukashi") },
        )

        /** What the service would say of cards and requests that nobody here has: this tests the telling. */
        val REFUSALS = mapOf(
            403 to "card-certificate-not-yet-valid",
            404 to "card-certificate-wrong-kind",
            405 to "card-certificate-untrusted",
            406 to "card-certificate-malformed",
            407 to "revocation-unavailable",
            408 to "card-certificate-needed",
            601 to "rate-limited",
            602 to "unavailable",
            603 to "internal",
            605 to "challenge-used",
            606 to "challenge-invalid",
            607 to "request-conflict",
            608 to "request-in-progress",
            609 to "malformed-request",
            610 to "too-large",
            611 to "method-not-allowed",
            612 to "unknown",
        )

        val SERVICE = mapOf<Int, FailuresTest.() -> Unit>(
            501 to {
                world.fault("/v1/challenges", "drop-before")
                typePin()
            },
            502 to {
                world.delay(CHECKS, seconds = 60, times = 1)
                check("hanako")
            },
            504 to {
                world.fault(CHECKS, "garble")
                check("hanako")
            },
            604 to {
                typePin()
                staff.awaitReady()
                world.advance(seconds = 130)
                card("hanako").hold()
            },
        )

        val NEVER = mapOf(
            103 to "the PC/SC service: a phone's readers are its own NFC and Bluetooth",
            105 to "PC/SC readers are shared with other programs; a Bluetooth reader takes one connection",
            106 to "a reader with a cable",
            112 to "the reader cannot be changed between the PIN and the card: nothing leads to the settings there",
            704 to "nobody types an address: it is in the link, or in the app",
            714 to "the key is in the phone's key store, not in a file",
            715 to "the key is in the phone's key store, not in a file",
            733 to "Android runs one process of an app",
            901 to "what the shell's ports throw comes to the core as a refusal: nothing of Kotlin panics a worker",
        )
    }
}
