package jp.madoguchi.app.scenes

import android.view.WindowManager.LayoutParams.FLAG_SECURE
import jp.madoguchi.app.testing.HeldCard
import jp.madoguchi.app.testing.Phone
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
import java.time.Duration

/** From a phone out of its box to the first patients. */
@RunWith(RobolectricTestRunner::class)
class FirstPatientTest {
    @get:Rule val phone = Phone()
    private val staff = Staff()
    private val world get() = World.of(this)

    @After
    fun end() = staff.end()

    @Test
    fun `a link from the camera shows whose device this becomes, and waits to be confirmed`() {
        val device = world.addDevice()
        staff.start()
        assertTrue(staff.reads("登録用のリンク"))
        staff.scan(device.link)
        assertTrue(staff.reads("この機関の端末として登録しますか？"))
        assertTrue(staff.reads(Sandbox.INSTITUTION_NAME))
        assertTrue(staff.reads(world.url.authority))
        staff.touch("戻る")
        assertFalse("nothing was registered", staff.reads(Sandbox.INSTITUTION_NAME))
        staff.setUp(device)
        assertTrue(staff.page is Page.Choose)
        assertTrue(staff.reads(Sandbox.INSTITUTION_NAME))
    }

    @Test
    fun `with the PIN, staff touch the screen three times at most from one patient to the next result`() {
        staff.setUp(world.addDevice())
        check("hanako", "山田　花子")
        // Four digits and one hold are the patient's; 次の患者 and B are those of staff.
        staff.touch("次の患者")
        val typed = staff.keys
        val touches = check("jiro", "山田　次郎")
        assertTrue("$touches and 次の患者", touches + 1 <= 3)
        assertEquals(4, staff.keys - typed)
    }

    @Test
    fun `by sight, there is the date to be typed as well`() {
        staff.setUp(world.addDevice())
        val touches = staff.counted {
            staff.touch("A 目視確認")
            staff.touch("昭和")
        }
        staff.type("550217")
        staff.await("カードをこの端末の裏面にかざしてください")
        HeldCard("hanako").use { card ->
            staff.awaitReady()
            card.hold()
            staff.await("有効")
        }
        assertTrue(staff.reads("山田　花子"))
        assertEquals("next patient, A and the era", 3, touches + 1)
    }

    @Test
    fun `what belongs to the patient is not to be captured, and not to be read aloud`() {
        staff.setUp(world.addDevice())
        assertFalse(secure())
        staff.touch("B 4桁の暗証番号")
        assertTrue(secure())
        staff.type("12")
        assertTrue(staff.reads("4桁のうち2桁を入力済み"))
        staff.touch("中止")
        assertFalse(secure())
        check("hanako", "山田　花子")
        assertTrue(secure())
    }

    @Test
    fun `a touch is not lost when the screen has something new to say at the same time`() {
        world.advance(seconds = 510)
        staff.setUp(world.addDevice())
        assertTrue(staff.reads("約8分ずれています"))
        staff.pass(Duration.ofSeconds(2))
        staff.desk.counter.slept(Duration.ofMinutes(2))
        staff.touch("A 目視確認")
        assertTrue("${staff.words}", staff.page is Page.BirthDate)
    }

    /** A check with the PIN: how often staff touched the screen for it. */
    private fun check(person: String, name: String): Int {
        val touches = staff.counted { staff.touch("B 4桁の暗証番号") }
        staff.type("1234")
        staff.awaitReady()
        HeldCard(person).use { card ->
            card.hold()
            staff.await("有効")
        }
        assertTrue("${staff.words}", staff.reads(name))
        return touches
    }

    private fun secure() = staff.activity.window.attributes.flags and FLAG_SECURE != 0
}
