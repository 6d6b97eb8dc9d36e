package jp.madoguchi.app.ui

import android.content.ClipData
import android.content.ClipboardManager
import android.content.Intent
import android.net.Uri
import android.os.Looper
import android.provider.OpenableColumns
import jp.madoguchi.app.share.Clipboard
import jp.madoguchi.app.share.ResultProvider
import jp.madoguchi.app.testing.readFrom
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import java.io.FileNotFoundException
import java.time.Duration

/** A result on its way to the receipt computer. */
@RunWith(RobolectricTestRunner::class)
class HandoverTest {
    private val context = RuntimeEnvironment.getApplication()
    private val clipboard = checkNotNull(context.getSystemService(ClipboardManager::class.java))
    private val main = shadowOf(Looper.getMainLooper())

    @Test
    fun `what is copied is marked as sensitive`() {
        Clipboard(context).copy("06990014")
        assertEquals("06990014", clipboard.primaryClip?.getItemAt(0)?.text)
        val told = clipboard.primaryClipDescription?.extras?.getBoolean("android.content.extra.IS_SENSITIVE")
        assertEquals(true, told)
    }

    @Test
    fun `what is copied is gone after a minute`() {
        Clipboard(context).copy("06990014")
        main.idleFor(Duration.ofSeconds(59))
        assertTrue(clipboard.hasPrimaryClip())
        main.idleFor(Duration.ofSeconds(2))
        assertFalse(clipboard.hasPrimaryClip())
    }

    @Test
    fun `the minute begins anew with each copy`() {
        val ours = Clipboard(context)
        ours.copy("06990014")
        main.idleFor(Duration.ofSeconds(40))
        ours.copy("4567")
        main.idleFor(Duration.ofSeconds(40))
        assertEquals("4567", clipboard.primaryClip?.getItemAt(0)?.text)
    }

    @Test
    fun `what somebody copied afterwards elsewhere stays`() {
        Clipboard(context).copy("06990014")
        clipboard.setPrimaryClip(ClipData.newPlainText("notes", "牛乳"))
        main.idleFor(Duration.ofMinutes(2))
        assertEquals("牛乳", clipboard.primaryClip?.getItemAt(0)?.text)
    }

    @Test
    fun `a shared result is read by who was given its name, and by nobody after three minutes`() {
        val bytes = "<結果/>".toByteArray()
        val intent = ResultProvider.send(bytes.copyOf(), "result.xml", "application/xml") {}
        assertTrue(intent.flags and Intent.FLAG_GRANT_READ_URI_PERMISSION != 0)
        val uri = checkNotNull(intent.clipData).getItemAt(0).uri
        val provider = Robolectric.setupContentProvider(ResultProvider::class.java, uri.authority)
        assertEquals("application/xml", provider.getType(uri))
        assertArrayEquals(bytes, readFrom(provider, uri))
        provider.query(uri, null, null, null, null)?.use {
            it.moveToFirst()
            assertEquals("result.xml", it.getString(it.getColumnIndexOrThrow(OpenableColumns.DISPLAY_NAME)))
            assertEquals(bytes.size, it.getInt(it.getColumnIndexOrThrow(OpenableColumns.SIZE)))
        }
        val guessed = Uri.parse("content://${uri.authority}/00000000-0000-0000-0000-000000000000/result.xml")
        assertThrows(FileNotFoundException::class.java) { provider.openFile(guessed, "r") }
        assertThrows(FileNotFoundException::class.java) { provider.openFile(uri, "w") }
        main.idleFor(Duration.ofMinutes(3))
        assertNull(provider.getType(uri))
        assertThrows(FileNotFoundException::class.java) { provider.openFile(uri, "r") }
    }

    @Test
    fun `the provider is nobody's but whom it is granted to`() {
        val info = checkNotNull(context.packageManager.resolveContentProvider("jp.madoguchi.app.results", 0))
        assertFalse(info.exported)
        assertTrue(info.grantUriPermissions)
    }
}
