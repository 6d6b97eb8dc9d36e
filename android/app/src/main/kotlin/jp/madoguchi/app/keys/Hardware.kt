package jp.madoguchi.app.keys

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.ProviderException
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec

/** The phone's key store: keys that never come out of the hardware. */
internal object Hardware {
    private const val PROVIDER = "AndroidKeyStore"

    /** Half of an uncompressed point: a coordinate on P-256. */
    private const val COORDINATE = 32

    fun store(): KeyStore = KeyStore.getInstance(PROVIDER).apply { load(null) }

    /**
     * Makes an ECDSA key on P-256, in StrongBox where there is one. A key of the same name is replaced.
     *
     * StrongBox knows no other curve than this one (`KeyGenParameterSpec.Builder.setIsStrongBoxBacked`). Where there is none
     * it says so by a `StrongBoxUnavailableException`, and where it is full or attests nothing by the exception above that
     * one: the trusted environment is asked then, and what it says counts.
     */
    fun signingKey(alias: String, ask: KeyGenParameterSpec.Builder.() -> Unit) {
        fun generate(strongBox: Boolean) {
            val spec = KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN)
                .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
                .setDigests(KeyProperties.DIGEST_SHA256)
                .setIsStrongBoxBacked(strongBox)
                .apply(ask)
                .build()
            KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, PROVIDER).run {
                initialize(spec)
                generateKeyPair()
            }
        }
        try {
            generate(strongBox = true)
        } catch (_: ProviderException) {
            generate(strongBox = false)
        }
    }

    /** The public point, uncompressed (SEC 1 §2.3.3: `04 ‖ x ‖ y`); `null` where there is no such key. */
    fun publicPoint(alias: String): ByteArray? {
        val key = store().getCertificate(alias)?.publicKey as? ECPublicKey ?: return null
        val point = ByteArray(1 + 2 * COORDINATE)
        point[0] = 0x04
        for ((at, number) in listOf(key.w.affineX, key.w.affineY).withIndex()) {
            // Two's complement: a leading zero too much, or zeros missing.
            val bytes = number.toByteArray().takeLast(COORDINATE)
            bytes.toByteArray().copyInto(point, 1 + (at + 1) * COORDINATE - bytes.size)
        }
        return point
    }

    /** A key that works only with a finger or a face of Class 3, for each signature anew. */
    fun KeyGenParameterSpec.Builder.withEachFinger() {
        setUserAuthenticationRequired(true)
        // A finger more, or the last one gone, and the key is gone: whoever was added is not who was trusted.
        setInvalidatedByBiometricEnrollment(true)
        // Before API 30 this is what a key is that names no time.
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            setUserAuthenticationParameters(0, KeyProperties.AUTH_BIOMETRIC_STRONG)
        }
    }
}
