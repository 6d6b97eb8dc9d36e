package jp.madoguchi.app.scenes

import android.content.Intent
import android.view.WindowManager.LayoutParams.FLAG_SECURE
import jp.madoguchi.app.testing.HeldCard
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.core.Page
import org.junit.After
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.shadows.ShadowSystemClock
import java.time.Duration

/** Nobody finds the counter open. */
@RunWith(RobolectricTestRunner::class)
class LockTest {
    @get:Rule val phone = Phone()
    private val staff = Staff()
    private val world get() = World.of(this)

    @After
    fun end() = staff.end()

    @Test
    fun `left, it is locked, and the result is neither in its window nor in a picture of it`() {
        staff.setUp(world.addDevice())
        result()
        assertTrue(secure())
        staff.leave()
        assertTrue("what is not seen any more may still be captured", secure())
        assertTrue("${staff.words}", Walk.PATIENT.none(staff::reads))
        staff.comeBack()
        assertTrue(staff.page is Page.LogIn)
        assertFalse(staff.reads("花子"))
        staff.logIn()
        staff.awaitPage("first screen of the day") { it is Page.Choose }
        assertFalse("nothing is secret here", secure())
    }

    @Test
    fun `a screen that goes dark locks it, and keeps no picture`() {
        staff.setUp(world.addDevice())
        result()
        staff.app.sendBroadcast(Intent(Intent.ACTION_SCREEN_OFF))
        staff.settle()
        assertTrue(staff.page is Page.LogIn)
        assertTrue(secure())
        assertTrue("${staff.words}", Walk.PATIENT.none(staff::reads))
    }

    @Test
    fun `untouched for five minutes it locks, and each touch begins them anew`() {
        staff.setUp(world.addDevice())
        staff.pass(Duration.ofMinutes(4))
        staff.touch("設定")
        staff.pass(Duration.ofMinutes(4))
        assertTrue(staff.page is Page.Settings)
        staff.pass(Duration.ofSeconds(61))
        assertTrue(staff.page is Page.LogIn)
    }

    @Test
    fun `a device that slept is locked before anything else happens`() {
        staff.setUp(world.addDevice())
        staff.touch("設定")
        ShadowSystemClock.simulateDeepSleep(Duration.ofMinutes(6))
        staff.touch("閉じる")
        assertTrue("${staff.words}", staff.page is Page.LogIn)
    }

    @Test
    fun `a result goes after a minute that nobody touched it, and the PIN with it`() {
        staff.setUp(world.addDevice())
        result()
        staff.pass(Duration.ofSeconds(45))
        assertTrue(staff.reads("花子"))
        staff.pass(Duration.ofSeconds(16))
        assertTrue(staff.page is Page.Choose)
        staff.touch("B 4桁の暗証番号")
        staff.type("12")
        staff.pass(Duration.ofSeconds(61))
        assertFalse(staff.reads("2桁を入力済み"))
    }

    private fun result() {
        staff.touch("B 4桁の暗証番号")
        staff.type(Walk.PIN)
        staff.awaitReady()
        HeldCard("hanako").use {
            it.hold()
            staff.await("花子")
        }
    }

    private fun secure() = staff.activity.window.attributes.flags and FLAG_SECURE != 0
}
