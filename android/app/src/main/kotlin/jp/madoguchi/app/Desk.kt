package jp.madoguchi.app

import android.os.Handler
import android.os.Looper
import android.os.SystemClock
import jp.madoguchi.app.ui.Drafts
import jp.madoguchi.app.ui.OwnPage
import jp.madoguchi.app.ui.Scene
import jp.madoguchi.core.Action
import jp.madoguchi.core.Counter
import jp.madoguchi.core.Cue
import jp.madoguchi.core.Page
import jp.madoguchi.core.Progress
import jp.madoguchi.core.Screen
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import java.time.Duration

/**
 * The counter as long as the process lives: it outlasts every activity, so that turning the device loses nothing. What it
 * knows is in memory only; after the death of the process the counter begins where it is locked.
 *
 * Everything here happens on the main thread.
 */
class Desk internal constructor(
    val counter: Counter,
    private val scope: CoroutineScope,
    private val play: (Cue) -> Unit,
) {
    /** What is to be drawn. */
    internal var scene: Scene = Scene(counter.screen())
        private set

    /** Told with each new scene. */
    internal var watcher: ((Scene) -> Unit)? = null
        set(value) {
            field = value
            value?.invoke(scene)
        }

    /** Told with each new screen, seen or not: who reads cards and speaks with readers. */
    internal var platform: ((Screen) -> Unit)? = null
        set(value) {
            field = value
            value?.invoke(scene.screen)
        }

    internal val drafts = Drafts()

    private val clock = Handler(Looper.getMainLooper())
    private var work: Job? = null
    private var cue: ULong? = null
    private var asleep = asleepSoFar()
    private var touched = 0L

    init {
        show(scene.screen)
    }

    /** Something happened at the counter. */
    fun act(action: Action): Screen {
        minded()
        return show(counter.act(action))
    }

    /** Something changed that the counter knows already: a tap went on, or time. */
    fun refresh(): Screen {
        minded()
        return show(counter.screen())
    }

    /** Somebody touched the screen. Not every finger's every move is told. */
    fun touched() {
        val now = SystemClock.uptimeMillis()
        if (now - touched < TOUCHES) return
        touched = now
        minded()
        val screen = counter.act(Action.Touch)
        // In the middle of a touch, views that are made anew would not be there yet for the finger: unless the page is
        // another one, what is new waits for what the touch does, or for the clock.
        if (screen.view::class != scene.screen.view::class) show(screen)
    }

    /** How far the tap is that runs now; `null`: none does. */
    fun progress(progress: Progress?) {
        draw(Scene(scene.screen, progress, scene.own))
    }

    internal fun open(page: OwnPage?) = draw(Scene(scene.screen, scene.progress, page))

    private fun show(screen: Screen): Screen {
        val lies = when (screen.view) {
            is Page.Settings -> OwnPage.READERS
            is Page.About -> OwnPage.LICENCES
            else -> null
        }
        val held = screen.view is Page.HoldCard
        if (screen.view is Page.ChoosePasscode || screen.view is Page.LogIn) drafts.forget()
        draw(Scene(screen, scene.progress.takeIf { held }, scene.own.takeIf { it == lies }))
        screen.cue?.takeIf { it.number != cue }?.let {
            cue = it.number
            play(it)
        }
        platform?.invoke(screen)
        if (screen.work) work()
        schedule(screen)
        return screen
    }

    private fun draw(next: Scene) {
        scene = next
        watcher?.invoke(next)
    }

    private fun work() {
        if (work?.isActive == true) return
        work = scope.launch {
            counter.run()
            work = null
            refresh()
        }
    }

    /** The next moment at which the screen may be another one by itself. */
    private fun schedule(screen: Screen) {
        clock.removeCallbacksAndMessages(null)
        val wake = screen.wakeAt?.minus(screen.madeAt)?.coerceAtLeast(Duration.ZERO)?.toMillis()
        // What counts down is read anew, and so is what comes up while work goes on.
        val beat = if (work != null) WORKING else if (screen.countsDown()) SECOND else null
        if (wake != null && (beat == null || wake <= beat)) {
            clock.postDelayed({ act(Action.Tick) }, wake)
        } else if (beat != null) {
            clock.postDelayed({ refresh() }, beat)
        }
    }

    private fun Screen.countsDown(): Boolean = when (val page = view) {
        is Page.Result -> true
        is Page.LogIn -> page.view.waitUntil != null
        is Page.Failure -> page.view.wait != null
        else -> cue != null
    }

    /** The core's clock stands still while the device sleeps: what it slept is told before anything else. */
    private fun minded() {
        val now = asleepSoFar()
        if (now > asleep) counter.slept(Duration.ofMillis(now - asleep))
        asleep = now
    }

    private fun asleepSoFar(): Long = SystemClock.elapsedRealtime() - SystemClock.uptimeMillis()

    private companion object {
        const val SECOND = 1_000L
        const val WORKING = 200L
        const val TOUCHES = 1_000L
    }
}
