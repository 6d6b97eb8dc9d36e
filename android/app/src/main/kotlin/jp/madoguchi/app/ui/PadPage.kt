package jp.madoguchi.app.ui

import android.content.Context
import android.view.View
import android.view.ViewGroup
import jp.madoguchi.app.R
import kotlin.math.max
import kotlin.math.min

/** A page with words and a pad: above each other, in a low window beside each other. */
internal fun padPage(words: Column, aside: Column, pad: Pad): View {
    val context = pad.context
    if (!context.isLow) return PadPage(context, words, aside, pad)
    return Row(context, 24).add(words.add(aside), 1f).add(pad, 1f)
}

/**
 * Words above a pad. The keys are as tall as the window allows, so that all of them are there without scrolling. On a phone they
 * stand at the bottom, where the thumb is; on a tablet words and keys are one block in the middle. Where the text is large, what
 * need not be read before typing stands below the keys.
 */
private class PadPage(context: Context, private val words: Column, private val aside: Column, private val pad: Pad) : ViewGroup(context) {
    private val gap = context.dp(if (context.isWide) WIDE_GAP else GAP)
    private val asideBelow = context.isLarge
    private val most = context.dp(WORDS)
    private val padMost = resources.getDimensionPixelSize(R.dimen.pad_width)

    init {
        addView(words)
        addView(pad)
        if (asideBelow) addView(aside) else words.add(aside)
    }

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val width = MeasureSpec.getSize(widthSpec)
        val free = MeasureSpec.makeMeasureSpec(0, MeasureSpec.UNSPECIFIED)
        words.measure(exactly(min(width, most)), free)
        if (asideBelow) aside.measure(exactly(min(width, most)), free)
        val room = if (MeasureSpec.getMode(heightSpec) == MeasureSpec.EXACTLY) MeasureSpec.getSize(heightSpec) - others() else 0
        pad.measure(exactly(min(width, padMost)), exactly(pad.heightWithin(room)))
        setMeasuredDimension(width, resolveSize(others() + pad.measuredHeight, heightSpec))
    }

    override fun onLayout(changed: Boolean, left: Int, top: Int, right: Int, bottom: Int) {
        val spare = max(bottom - top - others() - pad.measuredHeight, 0)
        val start = if (context.isWide) spare / 2 else 0
        place(words, start)
        val keys = start + words.measuredHeight + gap + if (context.isWide) 0 else spare
        place(pad, keys)
        if (asideBelow) place(aside, keys + pad.measuredHeight + gap)
    }

    private fun others(): Int = words.measuredHeight + gap + if (asideBelow) gap + aside.measuredHeight else 0

    private fun place(view: View, y: Int) {
        val x = (width - view.measuredWidth) / 2
        view.layout(x, y, x + view.measuredWidth, y + view.measuredHeight)
    }

    private companion object {
        const val GAP = 16
        const val WIDE_GAP = 32
        const val WORDS = 560
    }
}
