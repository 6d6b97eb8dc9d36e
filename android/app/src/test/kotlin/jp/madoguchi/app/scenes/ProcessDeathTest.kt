package jp.madoguchi.app.scenes

import jp.madoguchi.app.testing.Phone
import jp.madoguchi.app.testing.PhoneKeyStore
import jp.madoguchi.app.testing.Sandbox
import jp.madoguchi.core.Page
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** The system ends the process wherever it is. */
@RunWith(RobolectricTestRunner::class)
class ProcessDeathTest {
    @get:Rule val phone = Phone()
    private val staff = Staff()
    private val world get() = World.of(this)

    @After
    fun end() = staff.end()

    @Test
    fun `there is a walk to every screen`() {
        staff.start()
        val pages = Page::class.java.declaredClasses.filter { Page::class.java.isAssignableFrom(it) }.toSet()
        val stops = Walk(staff, world).use { walk -> walk.stops.map { it.page }.toSet() }
        assertEquals(pages, stops + Walk.BEFORE)
    }

    @Test
    fun `before the device is enrolled, it begins anew, and a link is not opened twice`() {
        val device = world.addDevice()
        staff.start()
        dies<Page.SetUp>()
        staff.scan(device.link)
        assertTrue(staff.page is Page.ConfirmLink)
        dies<Page.SetUp>(link(device.link))
        assertFalse(staff.reads(Sandbox.INSTITUTION_NAME))
        // The code was not used up.
        staff.setUp(device)
        assertTrue(staff.page is Page.Choose)
    }

    @Test
    fun `an enrolled device without a passcode goes on where it was, and what was typed is typed again`() {
        val device = world.addDevice()
        staff.scan(device.link)
        staff.touch("登録する")
        staff.await("ログインに使うパスコードを決めてください。")
        staff.enter("パスコードを", Walk.HALF)
        dies<Page.ChoosePasscode>(listOf(Walk.HALF))
        staff.enter("パスコードを", Staff.PASSCODE)
        staff.touch("設定する")
        staff.await("同じパスコードをもう一度")
        dies<Page.ChoosePasscode>(listOf(Staff.PASSCODE))
        assertTrue(staff.reads("ログインに使うパスコードを決めてください。"))
        assertTrue("the key is the same", "device" in PhoneKeyStore.aliases)
        repeat(2) {
            staff.enter("パスコードを", Staff.PASSCODE)
            staff.touch("設定する")
        }
        staff.awaitPage("first screen of the day") { it is Page.Choose || it is Page.LogIn }
    }

    @Test
    fun `from every other screen it is locked, nothing of the patient is anywhere, and the next one can come`() {
        staff.setUp(world.addDevice())
        Walk(staff, world).use { walk ->
            for (stop in walk.stops) {
                stop.reach()
                assertEquals(stop.page, staff.page.javaClass)
                dies<Page.LogIn>(stop.secrets + listOfNotNull(stop.typed) + Staff.PASSCODE)
                staff.logIn()
                staff.awaitPage("first screen of the day") { it is Page.Choose }
                walk.onwards()
            }
        }
    }

    private inline fun <reified P : Page> dies(secrets: List<String> = emptyList()) {
        val saved = staff.dieAndComeBack()
        assertTrue("${staff.words}", staff.page is P)
        val found = traces(staff.app, secrets, saved) + secrets.filter(staff::reads).map { "“$it” on the screen" }
        assertTrue("$found", found.isEmpty())
    }

    /** What a link carries that is worth something: it says who may enrol. */
    private fun link(link: String) = listOf(link.substringAfter("secret=").substringBefore("&"))
}
