package jp.madoguchi.app

import android.app.Activity
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.content.pm.PackageManager
import android.os.Build
import android.os.Bundle
import android.view.View
import android.view.WindowInsets
import android.view.WindowManager.LayoutParams.FLAG_SECURE
import android.window.OnBackInvokedCallback
import android.window.OnBackInvokedDispatcher
import jp.madoguchi.app.ui.Scene
import jp.madoguchi.app.ui.ScreenView
import jp.madoguchi.core.Action

/** The one activity: it draws what the [Desk] holds, and says when the app comes and goes. */
class MainActivity : Activity() {
    private val app: MadoguchiApp get() = application as MadoguchiApp
    private val desk: Desk get() = app.desk
    private lateinit var drawn: ScreenView
    private val back: Any? by lazy {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) OnBackInvokedCallback { goBack() } else null
    }
    private var backIsOurs = false

    /** Whether what is drawn can be seen: until then the window still holds what was there before. */
    private var seen = false

    private val dark = object : BroadcastReceiver() {
        override fun onReceive(context: Context, intent: Intent) {
            hide()
        }
    }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) setRecentsScreenshotEnabled(false)
        // Set until a screen says that it need not be: there is no moment between.
        window.addFlags(FLAG_SECURE)
        drawn = ScreenView(this, ActivityHands(this, desk, app.platform, app.clipboard))
        drawn.setOnApplyWindowInsetsListener(::keepClear)
        setContentView(drawn)
        if (savedInstanceState == null) open(intent)
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        open(intent)
    }

    override fun onStart() {
        super.onStart()
        seen = true
        desk.refresh()
        desk.watcher = ::draw
        registerReceiver(dark, IntentFilter(Intent.ACTION_SCREEN_OFF))
    }

    override fun onResume() {
        super.onResume()
        seen = true
        draw(desk.scene)
        app.platform.attach(this)
    }

    override fun onPause() {
        app.platform.detach(this)
        super.onPause()
    }

    /** Turned, the device is still in the same hands; left, it is not. */
    override fun onStop() {
        unregisterReceiver(dark)
        if (!isChangingConfigurations) hide()
        desk.watcher = null
        super.onStop()
    }

    /** Only a window with the focus may look at the clipboard. */
    override fun onWindowFocusChanged(hasFocus: Boolean) {
        super.onWindowFocusChanged(hasFocus)
        if (hasFocus) app.clipboard.tidy()
    }

    override fun onUserInteraction() {
        super.onUserInteraction()
        desk.touched()
    }

    @Deprecated("What Android 12 and earlier call")
    override fun onBackPressed() {
        if (backIsOurs) {
            goBack()
        } else {
            @Suppress("DEPRECATION")
            super.onBackPressed()
        }
    }

    override fun onRequestPermissionsResult(request: Int, permissions: Array<out String>, results: IntArray) {
        val granted = results.isNotEmpty() && results.all { it == PackageManager.PERMISSION_GRANTED }
        app.platform.answered(this, request, granted)
    }

    /** Locks. What was on the screen stays protected: a window that is not seen is not drawn anew, but may be captured. */
    private fun hide() {
        seen = false
        window.addFlags(FLAG_SECURE)
        // Half a passcode waits for nobody: the page that comes next may be the same one.
        drawn.page?.clear()
        desk.act(Action.Hidden)
    }

    private fun draw(scene: Scene) {
        val screen = scene.screen
        if (screen.secure) window.addFlags(FLAG_SECURE)
        drawn.show(scene)
        if (!screen.secure && seen) window.clearFlags(FLAG_SECURE)
        if (title != screen.title) title = screen.title
        ownBack(scene.own != null || wayBack() != null)
    }

    /** An enrolment link that the camera opened. It is taken once: neither a turned device nor the list of recent apps opens it again. */
    private fun open(intent: Intent) {
        if (intent.flags and Intent.FLAG_ACTIVITY_LAUNCHED_FROM_HISTORY != 0) return
        val link = intent.data?.takeIf { intent.action == Intent.ACTION_VIEW && it.scheme == SCHEME } ?: return
        setIntent(Intent(Intent.ACTION_MAIN))
        desk.act(Action.OpenLink(link.toString()))
    }

    /** The button that leads back, if the screen has one: the system's own gesture does what it does. */
    private fun wayBack(): Action? {
        val buttons = desk.scene.screen.buttons
        val back = buttons.find { it.action is Action.Back } ?: buttons.find { it.action is Action.Cancel }
        return back?.action
    }

    private fun goBack() {
        if (desk.scene.own != null) desk.open(null) else wayBack()?.let { desk.act(it) }
    }

    /** Where nothing leads back, the gesture is the system's: it leaves the app, and the counter locks. */
    private fun ownBack(ours: Boolean) {
        if (ours == backIsOurs) return
        backIsOurs = ours
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU) return
        val callback = back as OnBackInvokedCallback
        if (ours) {
            onBackInvokedDispatcher.registerOnBackInvokedCallback(OnBackInvokedDispatcher.PRIORITY_DEFAULT, callback)
        } else {
            onBackInvokedDispatcher.unregisterOnBackInvokedCallback(callback)
        }
    }

    /** The window reaches from edge to edge; bars, cut-outs and the keyboard do not cover what is in it. */
    private fun keepClear(view: View, insets: WindowInsets): WindowInsets {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            val types = WindowInsets.Type.systemBars() or WindowInsets.Type.displayCutout() or WindowInsets.Type.ime()
            val kept = insets.getInsets(types)
            view.setPadding(kept.left, kept.top, kept.right, kept.bottom)
            return WindowInsets.CONSUMED
        }
        @Suppress("DEPRECATION")
        view.setPadding(
            insets.systemWindowInsetLeft,
            insets.systemWindowInsetTop,
            insets.systemWindowInsetRight,
            insets.systemWindowInsetBottom,
        )
        @Suppress("DEPRECATION")
        return insets.consumeSystemWindowInsets()
    }

    private companion object {
        const val SCHEME = "madoguchi"
    }
}
