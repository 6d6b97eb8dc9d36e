package jp.madoguchi.app.ui

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.drawable.GradientDrawable
import android.view.HapticFeedbackConstants
import android.view.View
import android.view.accessibility.AccessibilityEvent
import android.widget.LinearLayout
import android.widget.TextView
import jp.madoguchi.app.R
import jp.madoguchi.core.Action
import jp.madoguchi.core.Screen

/**
 * Ten digits, a key to take one back, and where there is one a key to end it all. The keys have names, for who cannot see
 * them; what was typed is neither shown nor said by the pad.
 */
internal class Pad(
    context: Context,
    private val digit: (Int) -> Unit,
    erase: () -> Unit,
    cancel: () -> Unit,
) : LinearLayout(context) {
    private val least = resources.getDimensionPixelSize(R.dimen.key_least)
    private val most = resources.getDimensionPixelSize(R.dimen.key_most)
    private val eraseKey = word(erase)
    private val cancelKey = word(cancel)

    init {
        orientation = VERTICAL
        showDividers = SHOW_DIVIDER_MIDDLE
        dividerDrawable = gap()
        for (first in 1..7 step 3) addRow(List(3) { key(first + it) })
        addRow(listOf(cancelKey, key(0), eraseKey))
    }

    /** The key for ending it all is the screen's button for that. */
    fun show(screen: Screen, eraseLabel: String) {
        val cancel = screen.buttons.find { it.action is Action.Cancel }
        eraseKey.text = eraseLabel
        cancelKey.text = cancel?.label
        cancelKey.visibility = if (cancel == null) View.INVISIBLE else View.VISIBLE
    }

    /** As tall as there is room for, between what a finger needs and what looks like a key. */
    fun heightWithin(room: Int): Int {
        val gaps = (ROWS - 1) * context.dp(GAP)
        return room.coerceIn(ROWS * least + gaps, ROWS * most + gaps)
    }

    private fun addRow(keys: List<View>) {
        val row = LinearLayout(context).apply {
            showDividers = SHOW_DIVIDER_MIDDLE
            dividerDrawable = gap()
            isBaselineAligned = false
        }
        for (key in keys) row.addView(key, LayoutParams(0, LayoutParams.MATCH_PARENT, 1f))
        addView(row, LayoutParams(LayoutParams.MATCH_PARENT, 0, 1f))
    }

    private fun key(number: Int): View = PlainButton(context, R.style.Button_Key).apply {
        text = number.toString()
        minHeight = least
        atMost(DIGIT)
        accessibilityDelegate = Unheard
        setOnClickListener {
            it.performHapticFeedback(HapticFeedbackConstants.KEYBOARD_TAP)
            digit(number)
        }
    }

    private fun word(press: () -> Unit): TextView = PlainButton(context, R.style.Button_Key_Word).apply {
        minHeight = least
        // A key has only so much room: its word grows with the text of the device, but not beyond the key.
        atMost(MOST)
        setOnClickListener { press() }
    }

    private fun gap() = GradientDrawable().apply { setSize(context.dp(GAP), context.dp(GAP)) }

    private companion object {
        const val ROWS = 4
        const val GAP = 10
        const val MOST = 22
        const val DIGIT = 34
    }
}

/** A key says its name to who looks for it, and to nobody that it was pressed: who gathers that would have the PIN. */
private object Unheard : View.AccessibilityDelegate() {
    override fun sendAccessibilityEvent(host: View, eventType: Int) {
        if (eventType != AccessibilityEvent.TYPE_VIEW_CLICKED) super.sendAccessibilityEvent(host, eventType)
    }
}

/** How many digits stand there: said as a count, drawn as dots. */
internal class Dots(context: Context) : View(context) {
    private val box = Paint(Paint.ANTI_ALIAS_FLAG)
    private val boxWidth = resources.getDimension(R.dimen.dot_width)
    private val boxHeight = resources.getDimension(R.dimen.dot_height)
    private val gap = context.dp(GAP).toFloat()
    private val stroke = context.dp(2).toFloat()
    private val radius = resources.getDimension(R.dimen.button_radius)
    private var typed = 0
    private var of = 0

    init {
        accessibilityLiveRegion = ACCESSIBILITY_LIVE_REGION_POLITE
        importantForAccessibility = IMPORTANT_FOR_ACCESSIBILITY_YES
    }

    fun show(typed: Int, of: Int) {
        if (typed == this.typed && of == this.of) return
        if (of != this.of) requestLayout()
        this.typed = typed
        this.of = of
        contentDescription = resources.getString(R.string.typed_of, typed, of)
        invalidate()
    }

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val width = of * boxWidth + (of - 1).coerceAtLeast(0) * gap
        setMeasuredDimension(resolveSize(width.toInt(), widthSpec), boxHeight.toInt())
    }

    override fun onDraw(canvas: Canvas) {
        for (i in 0 until of) {
            val left = i * (boxWidth + gap)
            val edge = stroke / 2
            box.style = Paint.Style.FILL
            box.color = context.getColor(R.color.surface)
            canvas.drawRoundRect(left + edge, edge, left + boxWidth - edge, boxHeight - edge, radius, radius, box)
            box.style = Paint.Style.STROKE
            box.strokeWidth = stroke
            box.color = context.getColor(if (i <= typed) R.color.primary else R.color.line)
            canvas.drawRoundRect(left + edge, edge, left + boxWidth - edge, boxHeight - edge, radius, radius, box)
            if (i >= typed) continue
            box.style = Paint.Style.FILL
            box.color = context.getColor(R.color.ink)
            canvas.drawCircle(left + boxWidth / 2, boxHeight / 2, boxWidth / 5, box)
        }
    }

    private companion object {
        const val GAP = 16
    }
}
