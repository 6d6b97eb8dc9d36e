package jp.madoguchi.app.scenes

import android.os.Build
import android.security.keystore.KeyProperties
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.app.testing.PhoneKeyStore
import jp.madoguchi.core.Page
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import java.security.spec.ECGenParameterSpec

/** The key by which the service knows this device. */
@RunWith(RobolectricTestRunner::class)
class KeysTest {
    @get:Rule val phone = Phone()
    private val staff = Staff()
    private val world get() = World.of(this)

    @After
    fun end() = staff.end()

    @Test
    fun `it lies in the chip of its own, asks nobody, and the service saw that itself`() {
        assertEquals(STRONG_BOX, enrol())
        val spec = PhoneKeyStore.spec("device")
        assertEquals(KeyProperties.PURPOSE_SIGN, spec.purposes)
        assertArrayEquals(arrayOf(KeyProperties.DIGEST_SHA256), spec.digests)
        assertEquals("secp256r1", (spec.algorithmParameterSpec as ECGenParameterSpec).name)
        assertEquals(32, spec.attestationChallenge.size)
        assertFalse(spec.isUserAuthenticationRequired)
        assertTrue(spec.isUnlockedDeviceRequired)
    }

    @Test
    fun `where there is no such chip, or it attests nothing, it lies in the trusted environment`() {
        PhoneKeyStore.strongBox = false
        assertEquals(TRUSTED_ENVIRONMENT, enrol())
        staff.end()
        PhoneKeyStore.reset()
        PhoneKeyStore.strongBoxAttests = false
        staff.forget()
        assertEquals(TRUSTED_ENVIRONMENT, enrol())
    }

    @Test
    fun `hardware that attests nothing is trusted as little as a program`() {
        PhoneKeyStore.attests = false
        assertEquals("software", enrol())
    }

    @Test
    fun `a phone that proves something wrong is told, and the same link serves once it is right`() {
        val device = world.addDevice()
        PhoneKeyStore.wrongAttestation = "challenge"
        staff.scan(device.link)
        staff.touch("登録する")
        staff.await("登録に必要な安全性を確かめられませんでした")
        assertTrue("${staff.words}", staff.reads("716"))
        assertEquals("waiting", world.seen(device)[STATE])
        PhoneKeyStore.wrongAttestation = null
        staff.touch("戻る")
        staff.setUp(device)
        assertTrue(staff.page is Page.Choose)
        assertEquals(STRONG_BOX, world.seen(device)[LEVEL])
    }

    @Test
    fun `before Android 15 it is not bound to the lock of the phone, which loses such keys there`() {
        phone.claimsLevel(Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
        enrol()
        assertFalse(PhoneKeyStore.spec("device").isUnlockedDeviceRequired)
    }

    /** Enrols a new device: where its key lies, as the service says. */
    private fun enrol(): String {
        val device = world.addDevice()
        staff.scan(device.link)
        staff.touch("登録する")
        staff.await("ログインに使うパスコードを決めてください。")
        assertEquals(setOf("device", "state"), PhoneKeyStore.aliases)
        return world.seen(device)[LEVEL]
    }

    private companion object {
        const val STATE = 2
        const val LEVEL = 3
        const val STRONG_BOX = "strong-box"
        const val TRUSTED_ENVIRONMENT = "trusted-environment"
    }
}
