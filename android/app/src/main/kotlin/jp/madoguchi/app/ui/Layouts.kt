package jp.madoguchi.app.ui

import android.content.Context
import android.text.TextPaint
import android.util.TypedValue
import android.view.Gravity
import android.view.View
import android.view.ViewGroup
import android.widget.FrameLayout
import android.widget.TextView
import jp.madoguchi.app.R
import jp.madoguchi.core.Weight
import kotlin.math.max
import kotlin.math.min

/** Never wider than is good to read, and in the middle. */
internal class Bounded(context: Context, private val most: Int) : FrameLayout(context) {
    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val width = MeasureSpec.getSize(widthSpec)
        val spec = MeasureSpec.makeMeasureSpec(min(width, most), MeasureSpec.EXACTLY)
        super.onMeasure(spec, heightSpec)
        setMeasuredDimension(width, measuredHeight)
    }

    override fun onLayout(changed: Boolean, left: Int, top: Int, right: Int, bottom: Int) {
        for (i in 0 until childCount) {
            val child = getChildAt(i)
            val start = (right - left - child.measuredWidth) / 2
            child.layout(start, 0, start + child.measuredWidth, child.measuredHeight)
        }
    }
}

/** Something to be read: on a tablet a column in the middle of the pane. */
internal fun Context.readable(column: Column): View {
    if (!isWide) return column
    return Column(this, 0).spring().add(Bounded(this, dp(READABLE)).apply { addView(column) }).spring()
}

/** One or two words that are to be read from afar: somewhat smaller, if they fit on one line then. */
internal class OneLine(context: Context, style: Int, words: String) : TextView(context, null, 0, style) {
    private val full = textSize

    init {
        text = words
    }

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val room = MeasureSpec.getSize(widthSpec) - compoundPaddingLeft - compoundPaddingRight
        if (MeasureSpec.getMode(widthSpec) != MeasureSpec.UNSPECIFIED) fit(room)
        super.onMeasure(widthSpec, heightSpec)
    }

    private fun fit(room: Int) {
        val wanted = TextPaint(paint).apply { textSize = full }.measureText(text.toString())
        val share = room / wanted
        val size = if (share < 1 && share >= LEAST) full * share * ROUNDED else full
        if (size != textSize) setTextSize(TypedValue.COMPLEX_UNIT_PX, size)
    }

    private companion object {
        const val LEAST = 0.75f

        /** Widths are not quite in proportion to sizes. */
        const val ROUNDED = 0.98f
    }
}

/** Chips: as many beside each other as there is room for. */
internal class Flow(context: Context, gap: Number = 8) : ViewGroup(context) {
    private val gap = context.dp(gap)

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val width = MeasureSpec.getSize(widthSpec)
        for (child in children()) {
            child.measure(
                MeasureSpec.makeMeasureSpec(width, MeasureSpec.AT_MOST),
                MeasureSpec.makeMeasureSpec(0, MeasureSpec.UNSPECIFIED),
            )
        }
        setMeasuredDimension(width, arrange(width) { _, _, _ -> })
    }

    override fun onLayout(changed: Boolean, left: Int, top: Int, right: Int, bottom: Int) {
        arrange(right - left) { child, x, y -> child.layout(x, y, x + child.measuredWidth, y + child.measuredHeight) }
    }

    private fun arrange(width: Int, place: (View, Int, Int) -> Unit): Int {
        var x = 0
        var y = 0
        var line = 0
        for (child in children()) {
            if (x > 0 && x + child.measuredWidth > width) {
                x = 0
                y += line + gap
                line = 0
            }
            place(child, x, y)
            x += child.measuredWidth + gap
            line = max(line, child.measuredHeight)
        }
        return y + line
    }
}

/**
 * The buttons of a screen. The filled one is at the bottom, where the thumb is; leaving stands beside it where both fit on one
 * line, else above; other ways are above them.
 */
internal class Foot(context: Context) : ViewGroup(context) {
    private val gap = context.dp(GAP)

    /** From top to bottom; what is in one list stands on one line. */
    private var lines: List<List<View>> = emptyList()

    fun add(button: View, weight: Weight) {
        button.setTag(weightTag, weight)
        addView(button)
    }

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val width = MeasureSpec.getSize(widthSpec)
        lines = lines(width)
        var height = 0
        for (line in lines) {
            val natural = line.map { naturalWidth(it) }
            val rest = width - gap * (line.size - 1) - natural.dropLast(1).sum()
            val shared = line.all { it.weight == Weight.QUIET }
            line.forEachIndexed { i, view ->
                val share = (width - gap * (line.size - 1)) / line.size
                val wide = if (shared) share else if (i == line.lastIndex) rest else natural[i]
                view.measure(exactly(wide), MeasureSpec.makeMeasureSpec(0, MeasureSpec.UNSPECIFIED))
            }
            val most = line.maxOf { it.measuredHeight }
            for (view in line) view.measure(exactly(view.measuredWidth), exactly(most))
            height += most + if (line === lines.last()) 0 else gap
        }
        setMeasuredDimension(width, height)
    }

    override fun onLayout(changed: Boolean, left: Int, top: Int, right: Int, bottom: Int) {
        var y = 0
        for (line in lines) {
            var x = 0
            for (view in line) {
                view.layout(x, y, x + view.measuredWidth, y + view.measuredHeight)
                x += view.measuredWidth + gap
            }
            y += line.first().measuredHeight + gap
        }
    }

    private fun lines(width: Int): List<List<View>> {
        val all = children().toList()
        val leaving = all.filter { it.weight == Weight.QUIET }
        val others = all.filter { it.weight == Weight.OTHER }
        val last = all.lastOrNull { it.weight == Weight.MAIN } ?: others.lastOrNull()
        val bottom = leaving + listOfNotNull(last)
        val above = (others - listOfNotNull(last).toSet()).map { listOf(it) }
        val widths = bottom.map { naturalWidth(it) }
        val fits = when {
            last == null -> widths.all { it <= (width - gap * (bottom.size - 1)) / max(bottom.size, 1) }
            // The one to press is never the smaller part of its line.
            else -> widths.sum() + gap * (bottom.size - 1) <= width && widths.dropLast(1).sum() + gap * (bottom.size - 1) <= width / 2
        }
        return (above + if (fits) listOf(bottom) else bottom.map { listOf(it) }).filter { it.isNotEmpty() }
    }

    private fun naturalWidth(view: View): Int {
        val free = MeasureSpec.makeMeasureSpec(0, MeasureSpec.UNSPECIFIED)
        view.measure(free, free)
        return view.measuredWidth
    }

    private val View.weight: Weight get() = getTag(weightTag) as Weight

    private companion object {
        const val GAP = 12
        val weightTag = R.id.foot
    }
}

/**
 * A label with its value. On a phone the value stands at the right, or below where both do not fit on one line; on a tablet
 * labels have a column of their own, and values begin at one edge.
 */
internal class FactRow(context: Context, private val label: View, private val value: View) : ViewGroup(context) {
    private val gap = context.dp(GAP)
    private val column = resources.getDimensionPixelSize(R.dimen.label_width)
    private var beside = true

    init {
        val side = resources.getDimensionPixelSize(R.dimen.card_padding)
        setPadding(side, context.dp(9), side, context.dp(9))
        minimumHeight = context.dp(LEAST)
        addView(label)
        addView(value)
    }

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val width = MeasureSpec.getSize(widthSpec)
        val room = width - paddingLeft - paddingRight
        val free = MeasureSpec.makeMeasureSpec(0, MeasureSpec.UNSPECIFIED)
        label.measure(free, free)
        value.measure(free, free)
        beside = if (column > 0) {
            label.measuredWidth <= column && room - column - gap >= column
        } else {
            label.measuredWidth + gap + value.measuredWidth <= room
        }
        align(if (beside && column == 0) Gravity.END else Gravity.START)
        val labelRoom = if (beside && column > 0) column else room
        label.measure(MeasureSpec.makeMeasureSpec(labelRoom, MeasureSpec.AT_MOST), free)
        val valueRoom = if (beside && column > 0) room - column - gap else room
        value.measure(MeasureSpec.makeMeasureSpec(valueRoom, MeasureSpec.AT_MOST), free)
        val content = if (beside) {
            max(label.measuredHeight, value.measuredHeight)
        } else {
            label.measuredHeight + value.measuredHeight
        }
        setMeasuredDimension(width, max(content + paddingTop + paddingBottom, suggestedMinimumHeight))
    }

    override fun onLayout(changed: Boolean, left: Int, top: Int, right: Int, bottom: Int) {
        val height = bottom - top
        if (!beside) {
            val y = (height - label.measuredHeight - value.measuredHeight) / 2
            label.put(paddingLeft, y)
            value.put(paddingLeft, y + label.measuredHeight)
            return
        }
        label.put(paddingLeft, (height - label.measuredHeight) / 2)
        val x = if (column > 0) paddingLeft + column + gap else right - left - paddingRight - value.measuredWidth
        value.put(x, (height - value.measuredHeight) / 2)
    }

    private fun align(side: Int) {
        val words = if (value is ViewGroup) value.children() else sequenceOf(value)
        for (word in words.filterIsInstance<TextView>()) if (word.gravity != side) word.gravity = side
    }

    private fun View.put(x: Int, y: Int) = layout(x, y, x + measuredWidth, y + measuredHeight)

    private companion object {
        const val GAP = 16
        const val LEAST = 48
    }
}

private const val READABLE = 560

internal fun ViewGroup.children(): Sequence<View> =
    (0 until childCount).asSequence().map { getChildAt(it) }.filter { it.visibility != View.GONE }

internal fun exactly(size: Int): Int = View.MeasureSpec.makeMeasureSpec(max(size, 0), View.MeasureSpec.EXACTLY)
