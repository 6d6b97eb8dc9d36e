package jp.madoguchi.app.scenes

import jp.madoguchi.app.keys.SealedStorage
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.app.testing.PhoneKeyStore
import jp.madoguchi.app.testing.Sandbox
import jp.madoguchi.core.Page
import org.junit.After
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TestRule
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import java.io.File
import java.nio.file.Files
import java.time.Duration

/** The failures of a device: its registration, its key, its log in and what it keeps. Each has a phone of its own. */
@RunWith(RobolectricTestRunner::class)
class DeviceFailuresTest {
    @get:Rule val phone = Phone()
    @get:Rule val meeting: TestRule = Meeting { staff }
    private val staff = Staff()
    private val world get() = World.of(this)
    private val state get() = File(phone.application.noBackupFilesDir, "state")

    @Before
    fun later() {
        // The service takes so many enrolments an hour of one address.
        world.advance(seconds = 120)
    }

    @After
    fun end() {
        world.mend()
        staff.end()
    }

    @Test
    @Meets(703)
    fun `a link that was cut off is no link`() {
        staff.scan("madoguchi://enrol?account=1")
        staff.meet(703)
    }

    @Test
    @Meets(503)
    fun `a link to a service that is another one by its certificate enrols nothing`() {
        val link = world.addDevice().link
        val root = Regex("(?<=[?&]root=)[^&]{8}")
        check(root.containsMatchIn(link)) { "where is the root?" }
        enrol(root.replace(link) { "A".repeat(8) })
        staff.meet(503)
    }

    @Test
    @Meets(701)
    fun `a link that was used is used up`() {
        val device = world.addDevice()
        world.revoke(device)
        enrol(device.link)
        staff.meet(701)
    }

    @Test
    @Meets(702)
    fun `a key that the service does not take is told`() {
        world.refuse("/.well-known/est/simpleenroll", "enrollment-request-invalid")
        enrol()
        staff.meet(702)
    }

    @Test
    @Meets(712)
    fun `a phone that is locked signs nothing`() {
        PhoneKeyStore.locked = true
        enrol()
        staff.meet(712)
    }

    @Test
    @Meets(713)
    fun `a key store that does not answer is not waited for without end`() {
        PhoneKeyStore.signingMillis = 7_000
        enrol()
        staff.meet(713)
    }

    @Test
    @Meets(716)
    fun `a phone whose boot loader is open is not enrolled`() {
        PhoneKeyStore.wrongAttestation = "unlocked"
        enrol()
        staff.meet(716)
    }

    @Test
    @Meets(705)
    fun `a device that the service does not know is told`() {
        staff.setUp(world.addDevice())
        world.refuse("/v1/challenges", "device-unknown")
        staff.touch("B 4桁の暗証番号")
        staff.meet(705)
    }

    @Test
    @Meets(706)
    fun `a device that was stopped works again once it may`() {
        val device = world.addDevice()
        staff.setUp(device)
        world.suspend(device)
        staff.touch("B 4桁の暗証番号")
        staff.meet(706)
        world.resume(device)
        staff.touch("接続し直す")
        staff.awaitPage("choice") { it is Page.Choose }
    }

    @Test
    @Meets(707)
    fun `a device that was ended forgets all`() {
        val device = world.addDevice()
        staff.setUp(device)
        world.revoke(device)
        staff.touch("B 4桁の暗証番号")
        staff.meet(707)
        check(PhoneKeyStore.aliases.none { it == "device" }) { "the key is there still" }
    }

    @Test
    @Meets(709)
    fun `a certificate and a key that do not belong together are told`() {
        staff.setUp(world.addDevice())
        PhoneKeyStore.swap("device")
        relogin()
        // If the connection ends before the request is on its way, its alert is not heard: one tries again, as the screen says.
        repeat(MANY) { if (staff.reads("コード 501")) connectAgain() }
        staff.meet(709)
    }

    @Test
    @Meets(710)
    fun `a device that was not used for months is enrolled anew`() {
        Sandbox().use { world ->
            staff.setUp(world.addDevice())
            world.advance(seconds = 100 * 24 * 60 * 60)
            relogin()
            repeat(MANY) { if (staff.reads("コード 501")) connectAgain() }
            staff.meet(710)
        }
    }

    @Test
    @Meets(711)
    fun `a device whose key is gone is enrolled anew`() {
        staff.setUp(world.addDevice())
        PhoneKeyStore.lose("device")
        relogin()
        staff.meet(711)
        staff.touch("端末を登録し直す")
        staff.touch("登録を取り消す")
        staff.await("登録用のリンク")
        staff.setUp(world.addDevice())
    }

    @Test
    @Meets(721)
    fun `ten wrong passcodes end the registration`() {
        staff.setUp(world.addDevice())
        staff.touch("ロックする")
        repeat(MANY) {
            staff.pass(Duration.ofHours(1))
            staff.logIn("999998")
        }
        staff.meet(721)
        check(PhoneKeyStore.aliases.none { it == "device" }) { "the key is there still" }
    }

    @Test
    @Meets(731)
    fun `a place that cannot be written to is told`() {
        // Nobody may write to this one, whoever they are.
        written(to = "/proc/sys/kernel/osrelease")
        enrol()
        staff.meet(731)
        mended()
    }

    @Test
    @Meets(732)
    fun `a phone without room is told`() {
        written(to = "/dev/full")
        enrol()
        staff.meet(732)
        mended()
    }

    @Test
    @Meets(734)
    fun `a storage that fails is told`() {
        state.writeText("no folder")
        enrol()
        staff.meet(734)
        state.delete()
        staff.touch("もう一度試す")
        staff.await("パスコードを決めてください")
    }

    @Test
    @Meets(735)
    fun `what is kept and damaged is told, and the device is enrolled anew`() {
        SealedStorage(state).store("device", ByteArray(100))
        val kept = File(state, "device")
        kept.writeBytes(kept.readBytes().apply { this[lastIndex] = (last().toInt() xor 1).toByte() })
        unreadable()
    }

    @Test
    @Meets(735)
    fun `what was sealed with a key that is gone is told, and the device is enrolled anew`() {
        SealedStorage(state).store("device", ByteArray(100))
        PhoneKeyStore.lose(SealedStorage.ALIAS)
        unreadable()
    }

    private fun unreadable() {
        staff.start()
        staff.meet(735)
        staff.touch("端末を登録し直す")
        staff.touch("登録を取り消す")
        staff.await("登録用のリンク")
        staff.setUp(world.addDevice())
    }

    private fun enrol(link: String = world.addDevice().link) {
        staff.scan(link)
        staff.touch("登録する")
    }

    private fun relogin() {
        staff.touch("ロックする")
        staff.logIn()
        staff.awaitPage("answer") { it !is Page.Waiting }
    }

    private fun connectAgain() {
        staff.touch("接続し直す")
        staff.awaitPage("answer") { it !is Page.Waiting }
    }

    /** What the app writes lands there. */
    private fun written(to: String) {
        state.mkdirs()
        Files.createSymbolicLink(File(state, "device.new").toPath(), File(to).toPath())
    }

    /** There is room again. */
    private fun mended() {
        Files.deleteIfExists(File(state, "device.new").toPath())
        staff.touch("もう一度試す")
        staff.await("パスコードを決めてください")
    }

    private companion object {
        const val MANY = 10
    }
}
