package jp.madoguchi.app.ui

import android.content.Context
import jp.madoguchi.app.R
import jp.madoguchi.core.Fact
import jp.madoguchi.core.FailureView
import jp.madoguchi.core.Page

/** What happened, what to do, and the way round, in this order. */
internal class FailurePage(context: Context, hands: Hands) : PageView(context, hands) {
    private val code = context.text(R.style.Text_Caption).atMost(16)
    private val above = Column(context, 12)
    private val below = Column(context, 16)
    private val wait = context.text(R.style.Text_Lead)
    private var shown: FailureView? = null

    override val corner = code
    override val glance = above
    override val body = below

    override fun show(scene: Scene) {
        val view = (scene.screen.view as Page.Failure).view
        code.words = view.code
        wait.words = view.wait
        val same = shown?.copy(wait = view.wait) == view
        shown = view
        if (same) return
        above.removeAllViews()
        below.removeAllViews()
        above.add(context.sign(R.drawable.ic_warn, Tint.BAD))
        above.add(context.text(R.style.Text_Title, view.cause))
        view.tries?.let { above.add(context.text(R.style.Text_Subtitle, it).apply { setTextColor(context.getColor(R.color.bad)) }) }
        below.add(context.text(R.style.Text_Lead, view.remedy))
        below.add(wait)
        below.fallbacks(view.fallbacksLabel, view.fallbacks)
        view.helpDesk?.let { below.add(context.facts(listOf(Fact(context.getString(R.string.help_desk), it)))) }
    }
}
