package jp.madoguchi.app.scenes

import android.content.ClipDescription
import android.content.ClipboardManager
import android.content.Intent
import android.net.Uri
import android.os.Looper
import jp.madoguchi.app.share.ResultProvider
import jp.madoguchi.app.testing.HeldCard
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.app.testing.readFrom
import jp.madoguchi.core.Page
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowToast
import java.io.FileNotFoundException
import java.time.Duration

/** A result goes to the receipt computer as the site allows it, and not beyond. */
@RunWith(RobolectricTestRunner::class)
class HandedOverTest {
    @get:Rule val phone = Phone()
    private val staff = Staff()
    private val world get() = World.of(this)
    private val clipboard by lazy { checkNotNull(phone.application.getSystemService(ClipboardManager::class.java)) }

    @After
    fun end() = staff.end()

    @Test
    fun `unless the site allows more, a result is copied as a whole or by line, marked as sensitive`() {
        staff.setUp(world.addDevice())
        result()
        assertFalse(staff.canTouch("結果をファイルで渡す"))
        staff.touch("保険者番号")
        val line = copied()
        assertTrue(line, line.isNotEmpty() && line.all(Char::isDigit))
        assertTrue(ShadowToast.getTextOfLatestToast().startsWith("コピーしました"))
        staff.touch("結果をコピーする")
        assertTrue(copied(), line in copied() && "花子" in copied())
        val marked = clipboard.primaryClipDescription?.extras?.getBoolean(ClipDescription.EXTRA_IS_SENSITIVE)
        assertEquals(true, marked)
    }

    @Test
    fun `what was copied is gone after a minute, though the app was turned and left`() {
        staff.setUp(world.addDevice())
        result()
        staff.touch("結果をコピーする")
        staff.turn()
        staff.leave()
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(58))
        assertTrue(clipboard.hasPrimaryClip())
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(3))
        assertFalse(clipboard.hasPrimaryClip())
        staff.comeBack()
    }

    @Test
    fun `what was copied by a process that is no more goes when the app is opened`() {
        staff.setUp(world.addDevice())
        result()
        staff.touch("結果をコピーする")
        staff.dieAndComeBack()
        staff.activity.onWindowFocusChanged(true)
        assertFalse(clipboard.hasPrimaryClip())
    }

    @Test
    fun `where the site allows nothing, nothing can be taken`() {
        staff.setUp(world.addDevice())
        allow("渡さない")
        result()
        assertFalse(staff.canTouch("結果をコピーする"))
        assertFalse(staff.canTouch("結果をファイルで渡す"))
        assertFalse(staff.canTouch("保険者番号"))
    }

    @Test
    fun `where the site allows files, one is handed to the app that is chosen, for a while, and lies nowhere`() {
        staff.setUp(world.addDevice())
        allow("コピーするか、ファイルで渡す")
        result()
        staff.touch("結果をファイルで渡す")
        val chooser = shadowOf(staff.activity).nextStartedActivity
        assertEquals(Intent.ACTION_CHOOSER, chooser.action)
        val sent = checkNotNull(chooser.getParcelableExtra(Intent.EXTRA_INTENT, Intent::class.java))
        assertEquals(Intent.ACTION_SEND, sent.action)
        assertTrue(sent.flags and Intent.FLAG_GRANT_READ_URI_PERMISSION != 0)
        assertEquals(0, sent.flags and (Intent.FLAG_GRANT_WRITE_URI_PERMISSION or Intent.FLAG_GRANT_PERSISTABLE_URI_PERMISSION))
        val uri = checkNotNull(sent.getParcelableExtra(Intent.EXTRA_STREAM, Uri::class.java))
        assertTrue("$uri", Walk.PATIENT.none { it in uri.toString() })
        val provider = Robolectric.setupContentProvider(ResultProvider::class.java, uri.authority)
        assertNull("nobody took it yet", ShadowToast.getTextOfLatestToast())
        val file = readFrom(provider, uri).toString(charset("Shift_JIS"))
        assertTrue(file, "花子" in file)
        staff.settle()
        assertTrue(ShadowToast.getTextOfLatestToast().startsWith("ファイルを渡しました"))
        val found = traces(staff.app, Walk.PATIENT, staff.saved())
        assertTrue("$found", found.isEmpty())
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMinutes(3))
        assertThrows(FileNotFoundException::class.java) { provider.openFile(uri, "r") }
    }

    private fun allow(policy: String) {
        staff.touch("設定")
        staff.touch(policy)
        assertTrue(staff.isOn(policy))
        staff.touch("閉じる")
    }

    private fun result() {
        staff.touch("B 4桁の暗証番号")
        staff.type(Walk.PIN)
        staff.awaitReady()
        HeldCard("hanako").use {
            it.hold()
            staff.awaitPage("result") { page -> page is Page.Result }
        }
        assertTrue(staff.reads("花子"))
    }

    private fun copied(): String {
        assertNotNull(clipboard.primaryClip)
        return clipboard.primaryClip?.getItemAt(0)?.text.toString()
    }
}
