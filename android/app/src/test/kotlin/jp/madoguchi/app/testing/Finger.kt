package jp.madoguchi.app.testing

import android.hardware.biometrics.BiometricPrompt
import android.os.Build
import android.os.CancellationSignal
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.annotation.RealObject
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowBiometricPrompt
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter
import java.util.concurrent.Executor

/** What a finger does when the phone asks for it. */
object Finger {
    internal var asked: BiometricPrompt.CryptoObject? = null
    internal var cancel: CancellationSignal? = null
    internal var tell: ((BiometricPrompt.AuthenticationResult) -> Unit)? = null

    /** Whether the phone waits for a finger. */
    val awaited: Boolean get() = ShadowBiometricPrompt.getCurrentPrompt() != null && cancel?.isCanceled == false

    /** The finger is recognised. */
    fun succeed() {
        check(awaited) { "the phone waits for no finger" }
        PhoneKeyStore.authorise(asked)
        // The stand-in would forget what the prompt was for.
        ShadowBiometricPrompt.reset()
        val result = ReflectionHelpers.callConstructor(
            BiometricPrompt.AuthenticationResult::class.java,
            ClassParameter.from(BiometricPrompt.CryptoObject::class.java, asked),
            ClassParameter.from(Int::class.javaPrimitiveType, BiometricPrompt.AUTHENTICATION_RESULT_TYPE_BIOMETRIC),
        )
        checkNotNull(tell)(result)
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
        Finger.cancel = cancel
        Finger.tell = { executor.execute { callback.onAuthenticationSucceeded(it) } }
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
        Finger.cancel = cancel
        Finger.tell = { executor.execute { callback.onAuthenticationSucceeded(it) } }
        super.authenticate(crypto, cancel, executor, callback)
    }
}

/** What came with Android 11 is not there on what says that it is older. */
@Implements(BiometricPrompt.Builder::class)
class PhoneBiometricPromptBuilder {
    @RealObject private lateinit var real: BiometricPrompt.Builder

    @Implementation
    fun setAllowedAuthenticators(authenticators: Int): BiometricPrompt.Builder {
        since(Build.VERSION_CODES.R, "setAllowedAuthenticators")
        return Shadow.directlyOn(
            real,
            BiometricPrompt.Builder::class.java,
            "setAllowedAuthenticators",
            ClassParameter.from(Int::class.javaPrimitiveType, authenticators),
        )
    }
}

/** As a phone does that does not know a method. */
internal fun since(level: Int, method: String) {
    if (Build.VERSION.SDK_INT < level) throw NoSuchMethodError(method)
}
