package jp.madoguchi.app.share

import android.content.ClipData
import android.content.ClipDescription
import android.content.ClipboardManager
import android.content.Context
import android.os.Handler
import android.os.Looper
import android.os.PersistableBundle
import android.os.SystemClock

/** The way to a receipt computer's app on the same device: marked as sensitive, and gone after a minute. */
internal class Clipboard(context: Context) {
    private val clipboard: ClipboardManager? = context.applicationContext.getSystemService(ClipboardManager::class.java)
    private val later = Handler(Looper.getMainLooper())

    /** Until when what was copied last may lie there; sleep counts. `null`: nothing was copied by this process. */
    private var until: Long? = null

    fun copy(text: String) {
        val clip = ClipData.newPlainText(LABEL, text)
        clip.description.extras = PersistableBundle().apply { putBoolean(IS_SENSITIVE, true) }
        clipboard?.setPrimaryClip(clip)
        until = SystemClock.elapsedRealtime() + LIFE
        later.removeCallbacksAndMessages(null)
        later.postDelayed(::clear, LIFE)
    }

    /**
     * The app is in front again: takes away what lies there for too long, because the device slept, or because the process
     * that copied it is no more.
     */
    fun tidy() {
        val due = until?.let { it <= SystemClock.elapsedRealtime() } ?: true
        if (due && clipboard?.primaryClipDescription?.label == LABEL) clear()
    }

    /**
     * Where this app may see what lies there, it takes away only what is its own. In the background it may not, since
     * Android 10: then it takes away whatever there is.
     */
    private fun clear() {
        later.removeCallbacksAndMessages(null)
        until = null
        val lying: ClipDescription? = clipboard?.primaryClipDescription
        if (lying == null || lying.label == LABEL) clipboard?.clearPrimaryClip()
    }

    private companion object {
        const val LABEL = "madoguchi"
        const val LIFE = 60_000L

        /** `ClipDescription.EXTRA_IS_SENSITIVE` of Android 13, which keyboards of older ones know as well. */
        const val IS_SENSITIVE = "android.content.extra.IS_SENSITIVE"
    }
}
