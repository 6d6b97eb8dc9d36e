package jp.madoguchi.app.scenes

import android.security.keystore.KeyProperties
import jp.madoguchi.app.keys.SealedStorage
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.app.testing.PhoneKeyStore
import jp.madoguchi.app.testing.until
import jp.madoguchi.core.Page
import jp.madoguchi.core.StorageException
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import java.io.File
import java.nio.file.Files
import kotlin.concurrent.thread
import kotlin.experimental.xor

/** The few bytes that the device keeps. */
@RunWith(RobolectricTestRunner::class)
class StorageTest {
    @get:Rule val phone = Phone()
    private val staff = Staff()
    private val world get() = World.of(this)
    private val folder by lazy { File(phone.application.noBackupFilesDir, "state") }
    private val storage by lazy { SealedStorage(folder) }

    @After
    fun end() = staff.end()

    @Test
    fun `what is stored is sealed with a key of the phone, and comes back`() {
        assertNull(storage.load("device"))
        storage.store("device", SECRET)
        storage.store("device", SECRET + 1)
        assertArrayEquals(SECRET + 1, storage.load("device"))
        assertFalse("state" in String(File(folder, "device").readBytes(), Charsets.ISO_8859_1))
        assertEquals(listOf("device"), folder.list().orEmpty().toList())
        val spec = PhoneKeyStore.spec(SealedStorage.ALIAS)
        assertEquals(256, spec.keySize)
        assertArrayEquals(arrayOf(KeyProperties.BLOCK_MODE_GCM), spec.blockModes)
        storage.delete("device")
        storage.delete("device")
        assertNull(storage.load("device"))
    }

    @Test
    fun `the same content is never sealed the same`() {
        storage.store("device", SECRET)
        val first = File(folder, "device").readBytes()
        storage.store("device", SECRET)
        assertFalse(first.contentEquals(File(folder, "device").readBytes()))
    }

    @Test
    fun `each byte that is changed, and each that is missing, is noticed`() {
        storage.store("device", SECRET)
        val file = File(folder, "device")
        val whole = file.readBytes()
        for (at in whole.indices) {
            file.writeBytes(whole.copyOf().also { it[at] = it[at] xor 1 })
            assertArrayEquals("$at", UNREADABLE, storage.load("device"))
            file.writeBytes(whole.copyOf(at))
            assertArrayEquals("$at", UNREADABLE, storage.load("device"))
        }
        file.writeBytes(whole)
        assertArrayEquals(SECRET, storage.load("device"))
    }

    @Test
    fun `a file does not stand for another one, nor outlive its key`() {
        storage.store("device", SECRET)
        File(folder, "device").copyTo(File(folder, "settings"))
        assertArrayEquals(UNREADABLE, storage.load("settings"))
        PhoneKeyStore.reset()
        assertArrayEquals(UNREADABLE, storage.load("device"))
    }

    @Test
    fun `no name leads out of the folder`() {
        for (name in listOf("", "..", "../x", "a/b", "device.new", "DEVICE")) {
            assertThrows(name, StorageException.Failed::class.java) { storage.load(name) }
            assertThrows(name, StorageException.Failed::class.java) { storage.store(name, SECRET) }
        }
    }

    @Test
    fun `without room the old content stays, and half of a new one takes none`() {
        storage.store("device", SECRET)
        noRoomFor("device")
        assertThrows(StorageException.Full::class.java) { storage.store("device", SECRET + 1) }
        assertArrayEquals(SECRET, storage.load("device"))
        assertEquals(listOf("device"), folder.list().orEmpty().toList())
    }

    @Test
    fun `where nothing may be written, that is told`() {
        folder.mkdirs()
        Files.createSymbolicLink(File(folder, "device.new").toPath(), File(UNWRITABLE).toPath())
        assertThrows(StorageException.ReadOnly::class.java) { storage.store("device", SECRET) }
    }

    @Test
    fun `several that store the first time share one key`() {
        val names = listOf("device", "settings", "journal", "login-key")
        names.map { name -> thread { storage.store(name, SECRET) } }.forEach(Thread::join)
        for (name in names) assertArrayEquals(SECRET, storage.load(name))
    }

    @Test
    fun `what was half written when the power went is none`() {
        storage.store("device", SECRET)
        File(folder, "device.new").writeBytes(byteArrayOf(1, 2, 3))
        assertArrayEquals(SECRET, storage.load("device"))
        storage.store("device", SECRET + 2)
        assertArrayEquals(SECRET + 2, storage.load("device"))
    }

    @Test
    fun `staff read that there is no room, and once there is, it is kept`() {
        staff.setUp(world.addDevice())
        // That no finger is wanted is kept by now.
        until("all is kept") { File(folder, "settings").exists() && !staff.screen.work }
        noRoomFor("settings")
        staff.touch("設定")
        staff.touch("English")
        staff.await("732")
        staff.touch("Back")
        until("the settings are kept") { staff.page !is Page.Failure && !staff.screen.work }
        staff.dieAndComeBack()
        assertTrue("${staff.words}", staff.reads("Log in"))
    }

    @Test
    fun `staff read that what is kept cannot be opened`() {
        staff.setUp(world.addDevice())
        File(folder, "device").run { writeBytes(readBytes().also { it[it.lastIndex] = it[it.lastIndex] xor 1 }) }
        staff.dieAndComeBack()
        assertTrue("${staff.words}", staff.reads("735"))
    }

    private fun noRoomFor(name: String) {
        folder.mkdirs()
        Files.deleteIfExists(File(folder, "$name.new").toPath())
        Files.createSymbolicLink(File(folder, "$name.new").toPath(), File(FULL).toPath())
    }

    private companion object {
        /** What no version of the core writes. */
        val UNREADABLE = ByteArray(0)
        val SECRET = "the state of a device".toByteArray()

        /** Takes everything and keeps nothing: `ENOSPC`. */
        const val FULL = "/dev/full"

        /** A file of the system that nobody may write to. */
        const val UNWRITABLE = "/sys/kernel/notes"
    }
}
