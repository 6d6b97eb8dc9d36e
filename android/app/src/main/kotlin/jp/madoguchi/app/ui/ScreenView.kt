package jp.madoguchi.app.ui

import android.content.Context
import android.os.Build
import android.view.Gravity
import android.view.View
import android.view.ViewGroup
import android.widget.FrameLayout
import android.widget.ImageView
import android.widget.ScrollView
import android.widget.TextView
import jp.madoguchi.app.R
import jp.madoguchi.core.Action
import jp.madoguchi.core.Language
import jp.madoguchi.core.Page
import jp.madoguchi.core.Screen
import jp.madoguchi.core.ScreenButton
import jp.madoguchi.core.Weight

/** Draws [Scene]s: sandbox banner, bar, page, buttons. */
internal class ScreenView(private val base: Context, private val hands: Hands) : FrameLayout(base) {
    private var frame: Frame? = null

    init {
        // What lies over this app is not to steer the fingers of who uses it.
        filterTouchesWhenObscured = true
        setBackgroundColor(base.getColor(R.color.surface))
    }

    fun show(scene: Scene) {
        val language = scene.screen.language
        val kept = frame?.takeIf { it.language == language } ?: Frame(base.speaking(language), language).also {
            frame?.page?.clear()
            frame = it
            removeAllViews()
            addView(it.root)
        }
        kept.show(scene)
    }

    /** What was typed or shown does not outlive the window in views that nobody sees. */
    override fun onDetachedFromWindow() {
        frame?.page?.clear()
        super.onDetachedFromWindow()
    }

    /** The page that is drawn now. */
    val page: PageView? get() = frame?.page

    private inner class Frame(private val context: Context, val language: Language) {
        val root: View = inflate(context, R.layout.screen, null)
        private val sandbox: TextView = root.requireViewById(R.id.sandbox)
        private val barStart: ViewGroup = root.requireViewById(R.id.bar_start)
        private val barTitle: TextView = root.requireViewById(R.id.bar_title)
        private val barEnd: ViewGroup = root.requireViewById(R.id.bar_end)
        private val scroll: ScrollView = root.requireViewById(R.id.scroll)
        private val body: ViewGroup = root.requireViewById(R.id.body)
        private val foot: ViewGroup = root.requireViewById(R.id.foot)
        private val aside: ViewGroup? = root.findViewById(R.id.aside)
        private val glance: ViewGroup? = root.findViewById(R.id.glance)
        private val asideFoot: ViewGroup? = root.findViewById(R.id.aside_foot)
        private val lowFoot = FrameLayout(context)

        var page: PageView? = null
            private set
        private var key: Any? = null
        private var twoPanes = false
        private var buttons: List<Any?> = emptyList()

        fun show(scene: Scene) {
            val screen = scene.screen
            val view = turnTo(scene)
            view.show(scene)
            sandbox.atMost(BANNER_TEXT)
            sandbox.words = screen.sandbox
            val institution = screen.institution.takeIf { twoPanes && scene.own == null }
            barTitle.atMost(BAR_TEXT)
            barTitle.text = institution ?: view.title(screen)
            if (view.glance == null && twoPanes) steps(screen)
            protect(screen.secure)
            buttons(view, scene)
        }

        /** The page's view, made anew if another page is to be drawn. */
        private fun turnTo(scene: Scene): PageView {
            val screen = scene.screen
            val wanted = listOf(screen.view::class, scene.own)
            page?.takeIf { key == wanted }?.let { return it }
            page?.clear()
            val next = pageView(scene, context, hands)
            page = next
            key = wanted
            buttons = emptyList()
            twoPanes = aside != null && scene.own == null && (next.glance != null || screen.steps.isNotEmpty())
            aside?.visibility = if (twoPanes) View.VISIBLE else View.GONE
            body.removeAllViews()
            glance?.removeAllViews()
            body.addView(matter(next))
            if (twoPanes) next.glance?.let { glance?.addView(it) }
            root.accessibilityPaneTitle = screen.title
            scroll.scrollTo(0, 0)
            return next
        }

        private fun matter(view: PageView): View {
            val above = view.glance.takeIf { !twoPanes }
            (lowFoot.parent as? ViewGroup)?.removeView(lowFoot)
            val column = Column(context, GAP).apply {
                above?.let { add(it) }
                add(view.body, weight = 1f)
                add(lowFoot)
            }
            lowFoot.removeAllViews()
            if (aside == null || twoPanes) return column
            return Bounded(context, resources.getDimensionPixelSize(R.dimen.column_width)).apply { addView(column) }
        }

        private fun steps(screen: Screen) {
            val box = glance ?: return
            val shown = box.getChildAt(0) as? StepsView ?: StepsView(context).also {
                box.removeAllViews()
                box.addView(it)
            }
            shown.show(screen.steps, screen.notices)
        }

        /** Buttons are made anew only when they change: a finger may be on one. */
        private fun buttons(view: PageView, scene: Scene) {
            val screen = scene.screen
            val offered = if (scene.own == null) screen.buttons.filterNot { view.owns(it, twoPanes) } else emptyList()
            val submit = view.submit
            val back = Extra(context.getString(R.string.back), R.drawable.ic_back) { hands.open(null) }
            val now = offered.map { listOf(it.label, it.weight, it.worksAt(screen), it.action::class) } +
                listOf(submit?.label, submit?.enabled, twoPanes, view.corner, scene.own) + view.extra.map { it.label }
            if (now == buttons) return
            buttons = now

            barStart.removeAllViews()
            barEnd.removeAllViews()
            val side = resources.getDimensionPixelSize(R.dimen.bar_side)
            view.corner?.let {
                (it.parent as? ViewGroup)?.removeView(it)
                barEnd.addView(it)
            }
            if (scene.own != null) barStart.addView(iconButton(back.icon, back.label, true, back.press))
            val rest = mutableListOf<ScreenButton>()
            for (button in offered) {
                val icon = barIcon(button, view)
                if (icon == null && !twoPanes && view.inBar(button)) {
                    barEnd.addView(barButton(button, screen))
                    continue
                }
                if (icon == null) {
                    rest += button
                    continue
                }
                val box = if (icon == R.drawable.ic_back) barStart else barEnd
                box.addView(iconButton(icon, button.label, button.worksAt(screen)) { hands.act(button.action) })
            }
            // Words stand where those of the page begin and end; a symbol has room of its own around it.
            barTitle.margins { leftMargin = if (barStart.childCount > 0) context.dp(4) else side }
            barEnd.margins { rightMargin = side - if (view.corner == null && barEnd.childCount > 0) context.dp(SYMBOL_ROOM) else 0 }
            for (box in listOfNotNull(foot, asideFoot, lowFoot)) {
                box.removeAllViews()
                box.visibility = View.GONE
            }
            val most = resources.getDimensionPixelSize(R.dimen.column_width)
            val made = made(view, rest, screen)
            val box = if (twoPanes) asideFoot ?: foot else if (context.isLow) lowFoot else foot
            // Large text leaves room for one button that stands still; the others are at the end of the page.
            val still = made.filter { context.isLarge && box === foot && it.second == Weight.MAIN }.ifEmpty { made }
            for ((place, some) in listOf(box to still, lowFoot to made - still.toSet())) {
                if (some.isEmpty()) continue
                val filled = Foot(context)
                for ((button, weight) in some) filled.add(button, weight)
                place.addView(if (aside != null && !twoPanes) Bounded(context, most).apply { addView(filled) } else filled)
                place.visibility = View.VISIBLE
            }
        }

        private fun made(view: PageView, rest: List<ScreenButton>, screen: Screen): List<Pair<View, Weight>> = buildList {
            for (extra in view.extra) {
                // On a phone beside the main one, as a symbol; on a tablet there is room for the words.
                if (twoPanes) add(context.button(extra.label, Weight.OTHER, true, extra.icon, extra.press) to Weight.OTHER)
                else add(symbolButton(extra) to Weight.QUIET)
            }
            for (button in rest) {
                val made = context.button(button.label, button.weight, button.worksAt(screen)) { hands.act(button.action) }
                add(made to button.weight)
            }
            view.submit?.let { add(context.button(it.label, Weight.MAIN, it.enabled, press = it.press) to Weight.MAIN) }
        }

        private fun symbolButton(extra: Extra): View = iconButton(extra.icon, extra.label, true, extra.press).apply {
            setBackgroundResource(R.drawable.button_other)
            minimumWidth = resources.getDimensionPixelSize(R.dimen.button_height)
            minimumHeight = minimumWidth
        }

        /** Going back, settings and locking have their places in the bar, as on every Android. */
        private fun barIcon(button: ScreenButton, view: PageView): Int? = when {
            view.backInBar && button.action is Action.Back -> R.drawable.ic_back
            button.weight != Weight.QUIET -> null
            button.action is Action.Back -> R.drawable.ic_back
            button.action is Action.Settings -> R.drawable.ic_gear
            button.action is Action.Lock -> R.drawable.ic_lock
            button.action is Action.About -> R.drawable.ic_info
            else -> null
        }

        private fun barButton(button: ScreenButton, screen: Screen): View = PlainButton(context, R.style.Button_Bar).apply {
            atMost(PILL_TEXT)
            text = button.label
            gravity = Gravity.CENTER_VERTICAL or Gravity.END
            maxWidth = context.dp(if (barTitle.text.isEmpty()) WIDE_BAR_BUTTON else BAR_BUTTON)
            isEnabled = button.worksAt(screen)
            setOnClickListener { hands.act(button.action) }
        }

        private fun iconButton(icon: Int, label: String, enabled: Boolean, press: () -> Unit): View =
            ImageView(context).apply {
                setImageResource(icon)
                scaleType = ImageView.ScaleType.CENTER
                setBackgroundResource(R.drawable.icon_button)
                contentDescription = label
                tooltipText = label
                isEnabled = enabled
                layoutParams = ViewGroup.LayoutParams(context.dp(TARGET), context.dp(TARGET))
                setOnClickListener { press() }
            }

        /** From Android 14 on, only real accessibility tools read what must not be captured. */
        private fun protect(secure: Boolean) {
            if (Build.VERSION.SDK_INT < Build.VERSION_CODES.UPSIDE_DOWN_CAKE) return
            root.setAccessibilityDataSensitive(
                if (secure) View.ACCESSIBILITY_DATA_SENSITIVE_YES else View.ACCESSIBILITY_DATA_SENSITIVE_AUTO,
            )
        }
    }

    private companion object {
        const val GAP = 12
        const val TARGET = 48
        const val BAR_TEXT = 20
        const val BANNER_TEXT = 17
        const val PILL_TEXT = 18
        const val BAR_BUTTON = 180
        const val WIDE_BAR_BUTTON = 320
        const val SYMBOL_ROOM = 8
    }
}

private fun View.margins(change: ViewGroup.MarginLayoutParams.() -> Unit) {
    layoutParams = (layoutParams as ViewGroup.MarginLayoutParams).apply(change)
}

/** A button that does nothing yet is drawn so; the core says from when it works. */
internal fun ScreenButton.worksAt(screen: Screen): Boolean = enabledAt?.let { it <= screen.madeAt } ?: true

internal fun Context.button(
    label: String,
    weight: Weight,
    enabled: Boolean = true,
    icon: Int? = null,
    press: () -> Unit,
): TextView {
    val style = when (weight) {
        Weight.MAIN -> R.style.Button_Main
        Weight.OTHER -> R.style.Button_Other
        Weight.QUIET -> R.style.Button_Quiet
    }
    return PlainButton(this, style).apply {
        text = label
        isEnabled = enabled
        icon?.let { withIcon(it) }
        setOnClickListener { press() }
    }
}
