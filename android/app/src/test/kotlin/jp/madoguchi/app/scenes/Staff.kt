package jp.madoguchi.app.scenes

import android.app.Activity
import android.content.Intent
import android.content.res.Configuration
import android.graphics.Rect
import android.net.Uri
import android.os.Bundle
import android.os.Looper
import android.os.SystemClock
import android.view.MotionEvent
import android.view.View
import android.view.ViewGroup
import android.widget.Checkable
import android.widget.EditText
import android.widget.TextView
import jp.madoguchi.app.Desk
import jp.madoguchi.app.MadoguchiApp
import jp.madoguchi.app.MainActivity
import jp.madoguchi.app.testing.Activation
import jp.madoguchi.app.testing.until
import jp.madoguchi.core.Page
import jp.madoguchi.core.Screen
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import java.time.Duration

/**
 * Somebody with the phone in the hand: reads what is written on the screen, and touches it. Nothing here knows a view by
 * its name or a screen by its type, but for [page], where a test wants to be sure which one it is.
 */
internal class Staff {
    private var controller: ActivityController<MainActivity>? = null

    /** How often the screen was touched. */
    var touches = 0
        private set

    /** How often the keys of a pad were touched. */
    var keys = 0
        private set

    /** The failure codes that were on the screen, each with its words. */
    val met = mutableSetOf<Int>()

    val activity: MainActivity get() = checkNotNull(controller).get()
    val app: MadoguchiApp get() = RuntimeEnvironment.getApplication() as MadoguchiApp
    val desk: Desk get() = app.desk
    val screen: Screen get() = desk.scene.screen
    val page: Page get() = screen.view

    /** Opens the app as the launcher does. */
    fun start(intent: Intent = Intent(Intent.ACTION_MAIN).addCategory(Intent.CATEGORY_LAUNCHER), saved: Bundle? = null) {
        intent.setClass(app, MainActivity::class.java)
        val controller = Robolectric.buildActivity(MainActivity::class.java, intent)
        this.controller = controller
        if (saved == null) controller.setup() else controller.setup(saved)
        settle()
    }

    /** The camera sees a code with a link in it, and the system opens who is responsible for it. */
    fun scan(link: String) {
        val intent = Intent(Intent.ACTION_VIEW, Uri.parse(link)).addCategory(Intent.CATEGORY_BROWSABLE)
        val found = app.packageManager.queryIntentActivities(intent, 0).map { it.activityInfo.name }
        check(found == listOf(MainActivity::class.java.name)) { "this link opens $found" }
        if (controller == null) start(intent) else checkNotNull(controller).newIntent(intent)
        settle()
    }

    /** First set-up, until the first patient could come. */
    fun setUp(device: Activation, biometrics: Boolean = false) {
        scan(device.link)
        touch("登録する")
        await("ログインに使うパスコードを決めてください。")
        repeat(2) {
            enter("パスコードを", PASSCODE)
            touch(if (canTouch("設定する")) "設定する" else "続ける")
        }
        until("the first screen of the day") { page is Page.Choose || page is Page.LogIn }
        if (page is Page.LogIn) logIn()
        if (biometrics) {
            touch("使う")
            until("the key of the login") { !reads("使わない") }
        } else if (reads("使わない")) {
            touch("使わない")
        }
        touches = 0
    }

    fun logIn(passcode: String = PASSCODE) {
        enter("パスコードを入力してください。", passcode)
        touch("ログインする")
        until("the passcode to be looked at") { page !is Page.Waiting && !screen.work }
    }

    /** Everything that is written on the screen, from top to bottom. */
    val words: List<String>
        get() {
            settle()
            return views().mapNotNull { it.said() }.filter { it.isNotBlank() }.toList()
        }

    fun reads(words: String): Boolean = this.words.any { words in it }

    /** Waits until this is to be read somewhere. */
    fun await(words: String, seconds: Long = 60) = try {
        until("“$words”", seconds) { views().any { words in it.said().orEmpty() } }
    } catch (error: IllegalStateException) {
        throw AssertionError("“$words” is not to be read in ${this.words}", error)
    }

    /** Reads of this failure: code, cause and remedy. */
    fun meet(code: Int) {
        Told.of(code).forEach(::await)
        met += code
    }

    fun awaitPage(what: String, holds: (Page) -> Boolean) = try {
        until(what) { holds(page) }
    } catch (error: IllegalStateException) {
        throw AssertionError("no $what but ${this.words}", error)
    }

    /** Touches what says this: with a finger, where it lies on the screen. */
    fun touch(words: String) {
        settle()
        val view = find(words) ?: throw AssertionError("nobody can touch “$words” in ${this.words}")
        touch(view, words)
        touches += 1
    }

    /** Whether something that says this can be touched. */
    fun canTouch(words: String): Boolean {
        settle()
        return find(words)?.isEnabled == true
    }

    /** Ends what there is on the screen, whatever it is, until the next patient may come. */
    fun backToStart() {
        repeat(MANY) {
            if (page is Page.LogIn) logIn()
            if (page is Page.Choose) return
            val way = listOf("次の患者", "中止", "閉じる", "戻る").firstOrNull(::canTouch)
            touch(way ?: throw AssertionError("no way back from $words"))
            until("what comes next") { page !is Page.Waiting }
        }
        throw AssertionError("this leads nowhere: $words")
    }

    /** How many touches this takes. */
    fun counted(what: () -> Unit): Int {
        val before = touches
        what()
        return touches - before
    }

    /** Waits until a card may be held. */
    fun awaitReady() = awaitPage("card is awaited") { it is Page.HoldCard && it.view.ready }

    /** Types on the keys that are on the screen. */
    fun type(digits: String) {
        val before = touches
        for (digit in digits) touch(digit.toString())
        touches = before
        keys += digits.length
    }

    /** Types with the keyboard into the field of this name. */
    fun enter(label: String, text: String) {
        settle()
        val name = views().filterIsInstance<TextView>().firstOrNull { it.labelFor != View.NO_ID && label in it.text }
        val field = name?.let { activity.findViewById<View>(it.labelFor) } as? EditText
        checkNotNull(field) { "no field “$label” in ${this.words}" }.setText(text)
        settle()
    }

    /** Whether what says this is switched on or chosen. */
    fun isOn(words: String): Boolean {
        settle()
        val view = views().firstOrNull { words in it.said().orEmpty() && it is Checkable }
        return (view as? Checkable)?.isChecked ?: throw AssertionError("“$words” is nothing to choose in ${this.words}")
    }

    fun goBack() {
        activity.onBackInvokedDispatcher
        @Suppress("DEPRECATION")
        activity.onBackPressed()
        settle()
    }

    /** Something else comes to the front. */
    fun leave() {
        checkNotNull(controller).userLeaving().pause().stop()
        settle()
    }

    fun comeBack() {
        checkNotNull(controller).restart().start().resume().visible()
        settle()
    }

    /** The system asks something over the app, and this is what comes of it. */
    fun asked(answer: () -> Unit) {
        checkNotNull(controller).pause()
        answer()
        checkNotNull(controller).resume()
        settle()
    }

    /** Turns the phone on its side, or back. */
    fun turn() {
        val sideways = Configuration(activity.resources.configuration).run { orientation == Configuration.ORIENTATION_LANDSCAPE }
        RuntimeEnvironment.setQualifiers(if (sideways) "+port" else "+land")
        remake()
    }

    /** The system makes the window anew, because the screen is another one now. */
    fun remake() {
        checkNotNull(controller).configurationChange().visible()
        settle()
    }

    /** The app is taken off the phone and comes back without anything of its own. */
    fun forget() {
        end()
        app.noBackupFilesDir.deleteRecursively()
        reborn(app)
    }

    /** Lets time pass. */
    fun pass(time: Duration) {
        desk.counter.slept(time)
        shadowOf(Looper.getMainLooper()).idleFor(time)
        desk.refresh()
        settle()
    }

    /** What the system keeps of the activity, should it end the process. */
    fun saved(): Bundle = Bundle().also { checkNotNull(controller).saveInstanceState(it) }

    /** The window is gone: what a test needs to go on with another one. */
    fun end() {
        controller?.let { if (!it.get().isDestroyed) it.pause().stop().destroy() }
        controller = null
    }

    fun settle() = shadowOf(Looper.getMainLooper()).idle()

    private fun touch(view: View, words: String) {
        check(view.isEnabled) { "“$words” does nothing now" }
        view.requestRectangleOnScreen(Rect(0, 0, view.width, view.height), true)
        settle()
        val shown = Rect()
        check(view.getGlobalVisibleRect(shown) && !shown.isEmpty) { "“$words” does not lie on the screen" }
        activity.onUserInteraction()
        for (what in listOf(MotionEvent.ACTION_DOWN, MotionEvent.ACTION_UP)) {
            val now = SystemClock.uptimeMillis()
            val event = MotionEvent.obtain(now, now, what, shown.exactCenterX(), shown.exactCenterY(), 0)
            activity.window.decorView.dispatchTouchEvent(event)
            event.recycle()
        }
        settle()
    }

    /** What can be pressed and says this: exactly, or at its beginning, or somewhere in it. */
    private fun find(words: String): View? {
        val pressable = views().filter { it.isClickable && it !is EditText && it !is android.widget.ScrollView }.toList()
        fun spoken(view: View) = listOfNotNull(view.said()) + if (view is ViewGroup) below(view).mapNotNull { it.said() }.toList() else emptyList()
        return pressable.firstOrNull { words in spoken(it) }
            ?: pressable.firstOrNull { view -> spoken(view).any { it.startsWith(words) } }
            ?: pressable.firstOrNull { view -> spoken(view).any { words in it } }
    }

    private fun View.said(): String? = (this as? TextView)?.text?.toString()?.ifEmpty { null } ?: contentDescription?.toString()

    private fun views(): Sequence<View> = below(activity.window.decorView)

    private fun below(view: View): Sequence<View> = sequence {
        if (view.visibility != View.VISIBLE) return@sequence
        yield(view)
        if (view is ViewGroup) for (i in 0 until view.childCount) yieldAll(below(view.getChildAt(i)))
    }

    companion object {
        const val PASSCODE = "407182"
        private const val MANY = 5
    }
}
