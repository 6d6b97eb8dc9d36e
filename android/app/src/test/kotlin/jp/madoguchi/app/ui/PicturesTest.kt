package jp.madoguchi.app.ui

import android.app.Activity
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Canvas
import android.graphics.Color
import android.view.View
import jp.madoguchi.app.R
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner

/** A kept picture is small, is what was drawn, and shows when a letter is another one. */
@RunWith(RobolectricTestRunner::class)
class PicturesTest {
    private val activity = Robolectric.buildActivity(Activity::class.java).setup().get()

    @Test
    fun `what was kept is what was drawn`() {
        val drawn = drawn("58秒で消去")
        val file = Picture(drawn).png()
        val kept = BitmapFactory.decodeByteArray(file, 0, file.size)
        assertNull(Picture(drawn).difference(Picture(kept)))
        assertEquals(drawn.getPixel(0, 0), kept.getPixel(0, 0))
        assertArrayEquals(file, Picture(drawn).png())
    }

    @Test
    fun `one digit of the smallest text is enough to differ`() {
        assertNotNull(Picture(drawn("58秒で消去")).difference(Picture(drawn("53秒で消去"))))
        assertNotNull(Picture(drawn("1234")).difference(Picture(drawn("1284"))))
    }

    @Test
    fun `a ground in another shade is enough to differ`() {
        val drawn = Picture(drawn("58秒で消去"))
        for (shade in listOf(200, 240, 252)) {
            assertNotNull("$shade", drawn.difference(Picture(drawn("58秒で消去", Color.rgb(shade, shade, shade)))))
        }
    }

    private fun drawn(words: String, ground: Int = Color.WHITE): Bitmap {
        val view = activity.text(R.style.Text_Caption, words).apply { setBackgroundColor(ground) }
        view.measure(View.MeasureSpec.makeMeasureSpec(WIDTH, View.MeasureSpec.EXACTLY), View.MeasureSpec.makeMeasureSpec(HEIGHT, View.MeasureSpec.EXACTLY))
        view.layout(0, 0, WIDTH, HEIGHT)
        return Bitmap.createBitmap(WIDTH, HEIGHT, Bitmap.Config.ARGB_8888).also { view.draw(Canvas(it)) }
    }

    private companion object {
        const val WIDTH = 400
        const val HEIGHT = 100
    }
}
