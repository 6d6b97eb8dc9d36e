package jp.madoguchi.app.ui

import android.app.Activity
import android.os.Parcel
import android.os.Parcelable
import android.util.SparseArray
import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import android.widget.TextView
import jp.madoguchi.core.Language
import jp.madoguchi.core.Page
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner

/** What a page keeps, and what it does not. */
@RunWith(RobolectricTestRunner::class)
class PagesTest {
    private val activity = Robolectric.buildActivity(Activity::class.java).setup().get()

    @Test
    fun `a half-typed account is there again after the device was turned`() {
        val hands = object : Hands by NoHands {
            override val drafts = Drafts()
        }
        val before = shown("set-up", hands)
        before.find<EditText>().first().setText("M0000012")
        assertEquals("M0000012", shown("set-up", hands).find<EditText>().first().text.toString())
    }

    @Test
    fun `what is typed stands in no saved state`() {
        for (name in listOf("set-up", "choose-passcode", "log-in", "reader-key")) {
            val view = shown(name)
            for (field in view.find<EditText>()) field.setText(CANARY)
            val state = SparseArray<Parcelable>().also(view::saveHierarchyState)
            val parcel = Parcel.obtain().apply { writeSparseArray<Parcelable>(state) }
            assertFalse(name, CANARY in parcel.marshall().toString(Charsets.UTF_16LE))
            parcel.recycle()
        }
    }

    @Test
    fun `a passcode is gone from its field when another page is shown`() {
        val view = shown("log-in")
        val field = view.find<EditText>().single()
        field.setText(CANARY)
        view.show(Album.scene("choose", Language.JA))
        assertEquals("", field.text.toString())
    }

    @Test
    fun `a result is in no view any more when the next page is shown`() {
        val view = shown("result")
        val page = checkNotNull(view.page)
        assertTrue(page.body.find<TextView>().isNotEmpty())
        view.show(Album.scene("choose", Language.JA))
        assertEquals(emptyList<TextView>(), page.body.find<TextView>())
    }

    @Test
    fun `counting down changes the clock and nothing else`() {
        val scene = Album.scene("result", Language.JA)
        val view = shown("result")
        val rows = view.find<FactRow>()
        val result = scene.screen.view as Page.Result
        val later = result.copy(view = result.view.copy(clearText = "57秒で消去"))
        view.show(Scene(scene.screen.copy(view = later)))
        assertTrue(view.find<TextView>().any { it.text.toString() == "57秒で消去" })
        view.find<FactRow>().forEachIndexed { i, row -> assertSame(rows[i], row) }
    }

    @Test
    fun `a digit leaves the keys where they are, and says how many there are, not which`() {
        val view = shown("pin")
        val keys = view.find<PlainButton>()
        view.show(Album.scene("pin-typed", Language.JA))
        view.find<PlainButton>().forEachIndexed { i, key -> assertSame(keys[i], key) }
        assertEquals("4桁のうち2桁を入力済み", view.find<Dots>().single().contentDescription)
    }

    private fun shown(name: String, hands: Hands = NoHands) =
        ScreenView(activity, hands).apply { show(Album.scene(name, Language.JA)) }

    private companion object {
        const val CANARY = "739151739151"
    }
}

private inline fun <reified T : View> View.find(): List<T> = within().filterIsInstance<T>().toList()

private fun View.within(): Sequence<View> = sequence {
    yield(this@within)
    val group = this@within as? ViewGroup ?: return@sequence
    for (i in 0 until group.childCount) yieldAll(group.getChildAt(i).within())
}
