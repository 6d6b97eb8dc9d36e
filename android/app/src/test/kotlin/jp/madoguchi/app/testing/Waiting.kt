package jp.madoguchi.app.testing

import android.os.Looper
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowPausedLooper
import java.util.concurrent.TimeUnit

/** Lets the main thread work until this holds; other threads (the core's, the radio's) work meanwhile. */
fun until(what: String, seconds: Long = 60, holds: () -> Boolean) {
    val end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds)
    val main = Shadow.extract<ShadowPausedLooper>(Looper.getMainLooper())
    while (true) {
        main.idle()
        if (holds()) return
        check(System.nanoTime() < end) { "waited in vain: $what" }
        // Returns at once when something is posted.
        main.poll(POLL_MILLIS)
    }
}

private const val POLL_MILLIS = 10L
