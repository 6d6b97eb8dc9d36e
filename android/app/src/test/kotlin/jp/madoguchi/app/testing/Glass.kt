package jp.madoguchi.app.testing

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import android.widget.TextView
import jp.madoguchi.app.MainActivity
import org.robolectric.Robolectric
import org.robolectric.android.controller.ActivityController

/** The app as a person has it before them: what can be read, and what can be touched. */
class Glass(link: String? = null) : AutoCloseable {
    private val controller: ActivityController<MainActivity> = Robolectric.buildActivity(
        MainActivity::class.java,
        link?.let { Intent(Intent.ACTION_VIEW, Uri.parse(it)) } ?: Intent(Intent.ACTION_MAIN),
    ).setup()

    val activity: Activity get() = controller.get()

    /** All that can be read, from top to bottom. */
    val words: List<String> get() = views().mapNotNull { it.words() }.toList()

    /** Waits until this can be read. */
    fun read(what: String) {
        try {
            until(what) { words.any { what in it } }
        } catch (e: IllegalStateException) {
            throw AssertionError("“$what” is not among: ${words.joinToString(" | ")}", e)
        }
    }

    /** Touches what has this text or name. */
    fun touch(what: String) {
        read(what)
        val named = views().filter { it.words() == what }.ifEmpty { views().filter { what in it.words().orEmpty() } }
        val touched = named.firstNotNullOfOrNull { view ->
            generateSequence(view) { it.parent as? View }.firstOrNull { it.isClickable && it.isEnabled }
        }
        checkNotNull(touched) { "“$what” cannot be touched" }.performClick()
        until("the touch") { true }
    }

    /** Types into the only field that there is, or into the one below this label. */
    fun type(text: String, label: String? = null) {
        label?.let { read(it) }
        val shown = views().toList()
        val after = if (label == null) 0 else shown.indexOfFirst { it.words() == label }
        val field = shown.drop(after).filterIsInstance<EditText>().first { it.isEnabled }
        field.append(text)
        until("the keys") { true }
    }

    /** Presses keys of a pad, one after the other. */
    fun press(digits: String) = digits.forEach { touch(it.toString()) }

    /** Goes away, as with the home button. */
    fun leave() {
        controller.pause().stop()
    }

    /** Comes back. */
    fun comeBack() {
        controller.restart().start().resume()
    }

    override fun close() {
        controller.pause().stop().destroy()
    }

    private fun views(): Sequence<View> = activity.window.decorView.shown()

    private fun View.shown(): Sequence<View> = sequence {
        if (visibility != View.VISIBLE) return@sequence
        yield(this@shown)
        if (this@shown is ViewGroup) for (i in 0 until childCount) yieldAll(getChildAt(i).shown())
    }

    private fun View.words(): String? = when {
        contentDescription != null -> contentDescription.toString()
        // What stands in a field is the person's own, and may be secret.
        this is TextView && this !is EditText -> text.toString()
        else -> null
    }?.takeIf(String::isNotBlank)
}
