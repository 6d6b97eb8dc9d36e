package jp.madoguchi.app.ui

import android.content.Context
import android.content.res.ColorStateList
import android.text.Spannable
import android.text.SpannableString
import android.text.style.ImageSpan
import android.widget.Button
import android.widget.TextView

/** A button as the styles say, without shadow and capitals; it wraps its words rather than cutting them. */
internal class PlainButton(context: Context, style: Int) : TextView(context, null, 0, style) {
    /** Said before the word of the button, and drawn as tall as it. */
    fun withIcon(drawable: Int) {
        val size = (textSize * ICON).toInt()
        val icon = context.getDrawable(drawable)?.mutate() ?: return
        icon.setTintList(ColorStateList.valueOf(currentTextColor))
        icon.setBounds(0, 0, size, size)
        val words = text
        text = SpannableString("\uFFFC $words").apply {
            setSpan(ImageSpan(icon, ImageSpan.ALIGN_CENTER), 0, 1, Spannable.SPAN_EXCLUSIVE_EXCLUSIVE)
        }
        contentDescription = words
    }

    override fun getAccessibilityClassName(): CharSequence = Button::class.java.name

    private companion object {
        const val ICON = 1.3f
    }
}
