package jp.madoguchi.app.testing

import android.hardware.biometrics.BiometricPrompt
import android.os.CancellationSignal
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowBiometricPrompt
import java.util.concurrent.Executor

/** What a finger does when the phone asks for it. */
object Finger {
    internal var asked: BiometricPrompt.CryptoObject? = null

    /** The finger is recognised. */
    fun succeed() {
        PhoneKeyStore.authorise(asked)
        ShadowBiometricPrompt.authenticateCurrentSessionSuccessfully()
    }

    /** It is not recognised, and the prompt stays. */
    fun fail() = ShadowBiometricPrompt.failCurrentSessionOnce()

    /** The prompt ends with an error of `BiometricPrompt.BIOMETRIC_ERROR_…`. */
    fun end(error: Int, text: String = "") = ShadowBiometricPrompt.authenticateCurrentSessionWithError(error, text)
}

/** Remembers which operation the prompt is for: only that one is authorised by the finger. */
@Implements(BiometricPrompt::class)
class PhoneBiometricPrompt : ShadowBiometricPrompt() {
    @Implementation
    public override fun authenticate(
        cancel: CancellationSignal,
        executor: Executor,
        callback: BiometricPrompt.AuthenticationCallback,
    ) {
        Finger.asked = null
        super.authenticate(cancel, executor, callback)
    }

    @Implementation
    public override fun authenticate(
        crypto: BiometricPrompt.CryptoObject,
        cancel: CancellationSignal,
        executor: Executor,
        callback: BiometricPrompt.AuthenticationCallback,
    ) {
        Finger.asked = crypto
        super.authenticate(crypto, cancel, executor, callback)
    }
}
