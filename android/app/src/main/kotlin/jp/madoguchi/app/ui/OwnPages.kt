package jp.madoguchi.app.ui

import android.content.Context
import jp.madoguchi.app.R
import jp.madoguchi.core.Page
import jp.madoguchi.core.Screen

/** What this app is. */
internal class AboutPage(context: Context, hands: Hands) : PageView(context, hands) {
    private val column = Column(context, 16)
    private var shown: Any? = null
    override val body = column
    override val backInBar = true

    override fun show(scene: Scene) {
        val view = (scene.screen.view as Page.About).view
        if (shown == view) return
        shown = view
        column.removeAllViews()
        column.add(
            Row(context, 16)
                .add(context.icon(R.drawable.mark, MARK, R.color.primary).apply { imageTintList = null })
                .add(context.text(R.style.Text_Title, view.name), 1f),
        )
        column.add(context.text(R.style.Text, view.text))
        for (note in view.notes) column.add(context.notice(note, Tint.NONE, R.drawable.ic_info))
        column.add(context.facts(view.facts))
        column.add(context.text(R.style.Text_Secondary, view.licence))
        val licences = context.link(R.drawable.ic_info, view.licencesLabel) { hands.open(OwnPage.LICENCES) }
        column.add(context.rows().add(licences))
    }

    private companion object {
        const val MARK = 56
    }
}

/** What the app is built from, and under which licences. */
internal class LicencesPage(context: Context, hands: Hands) : PageView(context, hands) {
    override val body = Column(context, 16).apply {
        val file = context.resources.openRawResource(R.raw.licences)
        val text = file.bufferedReader().use { it.readText() }
        for (paragraph in text.trim().split("\n\n")) {
            val licence = Column(context, 4).add(context.text(R.style.Text_Heading, paragraph.substringBefore('\n')))
            add(licence.add(context.text(R.style.Text_Secondary, paragraph.substringAfter('\n'))))
        }
    }

    override fun title(screen: Screen): String =
        (screen.view as? Page.About)?.view?.licencesLabel ?: screen.title

    override fun show(scene: Scene) = Unit
}
