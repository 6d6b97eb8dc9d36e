package jp.madoguchi.app.ui

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.Typeface
import android.graphics.drawable.GradientDrawable
import android.view.Gravity
import android.view.View
import android.widget.FrameLayout
import jp.madoguchi.app.R
import jp.madoguchi.core.Step
import jp.madoguchi.core.StepState

/** Where a check stands, for staff; below it what they should read. */
internal class StepsView(context: Context) : FrameLayout(context) {
    private var shown: Pair<List<Step>, List<String>>? = null

    fun show(steps: List<Step>, notices: List<String>) {
        if (shown == steps to notices) return
        shown = steps to notices
        removeAllViews()
        val column = Column(context, 4)
        steps.forEachIndexed { i, step -> column.add(row(i + 1, step, steps.size)) }
        for (notice in notices) {
            column.add(View(context).apply { minimumHeight = context.dp(8) })
            column.add(context.notice(notice, Tint.NONE, R.drawable.ic_info))
        }
        addView(column)
    }

    private fun row(number: Int, step: Step, of: Int): View = Row(context, 12).apply {
        val now = step.state == StepState.NOW
        setPadding(dp(12), dp(10), dp(12), dp(10))
        if (now) background = context.ground(R.color.primary_tint, 10)
        add(badge(number, step.state))
        add(
            context.text(R.style.Text, step.label).apply {
                setTextColor(context.getColor(if (now) R.color.primary else R.color.ink2))
                if (now) typeface = Typeface.DEFAULT_BOLD
            },
            weight = 1f,
        )
        val state = when (step.state) {
            StepState.DONE -> R.string.step_done
            StepState.NOW -> R.string.step_now
            StepState.LATER -> R.string.step_later
        }
        contentDescription = context.getString(R.string.step, number, of, step.label, context.getString(state))
        isFocusable = false
        importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_YES
    }

    private fun badge(number: Int, state: StepState): View {
        if (state == StepState.DONE) {
            return context.icon(R.drawable.ic_check, BADGE, R.color.surface).apply {
                background = context.ground(R.color.ok, BADGE / 2)
                setPadding(dp(5), dp(5), dp(5), dp(5))
            }
        }
        val colour = context.getColor(if (state == StepState.NOW) R.color.primary else R.color.ink2)
        return context.text(R.style.Text_Pill, number.toString()).atMost(DIGIT).apply {
            setTextColor(colour)
            gravity = Gravity.CENTER
            importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO
            background = GradientDrawable().apply {
                shape = GradientDrawable.OVAL
                setStroke(dp(2), colour)
            }
            layoutParams = LayoutParams(dp(BADGE), dp(BADGE))
        }
    }

    private fun dp(size: Number) = context.dp(size)

    private companion object {
        const val BADGE = 28
        const val DIGIT = 15
    }
}

/** How far a tap is, in as many parts as it has steps: real progress, nothing that turns by itself. */
internal class StageBar(context: Context) : View(context) {
    private val paint = Paint(Paint.ANTI_ALIAS_FLAG)
    private val gap = context.dp(6).toFloat()
    private var done = 0f
    private var parts = 1

    init {
        importantForAccessibility = IMPORTANT_FOR_ACCESSIBILITY_NO
        minimumHeight = context.dp(6)
    }

    /** `done` from 0 to 1. */
    fun show(done: Float, parts: Int) {
        this.done = done
        this.parts = parts.coerceAtLeast(1)
        invalidate()
    }

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        setMeasuredDimension(MeasureSpec.getSize(widthSpec), suggestedMinimumHeight)
    }

    override fun onDraw(canvas: Canvas) {
        val part = (width - gap * (parts - 1)) / parts
        val round = height / 2f
        for (i in 0 until parts) {
            val left = i * (part + gap)
            paint.color = context.getColor(R.color.line)
            canvas.drawRoundRect(left, 0f, left + part, height.toFloat(), round, round, paint)
            val filled = (done * parts - i).coerceIn(0f, 1f) * part
            if (filled <= 0) continue
            paint.color = context.getColor(R.color.primary)
            canvas.drawRoundRect(left, 0f, left + filled, height.toFloat(), round, round, paint)
        }
    }
}
