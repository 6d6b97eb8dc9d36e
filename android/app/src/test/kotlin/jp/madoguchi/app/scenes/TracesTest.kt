package jp.madoguchi.app.scenes

import jp.madoguchi.app.testing.HeldCard
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.core.LogLevel
import jp.madoguchi.core.LogSink
import jp.madoguchi.core.Page
import jp.madoguchi.core.logTo
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import java.util.Collections

/** What a whole day leaves behind. */
@RunWith(RobolectricTestRunner::class)
class TracesTest {
    @get:Rule val phone = Phone()
    private val staff = Staff()
    private val world get() = World.of(this)

    @After
    fun end() {
        logTo(null)
        staff.end()
    }

    @Test
    fun `from the set-up to the result, nothing of patient, PIN or passcode is in log, files or saved state`() {
        val lines = Collections.synchronizedList(mutableListOf<String>())
        val sink = object : LogSink {
            override fun log(level: LogLevel, target: String, message: String) {
                lines += "$target $message"
            }
        }
        staff.start()
        logTo(sink)
        val device = world.addDevice()
        staff.setUp(device)
        staff.touch("B 4桁の暗証番号")
        // Wrong, and given up; then right, and the card is lost once.
        staff.type("8739")
        staff.awaitReady()
        val numbers = HeldCard("hanako").use { card ->
            card.hold()
            staff.await("暗証番号が違います")
            staff.backToStart()
            staff.touch("B 4桁の暗証番号")
            staff.type(Walk.PIN)
            staff.awaitReady()
            val tag = card.arrive()
            card.leaveAfter(3)
            card.announce(tag)
            staff.await("カードが離れました")
            staff.awaitReady()
            card.hold()
            staff.awaitPage("result") { it is Page.Result }
            staff.words.filterNot { "受付番号" in it || "秒" in it }.flatMap { NUMBER.findAll(it).map(MatchResult::value) }
        }
        assertTrue("$numbers", numbers.isNotEmpty())
        val secrets = Walk.PATIENT + numbers + listOf("8739", Walk.PIN, Staff.PASSCODE, device.link.substringAfter("secret=").substringBefore("&"))
        assertTrue("the core says something", lines.isNotEmpty())
        assertEquals(emptyList<String>(), lines.filter { line -> secrets.any { Regex("(?<!\\d)${Regex.escape(it)}(?!\\d)") in line } })
        val found = traces(staff.app, secrets, staff.saved())
        assertTrue("$found", found.isEmpty())
    }

    private companion object {
        /** Numbers of insurers and insured. */
        val NUMBER = Regex("\\d{5,}")
    }
}
