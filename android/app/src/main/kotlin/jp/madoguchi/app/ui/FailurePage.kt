package jp.madoguchi.app.ui

import android.content.Context
import android.view.View
import jp.madoguchi.app.R
import jp.madoguchi.core.Fact
import jp.madoguchi.core.FailureView
import jp.madoguchi.core.Page

/** What happened, what to do, and the way round, in this order: one column, on a tablet too. */
internal class FailurePage(context: Context, hands: Hands) : PageView(context, hands) {
    private val code = context.text(R.style.Text_Caption).atMost(16)
    private val column = Column(context, 16)
    private val wait = context.text(R.style.Text_Lead)
    private var shown: FailureView? = null

    override val corner = code
    override val body: View = context.readable(column)

    override fun show(scene: Scene) {
        val view = (scene.screen.view as Page.Failure).view
        code.words = view.code
        wait.words = view.wait
        val same = shown?.copy(wait = view.wait) == view
        shown = view
        if (same) return
        column.removeAllViews()
        column.add(context.sign(R.drawable.ic_warn, Tint.BAD))
        column.add(context.text(R.style.Text_Title, view.cause))
        view.tries?.let { column.add(context.text(R.style.Text_Subtitle, it).apply { setTextColor(context.getColor(R.color.bad)) }) }
        column.add(context.text(R.style.Text_Lead, view.remedy))
        column.add(wait)
        column.fallbacks(view.fallbacksLabel, view.fallbacks)
        view.helpDesk?.let { column.add(context.facts(listOf(Fact(context.getString(R.string.help_desk), it)))) }
    }
}
