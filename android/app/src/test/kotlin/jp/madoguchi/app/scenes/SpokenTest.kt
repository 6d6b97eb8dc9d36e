package jp.madoguchi.app.scenes

import android.content.Context
import android.view.View
import android.view.ViewGroup
import android.view.accessibility.AccessibilityEvent
import android.view.accessibility.AccessibilityManager
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.core.Page
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowAccessibilityManager

/** What TalkBack, or anything that passes for it, hears. */
@RunWith(RobolectricTestRunner::class)
class SpokenTest {
    @get:Rule val phone = Phone()
    private val staff = Staff()
    private val world get() = World.of(this)
    private val manager by lazy {
        val manager = phone.application.getSystemService(Context.ACCESSIBILITY_SERVICE) as AccessibilityManager
        Shadow.extract<ShadowAccessibilityManager>(manager)
    }

    @After
    fun end() {
        manager.setEnabled(false)
        staff.end()
    }

    @Test
    fun `the digits of the PIN are neither said nor told when they are typed, only how many they are`() {
        staff.setUp(world.addDevice())
        manager.setEnabled(true)
        staff.touch("B 4桁の暗証番号")
        val before = manager.sentAccessibilityEvents.size
        for ((typed, digit) in "873".withIndex()) {
            staff.touch(digit.toString())
            assertTrue("${typed + 1} typed", staff.reads("4桁のうち${typed + 1}桁を入力済み"))
        }
        staff.touch(ERASE)
        staff.type("9")
        val heard = manager.sentAccessibilityEvents.drop(before)
        assertTrue("something is heard", heard.isNotEmpty())
        val told = heard.flatMap { event -> event.words().map { AccessibilityEvent.eventTypeToString(event.eventType) to it } }
        assertEquals(emptyList<Any>(), told.filter { (_, words) -> words.any(Char::isDigit) && "桁" !in words && words != ERASE })
    }

    @Test
    fun `on the screen of the PIN each digit is the name of one key, and of nothing else`() {
        staff.setUp(world.addDevice())
        staff.touch("B 4桁の暗証番号")
        staff.type("87")
        assertTrue(staff.page is Page.PinPad)
        val said = below(staff.activity.window.decorView).map { it.createAccessibilityNodeInfo() }
            .flatMap { listOfNotNull(it.text, it.contentDescription, it.hintText, it.stateDescription) }
            .map(CharSequence::toString).filter { words -> words.any { it in "87" } }.toList()
        assertEquals(listOf("7", "8"), said)
    }

    @Test
    fun `a passcode is not heard while it is typed`() {
        staff.setUp(world.addDevice())
        staff.touch("ロックする")
        manager.setEnabled(true)
        val before = manager.sentAccessibilityEvents.size
        staff.enter("パスコードを入力してください。", Staff.PASSCODE)
        val told = manager.sentAccessibilityEvents.drop(before).flatMap { it.words() }
        assertTrue("$told", told.none { words -> words.any(Char::isDigit) })
    }

    private companion object {
        const val ERASE = "1字消す"
    }

    private fun AccessibilityEvent.words(): List<String> =
        (text + contentDescription + beforeText).mapNotNull { it?.toString() }

    private fun below(view: View): Sequence<View> = sequence {
        if (view.visibility != View.VISIBLE) return@sequence
        yield(view)
        if (view is ViewGroup) for (i in 0 until view.childCount) yieldAll(below(view.getChildAt(i)))
    }
}
