package jp.madoguchi.app.ui

import android.app.Activity
import android.graphics.Color
import android.text.TextUtils
import android.view.View
import android.widget.FrameLayout
import android.widget.TextView
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner

/** The audit sees what it is for: else a screen without faults would say nothing. */
@RunWith(RobolectricTestRunner::class)
class AuditTest {
    private val activity = Robolectric.buildActivity(Activity::class.java).setup().get()

    @Test
    fun `a text with room, contrast and nothing to press is well`() = assertEquals(emptyList<String>(), faults { text("窓口") })

    @Test
    fun `a text that is lower than its lines is cut`() = found("is cut") { text("窓口").apply { height = 20 } }

    @Test
    fun `a text that ends in dots is cut`() = found("ellipsis") {
        text("窓口で使うアプリです。窓口で使うアプリです。窓口で使うアプリです。").apply {
            maxLines = 1
            ellipsize = TextUtils.TruncateAt.END
        }
    }

    @Test
    fun `grey on grey is faint`() = found("contrast") { text("窓口").apply { setTextColor(Color.LTGRAY) } }

    @Test
    fun `a small target is too small`() = found("target") {
        text("窓口").apply {
            isClickable = true
            height = activity.dp(40)
        }
    }

    @Test
    fun `what can be pressed needs a name`() = found("has no name") {
        View(activity).apply {
            isClickable = true
            minimumHeight = activity.dp(56)
            minimumWidth = activity.dp(56)
        }
    }

    @Test
    fun `what others left no room for is seen`() = found("no room") {
        text("窓口").apply {
            isClickable = true
            maxHeight = 0
        }
    }

    @Test
    fun `a view beyond its parent is seen`() = found("reaches beyond") { text("窓口").apply { left = -10 } }

    @Test
    fun `black on white has a contrast of 21`() = assertEquals(21.0, Audit.contrast(Color.BLACK, Color.WHITE), 0.01)

    private fun text(words: String) = TextView(activity).apply {
        text = words
        setTextColor(Color.BLACK)
    }

    private fun found(fault: String, view: () -> View) {
        val faults = faults(view)
        assertTrue("$fault in $faults", faults.any { fault in it })
    }

    private fun faults(make: () -> View): List<String> {
        val view = make()
        val moved = view.left
        val root = FrameLayout(activity).apply {
            setBackgroundColor(Color.WHITE)
            addView(view, FrameLayout.LayoutParams(WIDTH, FrameLayout.LayoutParams.WRAP_CONTENT))
        }
        root.measure(
            View.MeasureSpec.makeMeasureSpec(WIDTH, View.MeasureSpec.EXACTLY),
            View.MeasureSpec.makeMeasureSpec(HEIGHT, View.MeasureSpec.EXACTLY),
        )
        root.layout(0, 0, WIDTH, HEIGHT)
        if (moved != 0) view.left = moved
        return Audit(root).faults()
    }

    private companion object {
        const val WIDTH = 400
        const val HEIGHT = 800
    }
}
