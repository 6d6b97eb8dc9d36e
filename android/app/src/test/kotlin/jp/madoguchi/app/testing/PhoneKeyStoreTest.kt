package jp.madoguchi.app.testing

import android.hardware.biometrics.BiometricPrompt
import android.os.CancellationSignal
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
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
import java.security.InvalidAlgorithmParameterException
import java.security.InvalidKeyException
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.Signature
import java.security.SignatureException
import java.security.spec.ECGenParameterSpec
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.spec.GCMParameterSpec

/** The key store of the tests is as strict as a phone's. */
@RunWith(RobolectricTestRunner::class)
class PhoneKeyStoreTest {
    @get:Rule val phone = Phone()

    private val store = lazy { KeyStore.getInstance(PhoneKeyStore.NAME).apply { load(null) } }

    @Test
    fun `a key signs and does not come out`() {
        val pair = key("device")
        val private = store.value.getKey("device", null) as PrivateKey
        assertNull(private.encoded)
        val signature = begin(private).run {
            update(byteArrayOf(1))
            sign()
        }
        val holds = Signature.getInstance(ECDSA).run {
            initVerify(pair.public)
            update(byteArrayOf(1))
            verify(signature)
        }
        assertTrue(holds)
    }

    @Test
    fun `a key works for its purposes and digests only`() {
        key("other", KeyProperties.PURPOSE_VERIFY)
        assertThrows(InvalidKeyException::class.java) { begin("other") }
        key("device") { setDigests(KeyProperties.DIGEST_SHA512) }
        assertThrows(InvalidKeyException::class.java) { begin("device") }
    }

    @Test
    fun `a key of the login signs only what a finger allowed`() {
        login()
        val signature = begin("login")
        assertThrows(SignatureException::class.java) { signature.sign() }
        var allowed = false
        BiometricPrompt.Builder(phone.application).setTitle("login").setNegativeButton("no", phone.application.mainExecutor) { _, _ -> }
            .build().authenticate(
                BiometricPrompt.CryptoObject(signature),
                CancellationSignal(),
                phone.application.mainExecutor,
                object : BiometricPrompt.AuthenticationCallback() {
                    override fun onAuthenticationSucceeded(result: BiometricPrompt.AuthenticationResult) {
                        allowed = true
                    }
                },
            )
        Finger.succeed()
        until("the prompt's answer") { allowed }
        // Another operation is not allowed along with it, and this one once.
        assertThrows(SignatureException::class.java) { begin("login").sign() }
        assertTrue(signature.sign().isNotEmpty())
        assertThrows(SignatureException::class.java) { signature.sign() }
    }

    @Test
    fun `another finger ends the key of the login and not that of the device`() {
        login()
        key("device")
        PhoneKeyStore.changeFingers()
        assertThrows(KeyPermanentlyInvalidatedException::class.java) { begin("login") }
        assertTrue(begin("device").sign().isNotEmpty())
    }

    @Test
    fun `while the phone is locked a key that asks for it does not work`() {
        key("device") { setUnlockedDeviceRequired(true) }
        PhoneKeyStore.locked = true
        assertThrows(InvalidKeyException::class.java) { begin("device") }
    }

    @Test
    fun `what the hardware lacks is refused`() {
        PhoneKeyStore.strongBox = false
        assertThrows(StrongBoxUnavailableException::class.java) { key("device") { setIsStrongBoxBacked(true) } }
        phone.hasFinger(false)
        assertThrows(InvalidAlgorithmParameterException::class.java) { login() }
        assertFalse("device" in PhoneKeyStore.aliases)
    }

    @Test
    fun `the attestation chain begins with the new key`() {
        val pair = key("device") { setAttestationChallenge(ByteArray(32)) }
        val chain = store.value.getCertificateChain("device")
        assertTrue(chain.size > 1)
        assertEquals(pair.public, chain.first().publicKey)
        chain.toList().zipWithNext { child, parent -> child.verify(parent.publicKey) }
    }

    @Test
    fun `a sealing key chooses its own nonce`() {
        val key = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PhoneKeyStore.NAME).run {
            init(
                KeyGenParameterSpec.Builder("seal", KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
                    .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                    .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                    .build(),
            )
            generateKey()
        }
        val parameters = GCMParameterSpec(128, ByteArray(12))
        assertThrows(InvalidAlgorithmParameterException::class.java) {
            Cipher.getInstance(AES_GCM).init(Cipher.ENCRYPT_MODE, key, parameters)
        }
        val sealing = Cipher.getInstance(AES_GCM).apply { init(Cipher.ENCRYPT_MODE, key) }
        val sealed = sealing.doFinal(byteArrayOf(1, 2, 3))
        val opening = Cipher.getInstance(AES_GCM)
        opening.init(Cipher.DECRYPT_MODE, store.value.getKey("seal", null), GCMParameterSpec(128, sealing.iv))
        assertArrayEquals(byteArrayOf(1, 2, 3), opening.doFinal(sealed))
    }

    private fun login() = key("login") {
        setUserAuthenticationRequired(true)
        setUserAuthenticationParameters(0, KeyProperties.AUTH_BIOMETRIC_STRONG)
        setInvalidatedByBiometricEnrollment(true)
    }

    private fun key(
        alias: String,
        purposes: Int = KeyProperties.PURPOSE_SIGN,
        more: KeyGenParameterSpec.Builder.() -> Unit = {},
    ): KeyPair = KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, PhoneKeyStore.NAME).run {
        val spec = KeyGenParameterSpec.Builder(alias, purposes)
            .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
            .setDigests(KeyProperties.DIGEST_SHA256)
        initialize(spec.apply(more).build())
        generateKeyPair()
    }

    private fun begin(alias: String) = begin(store.value.getKey(alias, null) as PrivateKey)

    private fun begin(key: PrivateKey) = Signature.getInstance(ECDSA).apply { initSign(key) }

    private companion object {
        const val ECDSA = "SHA256withECDSA"
        const val AES_GCM = "AES/GCM/NoPadding"
    }
}
