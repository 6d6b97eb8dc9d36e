package jp.madoguchi.app.ui

import android.content.Context
import android.view.View
import android.widget.ImageView
import android.widget.LinearLayout
import jp.madoguchi.app.R
import jp.madoguchi.core.Action
import jp.madoguchi.core.Page
import jp.madoguchi.core.Screen
import jp.madoguchi.core.ScreenButton

/** The patient types the PIN: large, few words, no digit shown. */
internal class PinPadPage(context: Context, hands: Hands) : PageView(context, hands) {
    private val title = context.text(R.style.Text_Patient).middle()
    private val text = context.text(R.style.Text_Lead).middle()
    private val hint = context.text(R.style.Text_Secondary).middle()
    private val problem = context.text(R.style.Text).bad().middle()
    private val dots = Dots(context)
    private val pad = Pad(
        context,
        { act(Action.Digit(it.toUByte())) },
        { act(Action.Erase) },
        { act(Action.Cancel) },
    )

    override val body = padPage(
        Column(context, 16).add(title).add(problem).centred(dots),
        Column(context, 8).add(text).add(hint),
        pad,
    )

    /** The title is the patient's: it stands large in the page. */
    override fun title(screen: Screen) = ""

    override fun inBar(button: ScreenButton) = button.action is Action.UseVisual

    /** On a tablet staff can end it on their side, too. */
    override fun owns(button: ScreenButton, wide: Boolean) = button.action is Action.Cancel && !wide

    override fun show(scene: Scene) {
        val view = (scene.screen.view as Page.PinPad).view
        title.words = scene.screen.title
        // There is no room for all on a small phone, and this was read before the first try.
        text.words = view.text.takeIf { view.problem == null }
        hint.words = view.hint
        problem.words = view.problem
        dots.show(view.typed.toInt(), view.of.toInt())
        pad.show(scene.screen, view.eraseLabel)
    }
}

/** Where to hold the card, and how far its reading is. */
internal class HoldCardPage(context: Context, hands: Hands) : PageView(context, hands) {
    private val again = context.text(R.style.Text_Subtitle).bad().middle()
    private val text = context.text(R.style.Text_Patient).middle().apply { if (!context.isWide) atMost(MOST) }
    private val picture = ImageView(context).apply {
        adjustViewBounds = true
        importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO
    }
    private val stages = StageBar(context)
    private val stage = context.text(R.style.Text).middle()
    private val hint = context.text(R.style.Text_Secondary).middle()
    private val reader = context.text(R.style.Text_Caption).middle()
    private val readerHint = Column(context, 0)
    private val others = Column(context, 12)
    private var shown: Any? = null

    override val body = page()

    init {
        text.accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        stage.accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
    }

    override fun show(scene: Scene) {
        val view = (scene.screen.view as Page.HoldCard).view
        val progress = scene.progress
        val total = progress?.total?.toInt()?.coerceAtLeast(1) ?: 1
        val done = (progress?.done?.toInt() ?: 0).coerceIn(0, total)
        again.words = view.again?.text.takeIf { progress == null }
        text.words = if (progress == null) view.text else view.still
        stages.visibility = if (progress == null) View.GONE else View.VISIBLE
        stages.show(done.toFloat() / total, view.stages.size)
        stage.words = progress?.let { view.stages.getOrNull((done * view.stages.size / total).coerceAtMost(view.stages.lastIndex)) }
        hint.words = view.hint.takeIf { progress == null }
        picture.setImageResource(if (view.reader == null) R.drawable.hold_phone else R.drawable.hold_reader)
        reader.words = view.reader?.value
        val told = listOf(view.readerHint, view.fallbacksLabel, view.fallbacks)
        if (shown == told) return
        shown = told
        readerHint.removeAllViews()
        readerHint.visibility = if (view.readerHint == null) View.GONE else View.VISIBLE
        view.readerHint?.let { readerHint.add(context.notice(it, Tint.WARN, R.drawable.ic_bluetooth)) }
        others.removeAllViews()
        others.visibility = if (view.fallbacks.isEmpty()) View.GONE else View.VISIBLE
        others.fallbacks(view.fallbacksLabel, view.fallbacks)
    }

    private fun page(): View {
        if (context.isLow) {
            val words = Column(context, 12).add(again).add(text).add(stages).add(stage).add(hint).add(readerHint).add(reader)
            picture.layoutParams = LinearLayout.LayoutParams(0, context.dp(LOW_PICTURE), 1f)
            return Column(context, 16).add(Row(context, 24).add(picture).add(words, 1f)).add(others)
        }
        val above = Column(context, 12).add(again).add(text)
        val below = Column(context, 12).add(stages).add(stage).add(hint).add(readerHint).add(reader)
        val height = context.dp(if (context.isWide) WIDE_PICTURE else PICTURE)
        return Column(context, 24).apply {
            spring()
            add(bounded(above))
            addView(picture, LinearLayout.LayoutParams(LinearLayout.LayoutParams.MATCH_PARENT, height))
            add(bounded(below))
            spring()
            add(bounded(others))
        }
    }

    private fun bounded(view: View) = Bounded(context, context.dp(WIDTH)).apply { addView(view) }

    private companion object {
        const val WIDTH = 560
        const val MOST = 32
        const val PICTURE = 200
        const val WIDE_PICTURE = 280
        const val LOW_PICTURE = 160
    }
}

/** One try is left: only who is asked goes on. */
internal class LastTryPage(context: Context, hands: Hands) : PageView(context, hands) {
    private val column = Column(context, 16)
    private var shown: Any? = null
    override val body = context.readable(column)

    override fun show(scene: Scene) {
        val view = (scene.screen.view as Page.LastTry).view
        if (shown == view) return
        shown = view
        column.removeAllViews()
        column.add(context.sign(R.drawable.ic_warn, Tint.WARN))
        column.add(context.text(R.style.Text_Patient, view.text))
        column.add(context.text(R.style.Text_Lead, view.hint))
        column.fallbacks(view.fallbacksLabel, view.fallbacks)
    }
}
