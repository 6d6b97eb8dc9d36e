package jp.madoguchi.app.keys

import android.content.Context
import android.content.pm.PackageManager
import android.hardware.biometrics.BiometricManager
import android.os.Build
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.util.Log
import java.security.GeneralSecurityException
import java.security.PrivateKey
import java.security.ProviderException
import java.security.Signature
import java.security.UnrecoverableKeyException

/** The login key: each signature wants a finger or a face, and a changed set of them ends it. */
internal class LoginKey(private val context: Context) {
    /** Whether the phone has a sensor that keys may be bound to, and somebody's finger or face is known to it. */
    val possible: Boolean
        get() = when {
            Build.VERSION.SDK_INT >= Build.VERSION_CODES.R -> {
                val manager = context.getSystemService(BiometricManager::class.java)
                val able = manager?.canAuthenticate(BiometricManager.Authenticators.BIOMETRIC_STRONG)
                able == BiometricManager.BIOMETRIC_SUCCESS
            }
            // Before API 30 classes have no names; a finger is the one sensor that keys may be bound to for sure.
            else -> context.packageManager.hasSystemFeature(PackageManager.FEATURE_FINGERPRINT)
        }

    /** A new key in place of an old one: its public point. `null`: the phone makes none now. */
    fun make(): ByteArray? = whole {
        Hardware.signingKey(ALIAS) { with(Hardware) { withEachFinger() } }
        Hardware.publicPoint(ALIAS)
    }

    /** What a prompt is to unlock. */
    fun begin(): Begun = whole {
        try {
            val key = Hardware.store().getKey(ALIAS, null) as? PrivateKey
            key?.let { Begun.Ready(Signature.getInstance("SHA256withECDSA").apply { initSign(it) }) } ?: Begun.Gone
        } catch (_: KeyPermanentlyInvalidatedException) {
            Begun.Gone
        } catch (_: UnrecoverableKeyException) {
            // The key store says the same by this one, if it looks at the key earlier.
            Begun.Gone
        }
    } ?: Begun.Refused

    /** Ends what a prompt unlocked. `null`: the phone did not sign. */
    fun sign(unlocked: Signature, message: ByteArray): ByteArray? = whole {
        unlocked.update(message)
        unlocked.sign()
    }

    fun delete() {
        whole { Hardware.store().deleteEntry(ALIAS) }
    }

    private fun <T> whole(call: () -> T): T? = try {
        call()
    } catch (error: GeneralSecurityException) {
        failed(error)
    } catch (error: ProviderException) {
        failed(error)
    } catch (error: IllegalStateException) {
        // No screen lock: keys that want a finger cannot be.
        failed(error)
    }

    /** The kind of error only: some vendors put more than that into its text. */
    private fun failed(error: Exception): Nothing? {
        Log.w("madoguchi", "the login key: ${error.javaClass.simpleName}")
        return null
    }

    companion object {
        /** Its name in the key store. */
        const val ALIAS = "login"
    }
}

/** What came of beginning a signature with the login key. */
internal sealed interface Begun {
    /** A finger or a face may end it. */
    class Ready(val signature: Signature) : Begun

    /** The key is no more, because fingers or faces were changed. */
    data object Gone : Begun

    /** The phone does not say why not: another time it may. */
    data object Refused : Begun
}
