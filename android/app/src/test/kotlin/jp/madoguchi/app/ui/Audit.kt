package jp.madoguchi.app.ui

import android.graphics.Color
import android.graphics.Rect
import android.graphics.drawable.ColorDrawable
import android.graphics.drawable.Drawable
import android.graphics.drawable.DrawableContainer
import android.graphics.drawable.GradientDrawable
import android.graphics.drawable.LayerDrawable
import android.graphics.drawable.RippleDrawable
import android.view.View
import android.view.ViewGroup
import android.widget.ScrollView
import android.widget.TextView
import kotlin.math.max
import kotlin.math.min

/** What is wrong with a drawn screen, in words; nothing, if all is well. */
internal class Audit(private val root: View) {
    private val found = mutableListOf<String>()
    private val least = root.context.dp(48)
    private val leastRoom = root.context.dp(120)

    fun faults(): List<String> {
        look(root)
        return found
    }

    private fun look(view: View) {
        if (view.visibility != View.VISIBLE || view.alpha == 0f) return
        inside(view)
        if (view is TextView) text(view)
        if (view is ScrollView && view.height < leastRoom && view.canScrollVertically(1)) {
            found += "a window of ${view.height} is too low to read what is in it"
        }
        if (view.isClickable && view !is ScrollView) target(view)
        if (view is ViewGroup) for (i in 0 until view.childCount) look(view.getChildAt(i))
    }

    /** Nothing reaches beyond what holds it. */
    private fun inside(view: View) {
        val parent = view.parent as? ViewGroup ?: return
        if (view.width == 0 || view.height == 0) return
        val beyond = view.left < 0 || view.top < 0 || view.right > parent.width ||
            (view.bottom > parent.height && parent !is ScrollView)
        if (beyond) found += "${name(view)} reaches beyond ${parent::class.simpleName}: ${Rect(view.left, view.top, view.right, view.bottom)} in ${parent.width}x${parent.height}"
    }

    private fun text(view: TextView) {
        if (view.text.isNullOrEmpty()) return
        val layout = view.layout ?: return found.plusAssign("${name(view)} has no layout")
        val room = view.height - view.compoundPaddingTop - view.compoundPaddingBottom
        if (layout.height > room + 1) found += "${name(view)} is cut: ${layout.height} in $room"
        for (line in 0 until layout.lineCount) {
            if (layout.getEllipsisCount(line) > 0) found += "${name(view)} has an ellipsis"
            val wide = layout.getLineMax(line)
            val space = view.width - view.compoundPaddingLeft - view.compoundPaddingRight
            if (wide > space + 1) found += "${name(view)} is too wide: $wide in $space"
        }
        contrast(view)
    }

    private fun contrast(view: TextView) {
        val ground = ground(view) ?: return found.plusAssign("${name(view)} lies on nothing")
        val ratio = contrast(view.currentTextColor, ground)
        if (ratio < LEAST_CONTRAST) found += "${name(view)} has a contrast of $ratio"
    }

    private fun target(view: View) {
        if (view.width < least || view.height < least) found += "${name(view)} is a target of ${view.width}x${view.height}"
        val named = !view.contentDescription.isNullOrBlank() || (view is TextView && !(view.text.isNullOrBlank() && view.labelled() == null))
        if (!named) found += "${view::class.simpleName} can be pressed and has no name"
    }

    /** A field is named by its label. */
    private fun View.labelled(): View? = find(root) { it.labelFor == id && id != View.NO_ID }

    private fun find(view: View, wanted: (View) -> Boolean): View? {
        if (wanted(view)) return view
        val group = view as? ViewGroup ?: return null
        return (0 until group.childCount).firstNotNullOfOrNull { find(group.getChildAt(it), wanted) }
    }

    private fun name(view: View) = "${view::class.simpleName} “${(view as? TextView)?.text ?: view.contentDescription ?: ""}”"

    private fun ground(view: View): Int? = generateSequence(view) { it.parent as? View }
        .mapNotNull { it.background?.colour(it.drawableState) }
        .firstOrNull { Color.alpha(it) == 255 }

    private fun Drawable.colour(state: IntArray): Int? = when (this) {
        is ColorDrawable -> color
        is GradientDrawable -> color?.getColorForState(state, color?.defaultColor ?: 0)
        is RippleDrawable -> (0 until numberOfLayers).filter { getId(it) != android.R.id.mask }.firstNotNullOfOrNull { getDrawable(it).colour(state) }
        is LayerDrawable -> (numberOfLayers - 1 downTo 0).firstNotNullOfOrNull { getDrawable(it).colour(state) }
        is DrawableContainer -> current.takeIf { it !== this }?.colour(state)
        else -> null
    }

    companion object {
        private const val LEAST_CONTRAST = 4.5

        /** WCAG 2.2, “contrast ratio”. */
        fun contrast(one: Int, other: Int): Double {
            val (a, b) = luminance(one) to luminance(other)
            return (max(a, b) + 0.05) / (min(a, b) + 0.05)
        }

        private fun luminance(colour: Int): Double = Color.luminance(colour).toDouble()
    }
}
