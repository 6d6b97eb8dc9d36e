package jp.madoguchi.app.ui

import android.content.Context
import android.os.Build
import android.view.View
import jp.madoguchi.app.R
import jp.madoguchi.core.Page
import jp.madoguchi.core.Screen

/** The key of a Bluetooth reader, as its maker's tool set it. */
internal class ReaderKeyPage(context: Context, hands: Hands) : PageView(context, hands) {
    private val text = context.text(R.style.Text_Title)
    private val facts = Column(context, 0)
    private val problem = context.text(R.style.Text).bad()
    private val field = Field(context, Field.SECRET) { send() }
    private val rule = context.text(R.style.Text_Secondary)
    private val footnote = context.text(R.style.Text_Secondary)
    private var label = ""

    override val body = Column(context, 16).add(text).add(facts).add(problem).add(field.view).add(rule).add(footnote)
    override val submit get() = Submit(label, true) { send() }

    override fun show(scene: Scene) {
        val view = (scene.screen.view as Page.ReaderKey).view
        text.text = view.text
        facts.removeAllViews()
        facts.add(context.facts(listOf(view.reader, view.kept)))
        problem.words = view.problem
        field.name(view.keyLabel)
        rule.words = view.rule
        footnote.words = view.footnote
        label = view.submitLabel
    }

    override fun clear() = field.wipe()

    private fun send() {
        hands.readerKey(field.take())
    }
}

/** The readers nearby: the shell's own list, over the settings. */
internal class ReadersPage(context: Context, hands: Hands) : PageView(context, hands) {
    private val column = Column(context, 16)
    private var shown: Any? = null
    private var state = ReadersState()
    override val body = column

    override val submit: Submit?
        get() = when (state.trouble) {
            ReadersTrouble.NO_BLUETOOTH -> null
            ReadersTrouble.NOT_ALLOWED -> Submit(context.getString(R.string.readers_allow), true, hands.readers::search)
            ReadersTrouble.NEVER_ALLOWED -> Submit(context.getString(R.string.readers_settings), true, hands.readers::search)
            ReadersTrouble.BLUETOOTH_OFF, ReadersTrouble.LOCATION_OFF, null ->
                Submit(context.getString(R.string.readers_search), !state.searching, hands.readers::search)
        }

    override fun title(screen: Screen): String = context.getString(R.string.readers)

    override fun show(scene: Scene) {
        state = hands.readers.state
        val reader = (scene.screen.view as? Page.Settings)?.view?.reader
        if (shown == state to reader) return
        shown = state to reader
        column.removeAllViews()
        trouble()?.let { column.add(context.notice(it, Tint.WARN, R.drawable.ic_warn)) }
        if (state.used != null) {
            val facts = reader?.facts.orEmpty().map { FactRow(context, context.factLabel(it.label), context.text(R.style.Text, it.value)) }
            val own = context.link(R.drawable.ic_phone, context.getString(R.string.readers_forget), hands.readers::forget)
            column.section(context.getString(R.string.readers_used), facts.ifEmpty { listOf(name(state.used.orEmpty(), null)) } + own)
        }
        val found = state.found.filter { it.name != state.used }
        column.section(context.getString(R.string.readers_found), found.map { name(it.name, it) })
        val told = when {
            state.searching -> R.string.readers_searching
            found.isEmpty() && state.trouble == null -> R.string.readers_none
            else -> null
        }
        told?.let { column.add(context.text(R.style.Text_Secondary, context.getString(it))) }
    }

    private fun trouble(): String? = when (state.trouble) {
        ReadersTrouble.NO_BLUETOOTH -> context.getString(R.string.readers_no_bluetooth)
        ReadersTrouble.BLUETOOTH_OFF -> context.getString(R.string.readers_off)
        ReadersTrouble.LOCATION_OFF -> context.getString(R.string.readers_location_off)
        ReadersTrouble.NOT_ALLOWED ->
            context.getString(if (NEARBY_DEVICES) R.string.readers_not_allowed else R.string.readers_location_not_allowed)
        ReadersTrouble.NEVER_ALLOWED ->
            context.getString(if (NEARBY_DEVICES) R.string.readers_never_allowed else R.string.readers_location_never_allowed)
        null -> null
    }

    private fun name(name: String, found: FoundReader?): View = Row(context, 14).apply {
        val side = resources.getDimensionPixelSize(R.dimen.card_padding)
        setPadding(side, context.dp(10), side, context.dp(10))
        minimumHeight = context.dp(LEAST)
        add(context.icon(R.drawable.ic_bluetooth, 28, R.color.primary))
        val words = Column(context, 0).add(context.text(R.style.Text, name))
        found?.let { words.add(context.text(R.style.Text_Secondary, it.kind)) }
        add(words, weight = 1f)
        found ?: return@apply
        setBackgroundResource(R.drawable.row)
        add(context.text(R.style.Text_Action, context.getString(R.string.readers_use)))
        contentDescription = context.getString(R.string.readers_use_named, found.name, found.kind)
        isClickable = true
        isFocusable = true
        setOnClickListener { hands.readers.use(found) }
    }

    override fun clear() = hands.readers.stop()

    private companion object {
        const val LEAST = 60

        /** What Android calls the permission; up to Android 11 it is that for the location. */
        val NEARBY_DEVICES = Build.VERSION.SDK_INT >= Build.VERSION_CODES.S
    }
}
