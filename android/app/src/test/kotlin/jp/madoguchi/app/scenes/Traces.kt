package jp.madoguchi.app.scenes

import android.content.Context
import android.content.ContextWrapper
import android.os.Bundle
import android.os.Handler
import android.os.Parcel
import jp.madoguchi.app.MadoguchiApp
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.cancel
import org.robolectric.shadows.ShadowBiometricPrompt
import org.robolectric.shadows.ShadowLog
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter
import java.io.File

/**
 * The system ends the process, as it may at any time, and somebody comes back to the task: nothing of memory is there any
 * more, only what the system saved of the activity, the app's files and the phone's keys.
 *
 * @return what the system saved
 */
internal fun Staff.dieAndComeBack(): Bundle {
    val saved = saved()
    val dead = desk
    dead.watcher = null
    dead.platform = null
    ReflectionHelpers.getField<CoroutineScope>(dead, "scope").cancel()
    end()
    ReflectionHelpers.getField<Handler>(dead, "clock").removeCallbacksAndMessages(null)
    reborn(app)
    ShadowBiometricPrompt.reset()
    start(saved = saved)
    check(desk !== dead) { "the process lives on" }
    return saved
}

/** The application object of the test becomes one that was just made: its fields hold what a new one's hold. */
internal fun reborn(app: MadoguchiApp) {
    val fresh = MadoguchiApp()
    val base = ClassParameter.from(Context::class.java, app.baseContext)
    ReflectionHelpers.callInstanceMethod<Unit>(ContextWrapper::class.java, fresh, "attachBaseContext", base)
    for (field in MadoguchiApp::class.java.declaredFields.filter { it.name.endsWith("\$delegate") }) {
        field.isAccessible = true
        field.set(app, field.get(fresh))
    }
}

/** Where something of this is to be found that nobody is to find: what the system saved, the app's files, the log. */
internal fun traces(app: MadoguchiApp, secrets: Collection<String>, saved: Bundle? = null): List<String> {
    fun found(where: String, bytes: ByteArray) = secrets.filter { it in bytes }.map { "“$it” in $where" }
    val files = File(app.applicationInfo.dataDir).walk().filter(File::isFile)
    val log = ShadowLog.getLogs().joinToString("\n") { "${it.tag} ${it.msg} ${it.throwable?.stackTraceToString()}" }
    return saved?.let { found("the saved state", bytes(it)) }.orEmpty() +
        files.flatMap { found(it.path, it.readBytes()) } +
        found("the log", log.toByteArray())
}

private fun bytes(bundle: Bundle): ByteArray {
    val parcel = Parcel.obtain()
    bundle.writeToParcel(parcel, 0)
    return parcel.marshall().also { parcel.recycle() }
}

/** As UTF-8, UTF-16, or as files go to receipt computers; digits only where no other digit stands beside them. */
private operator fun ByteArray.contains(secret: String): Boolean {
    val pattern = Regex("(?<!\\d)${Regex.escape(secret)}(?!\\d)")
    val odd = drop(1).toByteArray()
    return listOf(String(this), toString(charset("Shift_JIS")), String(this, Charsets.UTF_16LE), String(odd, Charsets.UTF_16LE)).any { pattern in it }
}

