package jp.madoguchi.app.ui

import android.content.Context
import android.view.View
import jp.madoguchi.app.R
import jp.madoguchi.core.Page

/** First set-up: account and code, or a link that the camera opened. */
internal class SetUpPage(context: Context, hands: Hands) : PageView(context, hands) {
    private val text = context.text(R.style.Text_Title)
    private val account = Field(context, Field.PLAIN) { send() }
    private val code = Field(context, Field.CODE) { send() }
    private val form = Column(context, 12).add(account.view).add(code.view)
    private val link = context.text(R.style.Text)
    private val replacing = context.text(R.style.Text_Secondary)
    private val foot = Column(context, 0)
    private var footnote: String? = null
    private var label: String? = null
    private val sign = Column(context, 0).add(context.sign(R.drawable.ic_qr, Tint.PRIMARY))

    override val body = Column(context, 16).add(sign).add(text).add(form).add(link).add(replacing).add(foot)
    override val submit get() = label?.let { Submit(it, true) { send() } }

    init {
        account.text = hands.drafts.account
        code.text = hands.drafts.code
        account.onChange { hands.drafts.account = it }
        code.onChange { hands.drafts.code = it }
    }

    override fun show(scene: Scene) {
        val view = (scene.screen.view as Page.SetUp).view
        text.text = view.text
        account.name(view.accountLabel)
        code.name(view.codeLabel)
        form.visibility = if (view.typed) View.VISIBLE else View.GONE
        sign.visibility = if (view.typed) View.GONE else View.VISIBLE
        label = view.submitLabel.takeIf { view.typed }
        link.words = view.linkHint
        replacing.words = view.replacingHint
        if (footnote != view.footnote) {
            footnote = view.footnote
            foot.removeAllViews()
            foot.add(context.notice(view.footnote, Tint.NONE, R.drawable.ic_lock))
        }
    }

    private fun send() {
        hands.account(account.text, code.text)
    }
}

/** A link was opened: whose is it? */
internal class ConfirmLinkPage(context: Context, hands: Hands) : PageView(context, hands) {
    private val text = context.text(R.style.Text_Title)
    private val facts = Column(context, 0)
    private val footnote = Column(context, 0)

    override val body = Column(context, 16).add(text).add(facts).add(footnote)

    override fun show(scene: Scene) {
        val view = (scene.screen.view as Page.ConfirmLink).view
        text.text = view.text
        facts.removeAllViews()
        facts.add(context.facts(listOfNotNull(view.institution, view.service, view.replaces)))
        footnote.removeAllViews()
        footnote.add(context.notice(view.footnote, Tint.WARN, R.drawable.ic_warn))
    }
}

/** The passcode, twice. */
internal class ChoosePasscodePage(context: Context, hands: Hands) : PageView(context, hands) {
    private val text = context.text(R.style.Text_Title)
    private val problem = context.text(R.style.Text).bad()
    private val field = Field(context, Field.SECRET_DIGITS) { send() }
    private val rule = context.text(R.style.Text_Secondary)
    private val warning = Column(context, 0)
    private var label = ""
    private var again: Boolean? = null

    override val body = Column(context, 16).add(text).add(problem).add(field.view).add(rule).add(warning)
    override val submit get() = Submit(label, true) { send() }

    init {
        field.namedBy(text)
    }

    override fun show(scene: Scene) {
        val view = (scene.screen.view as Page.ChoosePasscode).view
        text.text = view.text
        problem.words = view.problem
        field.kind(if (view.digits) Field.SECRET_DIGITS else Field.SECRET)
        rule.words = view.rule
        label = view.submitLabel
        if (again != view.again) field.wipe()
        again = view.again
        warning.removeAllViews()
        warning.add(context.notice(view.warning, Tint.WARN, R.drawable.ic_warn))
    }

    override fun clear() = field.wipe()

    private fun send() {
        hands.passcode(field.take())
    }
}

/** Logging in: biometrics where there are any, a passcode always. */
internal class LogInPage(context: Context, hands: Hands) : PageView(context, hands) {
    private val institution = context.text(R.style.Text_Title).middle()
    private val finger = context.icon(R.drawable.ic_finger, FINGER, R.color.primary).apply {
        background = context.ground(R.color.primary_tint, FINGER / 2)
        val space = context.dp(26)
        setPadding(space, space, space, space)
        isClickable = true
        isFocusable = true
        importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_YES
        setOnClickListener { hands.biometrics() }
    }
    private val fingerLabel = context.text(R.style.Text).middle()
    private val space = View(context).apply { minimumHeight = context.dp(SPACE) }
    private val problem = context.text(R.style.Text).bad()
    private val field = Field(context, Field.SECRET_DIGITS) { send() }
    private var label = ""
    private var enabled = true

    override val body = Column(context, 16).apply {
        spring()
        centred(context.icon(R.drawable.mark, MARK, R.color.primary).apply { imageTintList = null })
        add(institution)
        add(space)
        centred(finger)
        add(fingerLabel)
        spring()
        add(problem)
        add(field.view)
    }
    override val submit get() = Submit(label, enabled) { send() }

    override fun show(scene: Scene) {
        val screen = scene.screen
        val view = (screen.view as Page.LogIn).view
        institution.words = screen.institution ?: screen.title
        val biometrics = view.biometrics
        fingerLabel.words = biometrics?.label
        finger.visibility = fingerLabel.visibility
        space.visibility = fingerLabel.visibility
        finger.contentDescription = biometrics?.label
        problem.words = view.problem
        field.name(view.text)
        field.kind(if (view.digits) Field.SECRET_DIGITS else Field.SECRET)
        label = view.submitLabel
        enabled = view.waitUntil?.let { it <= screen.madeAt } ?: true
        field.enabled(enabled)
    }

    override fun clear() = field.wipe()

    private fun send() {
        if (enabled) hands.passcode(field.take())
    }

    private companion object {
        const val FINGER = 112
        const val SPACE = 16
        const val MARK = 72
    }
}
