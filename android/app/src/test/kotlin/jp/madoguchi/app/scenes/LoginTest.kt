package jp.madoguchi.app.scenes

import android.hardware.biometrics.BiometricPrompt
import android.os.Build
import android.security.keystore.KeyProperties
import jp.madoguchi.app.testing.Finger
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.app.testing.PhoneKeyStore
import jp.madoguchi.app.testing.until
import jp.madoguchi.core.Page
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.shadows.ShadowToast

/** Logging in: a finger or a face where there is one, and the passcode always. */
@RunWith(RobolectricTestRunner::class)
class LoginTest {
    @get:Rule val phone = Phone()
    private val staff = Staff()
    private val world get() = World.of(this)

    @After
    fun end() = staff.end()

    @Test
    fun `switched on, a finger opens the counter, and the passcode need not be typed`() {
        staff.setUp(world.addDevice(), biometrics = true)
        val spec = PhoneKeyStore.spec("login")
        assertEquals(KeyProperties.PURPOSE_SIGN, spec.purposes)
        assertTrue(spec.isUserAuthenticationRequired)
        assertTrue(spec.isInvalidatedByBiometricEnrollment)
        assertEquals(KeyProperties.AUTH_BIOMETRIC_STRONG, spec.userAuthenticationType)
        assertEquals(0, spec.userAuthenticationValidityDurationSeconds)
        staff.leave()
        assertFalse("nobody is there to be asked", Finger.awaited)
        staff.comeBack()
        assertTrue("it asks by itself", Finger.awaited)
        Finger.succeed()
        opens()
    }

    @Test
    fun `a finger that is not known, taken back, or tried too often leaves the passcode, and a button to try again`() {
        staff.setUp(world.addDevice(), biometrics = true)
        staff.touch("ロックする")
        Finger.fail()
        staff.settle()
        assertTrue("the prompt stays", Finger.awaited)
        assertTrue(staff.page is Page.LogIn)
        for (error in listOf(BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED, BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT, BiometricPrompt.BIOMETRIC_ERROR_HW_UNAVAILABLE)) {
            Finger.end(error)
            staff.settle()
            assertFalse("it does not ask again by itself", Finger.awaited)
            assertTrue(staff.page is Page.LogIn)
            staff.touch("指紋や顔でログインする")
            assertTrue(Finger.awaited)
        }
        Finger.end(BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT_PERMANENT)
        staff.settle()
        staff.logIn()
        opens()
        staff.touch("ロックする")
        Finger.succeed()
        opens()
    }

    @Test
    fun `the passcode that is typed meanwhile ends the asking`() {
        staff.setUp(world.addDevice(), biometrics = true)
        staff.touch("ロックする")
        assertTrue(Finger.awaited)
        staff.logIn()
        opens()
        assertFalse(Finger.awaited)
    }

    @Test
    fun `turned, it asks again by itself, and left, it asks no more`() {
        staff.setUp(world.addDevice(), biometrics = true)
        staff.touch("ロックする")
        staff.turn()
        assertTrue(Finger.awaited)
        staff.leave()
        assertFalse(Finger.awaited)
        staff.comeBack()
        if (!Finger.awaited) staff.touch("指紋や顔でログインする")
        Finger.succeed()
        opens()
    }

    @Test
    fun `another finger ends the key of the login, not that of the device, and after the passcode there is a new one`() {
        staff.setUp(world.addDevice(), biometrics = true)
        PhoneKeyStore.changeFingers()
        staff.leave()
        staff.comeBack()
        assertFalse(Finger.awaited)
        assertTrue("${staff.words}", staff.reads("端末に登録した指紋や顔が変わると"))
        staff.logIn()
        // Connected anew, with the key of the device.
        opens()
        staff.touch("使う")
        until("the new key") { !staff.reads("使わない") }
        staff.touch("ロックする")
        Finger.succeed()
        opens()
    }

    @Test
    fun `switched off, the key is gone, and it is on again only after the passcode`() {
        staff.setUp(world.addDevice(), biometrics = true)
        staff.touch("設定")
        staff.touch("指紋や顔でのログイン")
        assertFalse("login" in PhoneKeyStore.aliases)
        staff.touch("閉じる")
        staff.touch("ロックする")
        assertFalse(Finger.awaited)
        assertFalse(staff.reads("指紋や顔でログインする"))
        staff.logIn()
        opens()
        assertFalse("it was not wanted", staff.reads("使わない"))
        staff.touch("設定")
        staff.touch("指紋や顔でのログイン")
        until("the key") { staff.isOn("指紋や顔でのログイン") }
        assertTrue("login" in PhoneKeyStore.aliases)
    }

    @Test
    fun `a phone without a sensor offers nothing, and the passcode opens`() {
        phone.hasFinger(false)
        staff.setUp(world.addDevice())
        assertFalse(staff.reads("使わない"))
        staff.touch("設定")
        assertFalse(staff.reads("指紋や顔でのログイン"))
        staff.leave()
        staff.comeBack()
        assertFalse(Finger.awaited)
        staff.logIn()
        opens()
    }

    @Test
    fun `a finger that is taken off the phone before the key is made is told`() {
        staff.scan(world.addDevice().link)
        staff.touch("登録する")
        staff.await("ログインに使うパスコードを決めてください。")
        repeat(2) {
            staff.enter("パスコードを", Staff.PASSCODE)
            staff.touch("設定する")
        }
        staff.await("使わない")
        phone.hasFinger(false)
        staff.touch("使う")
        until("it is told") { ShadowToast.getTextOfLatestToast().orEmpty().startsWith("指紋や顔を使えるように") }
        assertTrue(staff.reads("使わない"))
        assertFalse("login" in PhoneKeyStore.aliases)
    }

    @Test
    fun `on Android 9 and 10 the same holds, without what came later`() {
        phone.claimsLevel(Build.VERSION_CODES.P)
        staff.setUp(world.addDevice(), biometrics = true)
        val spec = PhoneKeyStore.spec("login")
        assertTrue(spec.isUserAuthenticationRequired)
        assertTrue(spec.isInvalidatedByBiometricEnrollment)
        staff.leave()
        staff.comeBack()
        Finger.succeed()
        opens()
        phone.claimsLevel(Build.VERSION_CODES.Q)
        staff.touch("ロックする")
        Finger.succeed()
        opens()
    }

    private fun opens() = staff.awaitPage("first screen of the day") { it is Page.Choose }
}
