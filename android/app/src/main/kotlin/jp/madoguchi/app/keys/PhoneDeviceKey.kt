package jp.madoguchi.app.keys

import android.os.Build
import jp.madoguchi.core.DeviceKey
import jp.madoguchi.core.DeviceKeyException
import java.security.GeneralSecurityException
import java.security.PrivateKey
import java.security.ProviderException
import java.security.Signature

/**
 * The device key: it signs without a prompt while the phone is unlocked, and outlives new fingers. While the counter is
 * locked, the core asks for no signature; from Android 15 on the key store sees to it as well, while the phone is locked.
 *
 * Called on the core's worker threads. Whatever the key store throws is a typed refusal: vendors throw more than is
 * documented, unchecked exceptions among them.
 */
internal class PhoneDeviceKey : DeviceKey {
    override fun create(challenge: ByteArray): List<ByteArray> = refusing {
        val attested = try {
            make(challenge)
            true
        } catch (_: ProviderException) {
            // Hardware that attests nothing. The service gives such a device less assurance, and nothing else changes.
            make(null)
            false
        }
        // Without a challenge the "chain" is a certificate that the key store made up.
        if (attested) Hardware.store().getCertificateChain(ALIAS).orEmpty().map { it.encoded } else emptyList()
    }

    override fun publicKey(): ByteArray = refusing { Hardware.publicPoint(ALIAS) ?: throw DeviceKeyException.Missing() }

    override fun sign(message: ByteArray): ByteArray = refusing {
        val key = Hardware.store().getKey(ALIAS, null) as? PrivateKey ?: throw DeviceKeyException.Missing()
        Signature.getInstance("SHA256withECDSA").run {
            initSign(key)
            update(message)
            sign()
        }
    }

    override fun delete() = refusing { Hardware.store().deleteEntry(ALIAS) }

    private fun make(challenge: ByteArray?) = Hardware.signingKey(ALIAS) {
        // Before, such a key cannot be used after unlocking by some faces or a watch, and is deleted with the screen lock:
        // the reference advises against it (`KeyGenParameterSpec.Builder.setUnlockedDeviceRequired`).
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.VANILLA_ICE_CREAM) setUnlockedDeviceRequired(true)
        challenge?.let { setAttestationChallenge(it) }
    }

    private fun <T> refusing(call: () -> T): T = try {
        call()
    } catch (_: GeneralSecurityException) {
        throw DeviceKeyException.Refused()
    } catch (_: ProviderException) {
        throw DeviceKeyException.Refused()
    } catch (_: IllegalStateException) {
        throw DeviceKeyException.Refused()
    }

    companion object {
        /** Its name in the key store. */
        const val ALIAS = "device"
    }
}
