package jp.madoguchi.app.login

import android.app.Activity
import android.content.Context
import android.content.DialogInterface
import android.hardware.biometrics.BiometricManager
import android.hardware.biometrics.BiometricPrompt
import android.os.Build
import android.os.CancellationSignal
import android.widget.Toast
import jp.madoguchi.app.Desk
import jp.madoguchi.app.R
import jp.madoguchi.app.keys.Begun
import jp.madoguchi.app.keys.LoginKey
import jp.madoguchi.app.ui.speaking
import jp.madoguchi.core.Action
import jp.madoguchi.core.BiometricsView
import jp.madoguchi.core.Page
import jp.madoguchi.core.Screen
import java.security.Signature
import kotlin.concurrent.thread

/**
 * Logging in by finger or face: the framework asks for it, and unlocks the login key for the one message that the counter
 * wants to be signed. What the signature is worth is the counter's to say.
 */
internal class Biometrics(private val context: Context) {
    private val key = LoginKey(context)
    private var desk: Desk? = null
    private var activity: Activity? = null

    /** For which message a prompt was opened by itself: once for each. */
    private var asked: ByteArray? = null
    private var prompt: Prompt? = null
    private var wiped = false
    private var making = false

    /** Whether the device has a sensor to which a key can be bound. */
    val possible: Boolean get() = key.possible

    fun open(desk: Desk) {
        this.desk = desk
    }

    fun attach(activity: Activity) {
        this.activity = activity
        desk?.let { shown(it.scene.screen) }
    }

    fun detach(activity: Activity) {
        if (this.activity === activity) this.activity = null
        // Turned, the device asks again by itself; left, it waits for the button.
        if (prompt != null && activity.isChangingConfigurations) asked = null
        prompt?.cancel()
    }

    fun shown(screen: Screen) {
        // The device is nobody's any more: neither is the key.
        val nobodys = screen.view is Page.SetUp
        if (nobodys && !wiped) key.delete()
        wiped = nobodys
        val view = (screen.view as? Page.LogIn)?.view?.biometrics
        prompt?.takeUnless { view != null && it.message.contentEquals(view.message) }?.cancel()
        if (view != null && !view.message.contentEquals(asked) && activity != null) {
            asked = view.message
            logIn(view)
        }
    }

    fun logIn(view: BiometricsView) {
        val activity = activity ?: return
        if (prompt != null) return
        when (val begun = key.begin()) {
            is Begun.Ready -> prompt = Prompt(activity, view, begun.signature).also { it.open() }
            Begun.Gone -> desk?.act(Action.BiometricsChanged)
            // The passcode pad is there.
            Begun.Refused -> Unit
        }
    }

    /** A person switched it on or off. */
    fun switch(on: Boolean) {
        val desk = desk ?: return
        if (!on) {
            key.delete()
            desk.act(Action.DisableBiometrics)
            return
        }
        if (making) return
        making = true
        // A key in a chip of its own takes seconds.
        thread(name = "login key") {
            val made = key.make()
            context.mainExecutor.execute {
                making = false
                if (made == null) refused(desk) else desk.act(Action.EnableBiometrics(made))
            }
        }
    }

    private fun refused(desk: Desk) {
        val screen = desk.refresh()
        val words = context.speaking(screen.language).getString(R.string.no_biometrics)
        Toast.makeText(context, words, Toast.LENGTH_LONG).show()
    }

    private inner class Prompt(private val activity: Activity, private val view: BiometricsView, private val signature: Signature) :
        BiometricPrompt.AuthenticationCallback() {
        val message: ByteArray = view.message
        private val ending = CancellationSignal()

        fun open() {
            val nothing = DialogInterface.OnClickListener { _, _ -> over() }
            val builder = BiometricPrompt.Builder(activity)
                .setTitle(view.promptTitle)
                .setDescription(view.promptText)
                .setNegativeButton(view.cancelLabel, activity.mainExecutor, nothing)
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
                builder.setAllowedAuthenticators(BiometricManager.Authenticators.BIOMETRIC_STRONG)
            }
            builder.build().authenticate(BiometricPrompt.CryptoObject(signature), ending, activity.mainExecutor, this)
        }

        fun cancel() {
            ending.cancel()
            over()
        }

        override fun onAuthenticationSucceeded(result: BiometricPrompt.AuthenticationResult) {
            if (prompt !== this) return
            over()
            val unlocked = result.cryptoObject?.signature ?: return
            // A key in a chip of its own takes its time. Without a signature there is the passcode pad; one that comes when the
            // app was left is not taken by the counter.
            thread(name = "log in") {
                key.sign(unlocked, message)?.let { context.mainExecutor.execute { desk?.act(Action.BiometricSignature(it)) } }
            }
        }

        /** Cancelled, locked out, or no sensor any more: the passcode pad is there. */
        override fun onAuthenticationError(error: Int, text: CharSequence?) = over()

        private fun over() {
            if (prompt === this) prompt = null
        }
    }
}
