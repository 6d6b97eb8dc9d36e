package jp.madoguchi.app.ui

import android.content.Context
import android.view.View
import android.widget.LinearLayout
import jp.madoguchi.app.R
import jp.madoguchi.core.Fact

/** A large symbol above what happened. */
internal fun Context.sign(icon: Int, tint: Tint): View = Row(this).add(
    icon(icon, SIGN, tint.ink).apply {
        background = ground(tint.ground, SIGN / 2)
        val space = dp(SIGN / 4.5f)
        setPadding(space, space, space, space)
    },
)

/** Labels with their values. */
internal fun Context.facts(facts: List<Fact>): View = rows().apply {
    for (fact in facts) add(FactRow(context, factLabel(fact.label), context.text(R.style.Text, fact.value)))
}

internal fun Context.factLabel(words: String) = text(R.style.Text_Secondary, words)

/** The official other ways, numbered: staff take the first that the patient has. */
internal fun Column.fallbacks(label: String?, ways: List<String>): Column = apply {
    if (ways.isEmpty()) return@apply
    label?.let { add(context.text(R.style.Text_Heading, it)) }
    val rows = context.rows()
    ways.forEachIndexed { i, way ->
        val row = Row(context, 12).apply {
            val side = resources.getDimensionPixelSize(R.dimen.card_padding)
            setPadding(side, context.dp(11), side, context.dp(11))
        }
        row.add(
            context.text(R.style.Text_Value, (i + 1).toString()).apply {
                setTextColor(context.getColor(R.color.primary))
                importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO
            },
        )
        row.add(context.text(R.style.Text, way), weight = 1f)
        rows.add(row)
    }
    add(rows)
}

/** A row that leads to another page. */
internal fun Context.link(icon: Int, words: String, press: () -> Unit): View = Row(this, 12).apply {
    val side = resources.getDimensionPixelSize(R.dimen.card_padding)
    setPadding(side, dp(8), side, dp(8))
    minimumHeight = resources.getDimensionPixelSize(R.dimen.button_height)
    setBackgroundResource(R.drawable.row)
    add(icon(icon, 24, R.color.ink2))
    add(text(R.style.Text, words), weight = 1f)
    add(icon(R.drawable.ic_forward, 20, R.color.ink3))
    contentDescription = words
    isClickable = true
    isFocusable = true
    setOnClickListener { press() }
}

/** Rows under a heading. */
internal fun Column.section(heading: String, rows: List<View>): Column = apply {
    if (rows.isEmpty()) return@apply
    val group = Column(context, 8).add(context.text(R.style.Text_Heading, heading))
    val card = context.rows()
    for (row in rows) card.addView(row, LinearLayout.LayoutParams(-1, -2))
    add(group.add(card))
}

private const val SIGN = 72
