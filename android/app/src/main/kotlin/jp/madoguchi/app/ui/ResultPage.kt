package jp.madoguchi.app.ui

import android.content.Context
import android.view.View
import jp.madoguchi.app.R
import jp.madoguchi.core.ExportKind
import jp.madoguchi.core.Line
import jp.madoguchi.core.Page
import jp.madoguchi.core.RecordView
import jp.madoguchi.core.ResultView
import jp.madoguchi.core.Tone
import jp.madoguchi.core.ValidityView

/**
 * The insurance record, in three sizes: whether it is valid, and who it is, from a metre; the rest, as numbers to be copied.
 */
internal class ResultPage(context: Context, hands: Hands) : PageView(context, hands) {
    private val clear = context.pill("", Tint.NONE).atMost(16)
    private val above = Column(context, 12)
    private val below = Column(context, 12)
    private var shown: ResultView? = null

    override val corner = clear
    override val glance = above
    override val body = below

    override val extra: List<Extra>
        get() = shown?.exports.orEmpty().map { choice ->
            val icon = when (choice.kind) {
                ExportKind.COPY -> R.drawable.ic_copy
                ExportKind.FILE -> R.drawable.ic_share
            }
            Extra(choice.label, icon) { hands.export(choice) }
        }

    override fun show(scene: Scene) {
        val view = (scene.screen.view as Page.Result).view
        clear.words = view.clearText
        val same = shown?.copy(clearAt = view.clearAt, clearText = view.clearText) == view
        shown = view
        if (same) return
        above.removeAllViews()
        below.removeAllViews()
        above.add(validity(view.validity, view.confirmed))
        view.advice?.let { above.add(context.notice(it, view.validity.tone.tint.quiet())) }
        for (notice in view.notices) above.add(context.notice(notice, Tint.WARN, R.drawable.ic_warn))
        val records = view.records
        // One person is part of the glance; several stand with their records.
        if (records.size == 1) above.add(person(records.single()))
        below.fallbacks(null, view.fallbacks)
        for (record in records) record(view, record, records.size > 1)
        below.add(context.text(R.style.Text_Caption, context.getString(R.string.check_id, view.checkId)).middle())
    }

    override fun clear() {
        shown = null
        above.removeAllViews()
        below.removeAllViews()
    }

    private fun validity(view: ValidityView, confirmed: String): View = Row(context, 14).apply {
        val tint = view.tone.tint
        background = context.ground(tint.ground, 12)
        setPadding(context.dp(16), context.dp(14), context.dp(16), context.dp(14))
        val size = context.resources.getDimension(R.dimen.validity_symbol) / context.resources.displayMetrics.density
        val symbol = symbol(view.symbol)
        if (symbol == null) {
            add(context.text(R.style.Text_Validity, view.symbol).apply { setTextColor(context.getColor(tint.ink)) })
        } else {
            add(context.icon(symbol, size, tint.ink))
        }
        val words = Column(context, 0)
        words.add(OneLine(context, R.style.Text_Validity, view.word).apply { setTextColor(context.getColor(tint.ink)) })
        words.add(context.text(R.style.Text_Secondary, confirmed).apply { setTextColor(context.getColor(tint.ink)) })
        add(words, weight = 1f)
    }

    private fun person(record: RecordView): View = context.card(0).apply {
        record.kana?.let { add(context.text(R.style.Text_Secondary, it)) }
        add(context.text(R.style.Text_Name, record.name))
        record.born?.let { add(context.text(R.style.Text, it)) }
        record.nameNote?.let { add(context.text(R.style.Text_Caption, it)) }
    }

    private fun record(view: ResultView, record: RecordView, several: Boolean) {
        record.heading?.let { below.add(context.text(R.style.Text_Subtitle, it)) }
        if (several) below.add(person(record))
        for (section in record.sections) {
            below.section(section.heading, section.lines.map { row(it, view.copied) })
        }
    }

    private fun row(line: Line, copied: String?): View {
        val value = Column(context, 0)
        val words = context.text(R.style.Text_Value, line.value)
        if (line.attention) words.setTextColor(context.getColor(R.color.warn))
        value.add(words)
        line.note?.let { value.add(context.text(R.style.Text_Caption, it)) }
        return FactRow(context, context.factLabel(line.label), value).apply {
            contentDescription = listOfNotNull(line.label, line.value, line.note).joinToString("\n")
            val plain = line.copy ?: return@apply
            val done = copied ?: return@apply
            setBackgroundResource(R.drawable.row)
            tooltipText = context.getString(R.string.copy_value)
            setOnClickListener { hands.copy(plain, done) }
        }
    }

    /** The core's symbols as they are drawn; one that this shell does not know is shown as it is. */
    private fun symbol(symbol: String): Int? = when (symbol) {
        "✓" -> R.drawable.ic_check
        "✕" -> R.drawable.ic_cross
        "↻" -> R.drawable.ic_renew
        "–" -> R.drawable.ic_minus
        "≡" -> R.drawable.ic_many
        "?" -> R.drawable.ic_question
        else -> null
    }

    private val Tone.tint: Tint
        get() = when (this) {
            Tone.GOOD -> Tint.OK
            Tone.BAD -> Tint.BAD
            Tone.CHANGED -> Tint.WARN
            Tone.SEVERAL -> Tint.PRIMARY
            Tone.NEUTRAL -> Tint.NONE
        }

    private fun Tint.quiet(): Tint = if (this == Tint.PRIMARY) Tint.PRIMARY else Tint.NONE
}
