package jp.madoguchi.app.ui

import android.content.Context
import android.view.Gravity
import android.view.View
import android.widget.LinearLayout
import android.widget.ProgressBar
import jp.madoguchi.app.R
import jp.madoguchi.core.Action
import jp.madoguchi.core.BiometricsOffer
import jp.madoguchi.core.Method
import jp.madoguchi.core.MethodChoice
import jp.madoguchi.core.Page
import jp.madoguchi.core.Screen
import jp.madoguchi.core.ScreenButton
import jp.madoguchi.core.Weight

/** How the next person is confirmed. */
internal class ChoosePage(context: Context, hands: Hands) : PageView(context, hands) {
    private val wide = context.isWide
    private val notices = Column(context, 8)
    private val text = context.text(R.style.Text_Title)
    private val methods = Column(context, 12)
    private val consent = context.card(0).apply { setPadding(0, 0, 0, 0) }
    private val offer = Column(context, 0)
    private val footnote = context.text(R.style.Text_Caption).middle()
    private var told: List<String>? = null
    private var shown: Any? = null

    override val body = Column(context, 16).apply {
        add(notices)
        add(text)
        add(methods)
        add(consent)
        add(offer)
        spring()
        add(footnote)
    }

    override fun title(screen: Screen) = screen.institution ?: screen.title

    override fun show(scene: Scene) {
        val screen = scene.screen
        val view = (screen.view as Page.Choose).view
        if (told != screen.notices) {
            told = screen.notices
            notices.removeAllViews()
            notices.visibility = if (wide || screen.notices.isEmpty()) View.GONE else View.VISIBLE
            for (notice in screen.notices) notices.add(context.notice(notice, Tint.NONE, R.drawable.ic_info))
        }
        // A notice that changes makes nothing anew on which a finger may be.
        if (shown == view) return
        shown = view
        text.text = view.text
        methods.removeAllViews()
        for (choice in view.methods) methods.add(card(choice))
        consent.removeAllViews()
        consent.add(context.check(view.consentLabel, view.limitAmount) { act(Action.Consent(!view.limitAmount)) })
        offer.removeAllViews()
        offer.visibility = if (view.offer == null) View.GONE else View.VISIBLE
        view.offer?.let { offer.add(card(it)) }
        footnote.words = view.footnote
    }

    private fun card(choice: MethodChoice): View = (if (context.isLarge) Column(context, 8) else Row(context, 16)).apply {
        setBackgroundResource(R.drawable.choice)
        isSelected = choice.usual != null
        minimumHeight = resources.getDimensionPixelSize(R.dimen.choice_height)
        val padding = resources.getDimensionPixelSize(R.dimen.card_padding)
        setPadding(padding, context.dp(16), padding, context.dp(16))
        val icon = when (choice.method) {
            Method.VISUAL -> R.drawable.ic_eye
            Method.PIN -> R.drawable.ic_pin
        }
        addView(context.icon(icon, 40, R.color.primary))
        val words = Column(context, 4)
        val heading = Flow(context, 8)
        heading.addView(context.text(R.style.Text_Subtitle, choice.label))
        choice.usual?.let { heading.addView(context.pill(it, Tint.PRIMARY).apply { setBackgroundResource(R.drawable.tag) }) }
        words.add(heading)
        words.add(context.text(R.style.Text_Secondary, choice.text))
        // Large text has the whole width for itself.
        addView(words, if (context.isLarge) LinearLayout.LayoutParams(-1, -2) else LinearLayout.LayoutParams(0, -2, 1f))
        contentDescription = listOfNotNull(choice.label, choice.usual, choice.text).joinToString("\n")
        isClickable = true
        isFocusable = true
        setOnClickListener { act(Action.Choose(choice.method)) }
    }

    /** Once after a log in by passcode: biometrics from now on? */
    private fun card(offered: BiometricsOffer): View = context.card(12).apply {
        add(Row(context).add(context.icon(R.drawable.ic_finger, 32, R.color.primary)).add(context.text(R.style.Text, offered.text), 1f))
        val foot = Foot(context)
        foot.add(context.button(offered.declineLabel, Weight.QUIET) { hands.biometrics(false) }, Weight.QUIET)
        foot.add(context.button(offered.acceptLabel, Weight.OTHER) { hands.biometrics(true) }, Weight.OTHER)
        add(foot)
    }
}

/** The birth date printed on the card, typed by staff. */
internal class BirthDatePage(context: Context, hands: Hands) : PageView(context, hands) {
    private val text = context.text(R.style.Text_Title)
    private val hint = context.text(R.style.Text_Secondary)
    private val problem = context.text(R.style.Text).bad()
    private val eras = Flow(context)
    private val typed = context.text(R.style.Text_Typed).apply {
        setBackgroundResource(R.drawable.field)
        gravity = Gravity.CENTER
        minHeight = context.dp(FIELD)
        hint = context.getString(R.string.birth_date)
        setHintTextColor(context.getColor(R.color.ink3))
    }
    private val pad = Pad(context, { act(Action.Digit(it.toUByte())) }, { act(Action.Erase) }, { act(Action.Cancel) })
    private var shown: Any? = null

    override val body = padPage(
        Column(context, 12).add(text).add(problem).add(eras).add(typed),
        Column(context, 12).add(hint),
        pad,
    )

    override fun inBar(button: ScreenButton) = button.action is Action.UsePin

    override fun owns(button: ScreenButton, wide: Boolean) = button.action is Action.Cancel && !wide

    override fun show(scene: Scene) {
        val view = (scene.screen.view as Page.BirthDate).view
        text.text = view.text
        // There is no room for both on a small phone, and the reason was read before.
        hint.words = view.hint.takeIf { view.problem == null }
        problem.words = view.problem
        typed.text = view.typed
        typed.contentDescription = view.typed.ifEmpty { view.text }
        pad.show(scene.screen, view.eraseLabel)
        if (shown == view.eras) return
        shown = view.eras
        eras.removeAllViews()
        for (choice in view.eras) {
            val chip = PlainButton(context, R.style.Button_Chip).apply {
                text = choice.label
                isSelected = choice.chosen
                setOnClickListener { act(Action.Era(choice.era)) }
            }
            eras.addView(chip)
        }
    }

    private companion object {
        const val FIELD = 56
    }
}

/** Something that must be read before it goes on. */
internal class WarningPage(context: Context, hands: Hands) : PageView(context, hands) {
    private val column = Column(context, 16)
    private var shown: Any? = null
    override val body = context.readable(column)

    override fun show(scene: Scene) {
        val view = (scene.screen.view as Page.Warning).view
        if (shown == view) return
        shown = view
        column.removeAllViews()
        column.add(context.sign(R.drawable.ic_warn, Tint.WARN))
        column.add(context.text(R.style.Text_Title, view.text))
        column.add(context.text(R.style.Text_Lead, view.hint))
        column.fallbacks(view.fallbacksLabel, view.fallbacks)
    }
}

/** The service is awaited. */
internal class WaitingPage(context: Context, hands: Hands) : PageView(context, hands) {
    private val text = context.text(R.style.Text_Title).middle()

    override val body = Column(context, 24).apply {
        spring()
        add(text)
        add(
            ProgressBar(context, null, android.R.attr.progressBarStyleHorizontal).apply {
                isIndeterminate = true
                importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO
            },
        )
        spring()
    }

    init {
        text.accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
    }

    override fun show(scene: Scene) {
        val view = (scene.screen.view as Page.Waiting).view
        if (text.text.toString() != view.text) text.text = view.text
    }
}
