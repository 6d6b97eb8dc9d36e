package jp.madoguchi.app.keys

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import jp.madoguchi.core.DeviceKey
import jp.madoguchi.core.DeviceKeyException
import java.security.GeneralSecurityException
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.Signature
import java.security.spec.ECGenParameterSpec

/** The device key in the Android Keystore: it never leaves its hardware, asks nobody, and survives a new fingerprint. */
internal class KeystoreKey : DeviceKey {
    private val store: KeyStore by lazy { KeyStore.getInstance(PROVIDER).apply { load(null) } }

    override fun create(challenge: ByteArray): List<ByteArray> = guarded {
        val wanted = KeyGenParameterSpec.Builder(ALIAS, KeyProperties.PURPOSE_SIGN)
            .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
            .setDigests(KeyProperties.DIGEST_SHA256)
            .setAttestationChallenge(challenge)
            .build()
        val maker = KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, PROVIDER)
        maker.initialize(wanted)
        maker.generateKeyPair()
        // A chain of one is no attestation: the key signed for itself.
        store.getCertificateChain(ALIAS).orEmpty().map { it.encoded }.takeIf { it.size > 1 }.orEmpty()
    }

    override fun publicKey(): ByteArray = guarded {
        val certificate = store.getCertificate(ALIAS) ?: throw DeviceKeyException.Missing()
        // SubjectPublicKeyInfo of P-256 ends with the point, 65 bytes (RFC 5480 §2).
        certificate.publicKey.encoded.takeLast(POINT).toByteArray()
    }

    override fun sign(message: ByteArray): ByteArray = guarded {
        val key = store.getKey(ALIAS, null) as? PrivateKey ?: throw DeviceKeyException.Missing()
        Signature.getInstance("SHA256withECDSA").run {
            initSign(key)
            update(message)
            sign()
        }
    }

    override fun delete(): Unit = guarded { store.deleteEntry(ALIAS) }

    private fun <T> guarded(use: () -> T): T = try {
        use()
    } catch (_: GeneralSecurityException) {
        throw DeviceKeyException.Refused()
    }

    private companion object {
        const val PROVIDER = "AndroidKeyStore"
        const val ALIAS = "device"
        const val POINT = 65
    }
}
