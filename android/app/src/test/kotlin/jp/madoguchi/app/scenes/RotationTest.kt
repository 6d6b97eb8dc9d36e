package jp.madoguchi.app.scenes

import jp.madoguchi.app.testing.Phone
import jp.madoguchi.app.testing.Sandbox
import jp.madoguchi.core.Page
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

/** The window is made anew: turned, resized beside another app, or in another light. */
@RunWith(RobolectricTestRunner::class)
class RotationTest {
    @get:Rule val phone = Phone()
    private val staff = Staff()
    private val world get() = World.of(this)

    @After
    fun end() = staff.end()

    @Test
    fun `a set-up that was begun goes on, but for a passcode half typed`() {
        val device = world.addDevice()
        staff.start()
        staff.scan(device.link)
        turnsWell(Page.ConfirmLink::class.java)
        assertTrue(staff.reads(Sandbox.INSTITUTION_NAME))
        staff.touch("登録する")
        staff.await("ログインに使うパスコードを決めてください。")
        staff.enter("パスコードを", Walk.HALF)
        turnsWell(Page.ChoosePasscode::class.java, typed = Walk.HALF)
        staff.enter("パスコードを", Staff.PASSCODE)
        staff.touch("設定する")
        staff.await("同じパスコードをもう一度")
        turnsWell(Page.ChoosePasscode::class.java)
        staff.enter("パスコードを", Staff.PASSCODE)
        staff.touch("設定する")
        staff.awaitPage("first screen of the day") { it is Page.Choose || it is Page.LogIn }
    }

    @Test
    fun `every screen is the same after it was turned, with what was typed for the patient, and nothing else is kept`() {
        staff.setUp(world.addDevice())
        Walk(staff, world).use { walk ->
            for (stop in walk.stops) {
                stop.reach()
                assertEquals(stop.page, staff.page.javaClass)
                turnsWell(stop.page, stop.typed, stop.secrets)
                walk.onwards()
            }
        }
    }

    @Test
    fun `in half of the screen beside another app it goes on`() {
        staff.setUp(world.addDevice())
        staff.touch("B 4桁の暗証番号")
        staff.type("12")
        RuntimeEnvironment.setQualifiers("+w360dp-h320dp")
        staff.remake()
        assertTrue(staff.page is Page.PinPad)
        assertTrue("${staff.words}", staff.reads("4桁のうち2桁を入力済み"))
        staff.touch("3")
        assertTrue(staff.reads("4桁のうち3桁を入力済み"))
    }

    private fun turnsWell(page: Class<out Page>, typed: String? = null, secrets: List<String> = emptyList()) {
        val before = words() - setOfNotNull(typed)
        val saved = staff.saved()
        staff.turn()
        assertEquals(page, staff.page.javaClass)
        staff.turn()
        assertEquals(page, staff.page.javaClass)
        assertEquals(before, words())
        val found = traces(staff.app, secrets + listOfNotNull(typed), saved)
        assertTrue("$page: $found", found.isEmpty())
    }

    /** All that is written, but for what counts down. */
    private fun words() = staff.words.filterNot { "秒" in it }
}
