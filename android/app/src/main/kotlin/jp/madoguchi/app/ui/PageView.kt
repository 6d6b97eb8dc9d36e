package jp.madoguchi.app.ui

import android.content.Context
import android.view.View
import jp.madoguchi.core.Action
import jp.madoguchi.core.Page
import jp.madoguchi.core.Screen
import jp.madoguchi.core.ScreenButton

/**
 * The view of one page. It is kept while the page stays the same, so that focus, scroll and half-typed text stay as well;
 * [show] brings it up to date.
 */
internal abstract class PageView(protected val context: Context, protected val hands: Hands) {
    /** The matter at hand. */
    abstract val body: View

    /** What staff see at a glance: above the matter on a phone, on the left of a tablet. `null`: the steps are there. */
    open val glance: View? = null

    /** Right in the bar. */
    open val corner: View? = null

    /** The form's own filled button. */
    open val submit: Submit? = null

    /** Buttons of the page itself, before the screen's. */
    open val extra: List<Extra> = emptyList()

    open fun title(screen: Screen): String = screen.title

    /** Whether this button has its place in the bar, on a phone, because the page needs the room. */
    open fun inBar(button: ScreenButton): Boolean = false

    /** Going back is the arrow in the bar, whatever its weight: the page is a list that is read, and asks nothing. */
    open val backInBar: Boolean = false

    /** Whether the page draws this button itself. */
    open fun owns(button: ScreenButton, wide: Boolean): Boolean = false

    abstract fun show(scene: Scene)

    /** The page goes away: nothing typed stays in its views. */
    open fun clear() = Unit

    protected fun act(action: Action) = hands.act(action)
}

/** The button of a form that the core does not send as a button, because it carries what was typed. */
internal class Submit(val label: String, val enabled: Boolean, val press: () -> Unit)

/** A button beside those of the core. */
internal class Extra(val label: String, val icon: Int, val press: () -> Unit)

/** The page that draws this screen. */
internal fun pageView(scene: Scene, context: Context, hands: Hands): PageView = when (scene.own) {
    OwnPage.READERS -> ReadersPage(context, hands)
    OwnPage.LICENCES -> LicencesPage(context, hands)
    null -> when (scene.screen.view) {
        is Page.SetUp -> SetUpPage(context, hands)
        is Page.ConfirmLink -> ConfirmLinkPage(context, hands)
        is Page.ChoosePasscode -> ChoosePasscodePage(context, hands)
        is Page.LogIn -> LogInPage(context, hands)
        is Page.Choose -> ChoosePage(context, hands)
        is Page.BirthDate -> BirthDatePage(context, hands)
        is Page.PinPad -> PinPadPage(context, hands)
        is Page.Warning -> WarningPage(context, hands)
        is Page.HoldCard -> HoldCardPage(context, hands)
        is Page.Waiting -> WaitingPage(context, hands)
        is Page.LastTry -> LastTryPage(context, hands)
        is Page.Result -> ResultPage(context, hands)
        is Page.Failure -> FailurePage(context, hands)
        is Page.Settings -> SettingsPage(context, hands)
        is Page.ReaderKey -> ReaderKeyPage(context, hands)
        is Page.About -> AboutPage(context, hands)
    }
}
