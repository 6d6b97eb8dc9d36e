package jp.madoguchi.app.ui

import android.content.Context
import android.content.res.ColorStateList
import android.content.res.Configuration
import android.graphics.drawable.GradientDrawable
import android.graphics.text.LineBreakConfig
import android.os.Build
import android.os.LocaleList
import android.util.TypedValue
import android.view.ContextThemeWrapper
import android.view.Gravity
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.TextView
import jp.madoguchi.app.R
import jp.madoguchi.core.Language
import java.util.Locale
import kotlin.math.roundToInt

internal fun Context.dp(size: Number): Int = (size.toFloat() * resources.displayMetrics.density).roundToInt()

/** A window so low that bar and buttons would leave no room for what matters: a phone on its side, a split screen. */
internal val Context.isLow: Boolean get() = resources.configuration.screenHeightDp < LOW

/** Text so large that a page has to choose what stands still. */
internal val Context.isLarge: Boolean get() = resources.configuration.fontScale >= LARGE

/** A tablet: two panes. */
internal val Context.isWide: Boolean get() = resources.configuration.smallestScreenWidthDp >= WIDE

/**
 * The same context, speaking the language of the screens: the core chooses it, not the device. Japanese comes second, so that
 * a name in kanji is never drawn with the characters of another country.
 */
internal fun Context.speaking(language: Language): Context {
    val locales = when (language) {
        Language.JA -> LocaleList(Locale.JAPAN)
        Language.EN -> LocaleList(Locale.ENGLISH, Locale.JAPAN)
    }
    val override = Configuration().apply {
        fontScale = 0f // as the device has it; older frameworks begin with 1
        setLocales(locales)
    }
    return ContextThemeWrapper(this, R.style.Theme_Madoguchi).apply { applyOverrideConfiguration(override) }
}

/** Text in one of the styles of the resources. */
internal fun Context.text(style: Int, words: CharSequence = ""): TextView = TextView(this, null, 0, style).apply {
    text = words
    breakLines()
}

/**
 * Short Japanese is broken where a reader would pause, as the styles say. A paragraph is filled, and so is large text: there that
 * would leave half of each line empty.
 */
private fun TextView.breakLines() {
    if (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU) return
    val centred = gravity and Gravity.HORIZONTAL_GRAVITY_MASK == Gravity.CENTER_HORIZONTAL
    val filled = !isAccessibilityHeading && !centred && (context.isLarge || text.lines().maxOf { it.length } > PARAGRAPH)
    setLineBreakWordStyle(if (filled) LineBreakConfig.LINE_BREAK_WORD_STYLE_NONE else LineBreakConfig.LINE_BREAK_WORD_STYLE_PHRASE)
}

/** Words that change, and are gone when there are none. */
internal var TextView.words: CharSequence?
    get() = text.takeIf { visibility == View.VISIBLE }
    set(words) {
        if (text.toString() != words?.toString().orEmpty()) {
            text = words
            breakLines()
        }
        visibility = if (words.isNullOrEmpty()) View.GONE else View.VISIBLE
    }

/** A symbol that says nothing by itself: the words stand beside it. */
internal fun Context.icon(drawable: Int, size: Number, colour: Int): ImageView = ImageView(this).apply {
    setImageResource(drawable)
    imageTintList = ColorStateList.valueOf(context.getColor(colour))
    layoutParams = LinearLayout.LayoutParams(dp(size), dp(size))
    importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO
}

/** A filled shape with round corners. */
internal fun Context.ground(colour: Int, radius: Number): GradientDrawable = GradientDrawable().apply {
    setColor(getColor(colour))
    cornerRadius = dp(radius).toFloat()
}

/** Things below each other, so far apart. */
internal class Column(context: Context, gap: Number = 12) : LinearLayout(context) {
    init {
        orientation = VERTICAL
        if (gap != 0) {
            showDividers = SHOW_DIVIDER_MIDDLE
            dividerDrawable = GradientDrawable().apply { setSize(0, context.dp(gap)) }
        }
    }

    fun add(view: View, width: Int = MATCH_PARENT, weight: Float = 0f): Column = apply {
        addView(view, LayoutParams(width, if (weight > 0) 0 else WRAP_CONTENT, weight))
    }

    fun centred(view: View): Column = apply {
        val size = view.layoutParams
        val params = LayoutParams(size?.width ?: WRAP_CONTENT, size?.height ?: WRAP_CONTENT)
        addView(view, params.apply { gravity = Gravity.CENTER_HORIZONTAL })
    }

    /** Pushes what follows to the bottom. */
    fun spring(): Column = add(View(context), weight = 1f)
}

/** Things beside each other, so far apart; `add` with a weight takes what is left. */
internal class Row(context: Context, gap: Number = 12) : LinearLayout(context) {
    init {
        orientation = HORIZONTAL
        gravity = Gravity.CENTER_VERTICAL
        isBaselineAligned = false
        showDividers = SHOW_DIVIDER_MIDDLE
        dividerDrawable = GradientDrawable().apply { setSize(context.dp(gap), 0) }
    }

    fun add(view: View, weight: Float = 0f): Row = apply {
        addView(view, view.layoutParams ?: LayoutParams(if (weight > 0) 0 else WRAP_CONTENT, WRAP_CONTENT, weight))
    }
}

/** A white card with a column in it. */
internal fun Context.card(gap: Number = 8): Column = Column(this, gap).apply {
    setBackgroundResource(R.drawable.card)
    val padding = resources.getDimensionPixelSize(R.dimen.card_padding)
    setPadding(padding, dp(12), padding, dp(12))
}

/** A card of rows with lines between them. */
internal fun Context.rows(): Column = Column(this, 0).apply {
    setBackgroundResource(R.drawable.card)
    clipToOutline = true
    showDividers = LinearLayout.SHOW_DIVIDER_MIDDLE
    dividerDrawable = getDrawable(R.drawable.rule)
    dividerPadding = resources.getDimensionPixelSize(R.dimen.card_padding)
}

/** What colour goes with what is said. */
internal enum class Tint(val ink: Int, val ground: Int) {
    OK(R.color.ok, R.color.ok_tint),
    BAD(R.color.bad, R.color.bad_tint),
    WARN(R.color.warn, R.color.warn_tint),
    NONE(R.color.none, R.color.none_tint),
    PRIMARY(R.color.primary, R.color.primary_tint),
}

/** A few lines that staff should read. */
internal fun Context.notice(words: CharSequence, tint: Tint, icon: Int? = null): View = Row(this, 10).apply {
    background = ground(tint.ground, 10)
    setPadding(dp(12), dp(10), dp(12), dp(10))
    if (icon != null) add(icon(icon, 20, tint.ink))
    add(text(R.style.Text_Secondary, words).apply { setTextColor(getColor(tint.ink)) }, weight = 1f)
}

/** A word or two in a round box. */
internal fun Context.pill(words: CharSequence, tint: Tint): TextView = text(R.style.Text_Pill, words).apply {
    background = ground(tint.ground, 14)
    setTextColor(getColor(tint.ink))
    gravity = Gravity.CENTER
    minHeight = dp(28)
    setPadding(dp(10), dp(4), dp(10), dp(4))
}

/** In the middle. */
internal fun TextView.middle(): TextView = apply {
    gravity = Gravity.CENTER_HORIZONTAL
    breakLines()
}

/** Text that grows with the device's, but only so far: what stands beside it needs its room. */
internal fun TextView.atMost(size: Number): TextView = apply {
    val most = context.dp(size).toFloat()
    if (textSize <= most) return@apply
    setTextSize(TypedValue.COMPLEX_UNIT_PX, most)
    setLineHeight((most * LINE).roundToInt())
}

/** What was wrong, told at once to who cannot see it. */
internal fun TextView.bad(): TextView = apply {
    setTextColor(context.getColor(R.color.bad))
    accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
}

private const val LOW = 480
private const val WIDE = 600
private const val PARAGRAPH = 60
private const val LARGE = 1.5f
private const val LINE = 1.35f
