package jp.madoguchi.app.ui

import android.content.Context
import android.view.View
import jp.madoguchi.app.R
import jp.madoguchi.core.Action
import jp.madoguchi.core.Page
import jp.madoguchi.core.ScreenButton
import jp.madoguchi.core.SettingsView
import jp.madoguchi.core.SwitchView
import jp.madoguchi.core.Weight

/** The settings: the core's, and the ways to the shell's own pages. */
internal class SettingsPage(context: Context, hands: Hands) : PageView(context, hands) {
    private val column = Column(context, 24)
    private var shown: SettingsView? = null
    override val body = column
    override val backInBar = true

    override fun show(scene: Scene) {
        val view = (scene.screen.view as Page.Settings).view
        if (shown == view) return
        shown = view
        val buttons = scene.screen.buttons
        column.removeAllViews()
        column.section(
            view.languageLabel,
            view.languages.map { choice -> context.radio(choice.label, choice.chosen) { act(Action.SetLanguage(choice.language)) } },
        )
        column.section(
            view.methodLabel,
            view.methods.map { choice -> context.radio(choice.label, choice.chosen) { act(Action.SetDefaultMethod(choice.method)) } },
        )
        switches(view)
        val export = view.export
        column.section(
            export.label,
            export.choices.map { choice -> context.radio(choice.label, choice.chosen) { act(Action.SetExport(choice.policy)) } },
        )
        column.add(context.text(R.style.Text_Secondary, export.hint))
        view.exposedPin?.let { exposed ->
            column.section(
                exposed.label,
                exposed.choices.map { choice ->
                    context.radio(choice.label, choice.chosen) { act(Action.SetExposedPin(choice.exposedPin)) }
                },
            )
        }
        readers(view, buttons.find { it.action is Action.EnterReaderKey })
        column.section(context.getString(R.string.this_device), view.facts.map { fact ->
            FactRow(context, context.factLabel(fact.label), context.text(R.style.Text, fact.value))
        } + listOfNotNull(buttons.find { it.action is Action.About }?.let { link(R.drawable.ic_info, it) }))
        // At the end, where nobody comes by chance.
        buttons.find { it.action is Action.ForgetDevice }?.let {
            column.add(context.button(it.label, Weight.OTHER) { act(it.action) })
        }
    }

    override fun owns(button: ScreenButton, wide: Boolean) =
        button.action is Action.About || button.action is Action.EnterReaderKey || button.action is Action.ForgetDevice

    private fun link(icon: Int, button: ScreenButton) = context.link(icon, button.label) { act(button.action) }

    private fun switches(view: SettingsView) {
        val biometrics = view.biometrics?.let { row(it) { hands.biometrics(!it.on) } }
        val sounds = view.sounds?.let { row(it) { act(Action.SetSounds(!it.on)) } }
        val vibration = view.vibration?.let { row(it) { act(Action.SetVibration(!it.on)) } }
        column.section(context.getString(R.string.this_phone), listOfNotNull(biometrics, sounds, vibration))
    }

    private fun row(view: SwitchView, press: () -> Unit): View {
        val switch = context.switch(view.label, view.on, view.enabled, press)
        val hint = view.hint ?: return switch
        return Column(context, 0).add(switch).add(
            context.text(R.style.Text_Caption, hint).apply {
                val side = resources.getDimensionPixelSize(R.dimen.card_padding)
                setPadding(side, 0, side, context.dp(10))
            },
        )
    }

    private fun readers(view: SettingsView, key: ScreenButton?) {
        val facts = view.reader?.facts.orEmpty().map { fact ->
            FactRow(context, context.factLabel(fact.label), context.text(R.style.Text, fact.value))
        }
        val list = context.link(R.drawable.ic_bluetooth, context.getString(R.string.readers)) { hands.open(OwnPage.READERS) }
        column.section(view.reader?.heading ?: context.getString(R.string.readers), facts + listOfNotNull(key?.let { link(R.drawable.ic_key, it) }, list))
    }
}
