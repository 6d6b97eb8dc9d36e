package jp.madoguchi.app.scenes

import android.content.pm.PackageManager
import android.media.ToneGenerator
import android.os.Vibrator
import jp.madoguchi.app.testing.HeldCard
import jp.madoguchi.app.testing.Phone
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowToneGenerator
import org.robolectric.shadows.ShadowVibrator
import java.time.Duration

/** What is heard and felt when the card may be taken away, or when something failed. */
@RunWith(RobolectricTestRunner::class)
class CuesTest {
    @get:Rule val phone = Phone()
    private val staff = Staff()
    private val world get() = World.of(this)

    @Before
    fun loudspeaker() = hasLoudspeaker(true)

    @After
    fun end() = staff.end()

    @Test
    fun `a card that is done is heard once and felt once`() {
        staff.setUp(world.addDevice())
        assertEquals("before there was a card", SILENCE, perceived())
        assertEquals(DONE, check("hanako", "有効"))
    }

    @Test
    fun `a failure sounds and feels otherwise`() {
        staff.setUp(world.addDevice())
        assertEquals(FAILURE, check("suika", NOT_MY_NUMBER))
    }

    @Test
    fun `each is given once, though the device is turned and the screen is drawn again`() {
        staff.setUp(world.addDevice())
        for ((person, words) in listOf("hanako" to "有効", "suika" to NOT_MY_NUMBER)) {
            check(person, words)
            repeat(2) {
                staff.turn()
                staff.desk.refresh()
                staff.settle()
            }
            staff.pass(Duration.ofSeconds(1))
            assertEquals(words, SILENCE, perceived())
            staff.backToStart()
        }
    }

    @Test
    fun `the next card is heard and felt again`() {
        staff.setUp(world.addDevice())
        for (person in listOf("hanako", "jiro")) {
            assertEquals(person, DONE, check(person, "有効"))
            staff.backToStart()
        }
    }

    @Test
    fun `what is switched off in the settings is not given`() {
        staff.setUp(world.addDevice())
        press(SOUNDS)
        assertEquals(DONE.copy(tones = emptyList()), check("hanako", "有効"))
        staff.backToStart()
        press(VIBRATION)
        assertEquals(SILENCE, check("jiro", "有効"))
        staff.backToStart()
        assertEquals(SILENCE, check("suika", NOT_MY_NUMBER))
        staff.backToStart()
        // What was kept quiet is over.
        staff.pass(Duration.ofSeconds(3))
        press(SOUNDS)
        assertEquals(FAILURE.copy(pattern = emptyList()), check("suika", NOT_MY_NUMBER))
    }

    @Test
    fun `a phone that can neither be heard nor felt has no switches for it, and serves patients all the same`() {
        hasLoudspeaker(false)
        shadowOf(phone.application.getSystemService(Vibrator::class.java)).setHasVibrator(false)
        staff.setUp(world.addDevice())
        staff.touch("設定")
        assertFalse(staff.reads(SOUNDS))
        assertFalse(staff.reads(VIBRATION))
        staff.backToStart()
        assertEquals(SILENCE, check("hanako", "有効"))
    }

    /** The tones in their order, and the last vibration: pauses and pulses in milliseconds. */
    private data class Perceived(val tones: List<Int>, val pattern: List<Long>)

    /** What was given since this was asked last. */
    private fun perceived(): Perceived {
        val vibrator = shadowOf(phone.application.getSystemService(Vibrator::class.java))
        val perceived = Perceived(ShadowToneGenerator.getPlayedTones().map { it.type() }, vibrator.pattern?.toList().orEmpty())
        if (perceived.pattern.isNotEmpty()) assertEquals("it does not go on for ever", -1, vibrator.repeat)
        ShadowToneGenerator.reset()
        ShadowVibrator.reset()
        return perceived
    }

    /** A check with the PIN, until these words are read: what is heard and felt meanwhile. */
    private fun check(person: String, words: String): Perceived {
        // The service takes so many checks a minute of one device.
        world.advance(seconds = 3)
        staff.touch("B 4桁の暗証番号")
        staff.type("1234")
        staff.awaitReady()
        assertEquals("before the card is held", SILENCE, perceived())
        HeldCard(person).use { card ->
            card.hold()
            staff.await(words)
        }
        return perceived()
    }

    /** Switches this in the settings. */
    private fun press(label: String) {
        staff.touch("設定")
        val on = staff.isOn(label)
        staff.touch(label)
        assertTrue(staff.isOn(label) != on)
        staff.backToStart()
    }

    private fun hasLoudspeaker(has: Boolean) =
        shadowOf(phone.application.packageManager).setSystemFeature(PackageManager.FEATURE_AUDIO_OUTPUT, has)

    private companion object {
        const val SOUNDS = "音で知らせる"
        const val VIBRATION = "振動で知らせる"
        const val NOT_MY_NUMBER = "マイナンバーカードではありません"

        val SILENCE = Perceived(emptyList(), emptyList())
        val DONE = Perceived(listOf(ToneGenerator.TONE_PROP_ACK), listOf(0, 250))
        val FAILURE = Perceived(listOf(ToneGenerator.TONE_PROP_NACK), listOf(0, 80, 80, 80, 80, 80))
    }
}
