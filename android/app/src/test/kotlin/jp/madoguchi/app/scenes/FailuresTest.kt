package jp.madoguchi.app.scenes

import jp.madoguchi.app.testing.Activation
import jp.madoguchi.app.testing.HeldCard
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.app.testing.PhoneKeyStore
import jp.madoguchi.app.testing.Sandbox
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

/** Each failure code that a phone can meet is met, and its words are on the screen. */
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
        val scenarios = CARDS.keys + REFUSALS.keys + SERVICE.keys + ENROLMENT.keys + DEVICE.keys + ELSEWHERE.keys
        assertEquals(emptySet<Int>(), scenarios.toSet() intersect NEVER.keys)
        val known = knownFailures().associate { it.failure.toInt() to it.name }
        val missing = known.filterKeys { it !in scenarios && it !in NEVER }
        assertEquals("neither scenario nor reason", emptyMap<Int, String>(), missing)
        assertEquals("unknown to the core", emptySet<Int>(), (scenarios.toSet() + NEVER.keys) - known.keys)
    }

    @Test
    fun `what cards bring about`() = each(CARDS) { scenario -> scenario() }

    @Test
    fun `what the service refuses`() = each(REFUSALS) { code ->
        world.refuse("/v1/eligibility-checks", code)
        check("hanako")
    }

    @Test
    fun `what network and service bring about`() = each(SERVICE) { scenario -> scenario() }

    @Test
    fun `what enrolment brings about`() {
        staff.start()
        each(ENROLMENT, enrolled = false) { scenario -> scenario() }
    }

    @Test
    fun `what becomes of a device`() {
        val missed = mutableListOf<String>()
        for ((code, scenario) in DEVICE) {
            val device = world.addDevice()
            staff.setUp(device)
            scenario(device)
            missed(code)?.let { missed += it }
            startOver()
        }
        assertTrue(missed.joinToString("\n"), missed.isEmpty())
    }

    private fun <T> each(scenarios: Map<Int, T>, enrolled: Boolean = true, play: FailuresTest.(T) -> Unit) {
        if (enrolled) staff.setUp(world.addDevice())
        val missed = mutableListOf<String>()
        for ((code, scenario) in scenarios) {
            world.advance(seconds = 3)
            try {
                play(scenario)
                missed(code)?.let { missed += it }
            } catch (error: AssertionError) {
                missed += "$code: ${error.message}"
            }
            world.mend()
            if (enrolled) staff.backToStart()
        }
        assertTrue(missed.joinToString("\n"), missed.isEmpty())
    }

    /** What the screen should have said, if it does not. */
    private fun missed(code: Int): String? = try {
        val words = if (code in BY_WORDS) BY_WORDS.getValue(code) else "コード $code"
        staff.await(words)
        null
    } catch (error: AssertionError) {
        "$code: ${error.message}"
    }

    /** Another phone, with nothing on it. */
    private fun startOver() {
        staff.end()
        PhoneKeyStore.reset()
        phone.application.noBackupFilesDir.deleteRecursively()
        staff.newProcess()
    }

    private fun card(person: String, drawer: String? = null) = HeldCard(person, drawer).also { cards += it }

    private fun check(person: String, pin: String = "1234") = checkWith(card(person), pin)

    private fun checkWith(card: HeldCard, pin: String = "1234") {
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
        val tag = arrive()
        leaveAfter(commands)
        announce(tag)
        staff.awaitPage("loss") { it is Page.HoldCard && it.view.again != null || it is Page.Failure }
        if (staff.page is Page.HoldCard) staff.awaitReady()
    }

    /** Wrong dates until so many tries are left. */
    private fun wearOut(left: Int) {
        val card = card("hanako", drawer = "worn out")
        repeat(BIRTH_TRIES - left + 1) {
            world.advance(seconds = 3)
            if (staff.page is Page.Choose) {
                staff.touch("A 目視確認")
                staff.touch("昭和")
            }
            if (staff.page is Page.BirthDate) staff.type("530603")
            if (ready()) card.hold()
            staff.awaitPage("answer") { it is Page.Failure || it is Page.LastTry || it is Page.Warning }
            if (it < BIRTH_TRIES - left) staff.backToStart()
        }
    }

    private fun scanLink(change: (String) -> String) = staff.scan(change(world.addDevice().link))

    private fun enrol(link: String) {
        staff.scan(link)
        staff.touch("登録する")
    }

    private companion object {
        const val CHECKS = "/v1/eligibility-checks"
        const val BIRTH_TRIES = 10

        /** READ BINARY of the head of EF 000A. */
        fun isHead(command: ByteArray) = command[1] == 0xB0.toByte() && (command[2] == 0x8A.toByte() || command[2].toInt() == 0)

        fun HeldCard.answering(which: (ByteArray) -> Boolean, answer: (ByteArray) -> ByteArray) = apply {
            bend = { command, response -> if (which(command)) answer(response) else response }
        }

        fun flipped(response: ByteArray): ByteArray = response.also { if (it.size > 100) it[100] = (it[100].toInt() xor 1).toByte() }

        fun bytes(vararg values: Int) = ByteArray(values.size) { values[it].toByte() }

        /** Codes that no page of a failure shows: the page that it leads to says it. */
        val BY_WORDS = mapOf(
            101 to "カードが離れました",
            302 to "あと1回お間違えになると、暗証番号が使えなくなります",
            312 to "生年月日を試せるのは、あと1回です",
        )

        val CARDS = mapOf<Int, FailuresTest.() -> Unit>(
            101 to {
                typePin()
                staff.awaitReady()
                card("jiro").holdFor(2)
            },
            201 to { check("suika") },
            202 to { checkBySight("rin", "昭和", "620903") },
            203 to { check("andoro") },
            204 to { checkWith(card("hanako").answering(::isHead) { bytes(0x42, 0x90, 0x00) }) },
            205 to {
                typePin()
                staff.awaitReady()
                card("hanako").holdFor(3)
                card("jiro").hold()
            },
            206 to { checkBySight("ume", "平成", "200815") },
            207 to { checkWith(card("hanako").answering({ it[1].toInt() == 0x2A }, ::flipped)) },
            208 to {
                val card = card("hanako").answering({ it[1] == 0xB0.toByte() && it[2] == 0x81.toByte() }, ::flipped)
                checkBySight(card, "昭和", "550217")
            },
            209 to { checkBySight("chigau", "昭和", "621112") },
            210 to { checkBySight("futago", "昭和", "620222") },
            211 to { checkWith(card("hanako").answering(::isHead) { bytes(0x6A, 0x82) }) },
            301 to { check("hanako", pin = "0000") },
            302 to { check("nokori") },
            303 to { check("rokku") },
            304 to { check("kaori") },
            305 to {
                typePin()
                staff.awaitReady()
                val card = card("hanako")
                repeat(2) { card.holdFor(3) }
                if (staff.page is Page.HoldCard) card.hold()
            },
            306 to {
                typePin()
                staff.awaitReady()
                staff.pass(Duration.ofSeconds(61))
            },
            311 to { checkBySight("hanako", "昭和", "530603") },
            312 to { wearOut(left = 1) },
            313 to { wearOut(left = 0) },
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

        val ENROLMENT = mapOf<Int, FailuresTest.() -> Unit>(
            703 to { staff.scan("madoguchi://enrol?account=1") },
            503 to {
                scanLink { it.replace(Regex("(root=)....")) { found -> found.groupValues[1] + "AAAA" } }
                staff.touch("登録する")
            },
            702 to {
                world.refuse("/.well-known/est/simpleenroll", "enrollment-request-invalid")
                enrol(world.addDevice().link)
            },
            712 to {
                PhoneKeyStore.locked = true
                enrol(world.addDevice().link)
                missed(712)?.let { throw AssertionError(it) }
                PhoneKeyStore.locked = false
            },
            713 to {
                PhoneKeyStore.signingMillis = 7_000
                enrol(world.addDevice().link)
                missed(713)?.let { throw AssertionError(it) }
                PhoneKeyStore.signingMillis = 0
            },
            716 to {
                PhoneKeyStore.wrongAttestation = "unlocked"
                enrol(world.addDevice().link)
                missed(716)?.let { throw AssertionError(it) }
                PhoneKeyStore.wrongAttestation = null
            },
            701 to {
                val device = world.addDevice()
                world.revoke(device)
                enrol(device.link)
            },
        )

        val DEVICE = mapOf<Int, FailuresTest.(Activation) -> Unit>(
            705 to {
                world.refuse(CHECKS, "device-unknown")
                check("hanako")
                missed(705)?.let { throw AssertionError(it) }
                world.mend()
            },
            706 to { device ->
                world.suspend(device)
                check("hanako")
            },
            707 to { device ->
                world.revoke(device)
                check("hanako")
            },
            709 to {
                PhoneKeyStore.replace("device")
                staff.touch("ロックする")
                staff.logIn()
                typePin()
            },
            711 to {
                PhoneKeyStore.lose("device")
                staff.touch("ロックする")
                staff.logIn()
                typePin()
            },
            721 to {
                staff.touch("ロックする")
                repeat(10) {
                    staff.pass(Duration.ofHours(1))
                    staff.logIn("999998")
                }
            },
            735 to {
                staff.touch("ロックする")
                val state = phone.application.noBackupFilesDir.walk().filter { it.isFile }
                state.forEach { it.writeBytes(it.readBytes().apply { this[lastIndex] = (last().toInt() xor 1).toByte() }) }
                staff.newProcess()
                staff.start()
            },
            710 to {
                staff.touch("ロックする")
                world.advance(seconds = 100 * 24 * 60 * 60)
                staff.logIn()
                typePin()
            },
        )

        /** Scenarios that stand where they belong. */
        val ELSEWHERE = mapOf<Int, Any>(
            102 to BluetoothTest::`a reader that answers nonsense is told as one that stopped`,
            104 to NfcTest::`a phone without NFC asks for a reader`,
            107 to NfcTest::`a card that speaks no ISO-DEP is not recognised`,
            108 to BluetoothTest::`a reader that does not answer is not waited for without end`,
            109 to BluetoothTest::`a reader with a key of its own is used once the key is entered`,
            110 to BluetoothTest::`a reader that falls asleep says how it is woken`,
            111 to BluetoothTest::`a link that is lost while a card is read is made again, and the card is held again`,
            113 to NfcTest::`while NFC is off the card is not awaited in vain`,
            114 to BluetoothTest::`Bluetooth that is switched off or taken away is told when a card is awaited`,
            115 to BluetoothTest::`Bluetooth that is switched off or taken away is told when a card is awaited`,
            731 to StorageTest::`what cannot be written is told by its cause`,
            732 to StorageTest::`what cannot be written is told by its cause`,
            734 to StorageTest::`what cannot be written is told by its cause`,
        )

        val NEVER = mapOf(
            103 to "the PC/SC service: a phone's readers are its own NFC and Bluetooth",
            105 to "PC/SC readers are shared with other programs; a Bluetooth reader takes one connection",
            106 to "a reader with a cable",
            112 to "the reader cannot be changed between the PIN and the card: nothing leads to the settings there",
            704 to "the address is typed nowhere: a phone takes a link",
            708 to "account and code are typed nowhere: a phone takes a link",
            714 to "the key is in the phone's key store, not in a file",
            715 to "the key is in the phone's key store, not in a file",
            733 to "Android runs one process of an app",
            901 to "what the shell's ports throw comes to the core as a refusal: nothing of Kotlin panics a worker",
        )
    }
}
