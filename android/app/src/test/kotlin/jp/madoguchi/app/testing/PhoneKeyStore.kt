package jp.madoguchi.app.testing

import android.hardware.biometrics.BiometricPrompt
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import android.security.keystore.UserNotAuthenticatedException
import java.math.BigInteger
import java.security.InvalidKeyException
import java.security.Key
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.PrivateKey
import java.security.PublicKey
import java.security.Security
import java.security.Signature
import java.security.SignatureException
import java.security.SignatureSpi
import java.security.cert.Certificate
import java.security.interfaces.ECPublicKey
import java.security.spec.AlgorithmParameterSpec
import java.security.spec.ECGenParameterSpec
import javax.crypto.SecretKey

/**
 * A phone's AndroidKeyStore for tests: keys do not come out, work only for what they were made for, and stop when
 * the phone's fingers change. What the hardware can do, and what people do to the phone, is set here.
 */
object PhoneKeyStore {
    /** The provider's name in the framework. */
    const val NAME = "AndroidKeyStore"

    /** Whether there is a StrongBox: without one, asking for it fails. */
    var strongBox = true

    /** Whether the hardware attests keys: without, asking for it fails. */
    var attests = true

    /** Whether StrongBox attests its keys, where the other hardware does. */
    var strongBoxAttests = true

    /** What is wrong with the attestation chains, as `madoguchi-sandbox attest --wrong` calls it. */
    var wrongAttestation: String? = null

    /** Whether the phone has a screen lock and a finger of Class 3; keys that ask for them cannot be made without. */
    var secured = true

    /** Whether the phone is locked now. */
    var locked = false

    /** How long the hardware works on a signature, in milliseconds. */
    @Volatile var signingMillis = 0L

    internal val entries = LinkedHashMap<String, Entry>()
    private var fingers = 0

    /** A phone as it comes out of its box, with nothing in its key store. */
    fun reset() {
        entries.clear()
        strongBox = true
        attests = true
        strongBoxAttests = true
        wrongAttestation = null
        secured = true
        locked = false
        signingMillis = 0
        fingers = 0
        Security.removeProvider(NAME)
        Security.addProvider(PhoneKeyStoreProvider())
        Security.removeProvider(PhoneOperationsProvider.NAME)
        Security.insertProviderAt(PhoneOperationsProvider(), 1)
    }

    /** The names of the keys that exist. */
    val aliases: Set<String> get() = entries.keys.toSet()

    /** How a key was asked for. */
    fun spec(alias: String): KeyGenParameterSpec = entries.getValue(alias).spec

    /** The key is gone, as after a fault of the hardware. */
    fun lose(alias: String) {
        checkNotNull(entries.remove(alias)) { "there is no key $alias" }
    }

    /** Another phone's key is in the place of this one. */
    fun swap(alias: String) {
        val old = entries.getValue(alias)
        val pair = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
        entries[alias] = Entry(old.spec, pair, null, listOf(Unattested(pair.public)))
    }

    /** Somebody adds a finger, or takes the last one away and adds it again. */
    fun changeFingers() {
        fingers += 1
    }

    /** The finger was recognised for this prompt: the one operation that it named may end. */
    internal fun authorise(crypto: BiometricPrompt.CryptoObject?) {
        val signature = crypto?.signature ?: return
        (operation(signature) as? HardwareSignature)?.authorised = true
    }

    /** The operation behind a [Signature]: the framework finds its handle in the same way. */
    private fun operation(signature: Signature): SignatureSpi? {
        val field = signature.javaClass.declaredFields.firstOrNull { it.name == "sigSpi" } ?: return null
        field.isAccessible = true
        return field.get(signature) as? SignatureSpi
    }

    /** A key with what it may be used for. */
    internal class Entry(val spec: KeyGenParameterSpec, val pair: KeyPair?, val secret: SecretKey?, val chain: List<Certificate>) {
        private val fingersThen = fingers

        /** Checks what the hardware checks when an operation begins. */
        fun begin(purpose: Int) {
            if (entries[spec.keystoreAlias] !== this) throw InvalidKeyException("the key was deleted")
            if (spec.purposes and purpose == 0) throw InvalidKeyException("INCOMPATIBLE_PURPOSE")
            if (spec.isUnlockedDeviceRequired && locked) throw InvalidKeyException("DEVICE_LOCKED")
            if (!spec.isUserAuthenticationRequired) return
            val biometricOnly = spec.userAuthenticationType == KeyProperties.AUTH_BIOMETRIC_STRONG
            if (!secured || biometricOnly && spec.isInvalidatedByBiometricEnrollment && fingersThen != fingers) {
                throw KeyPermanentlyInvalidatedException()
            }
            // Keys that work for some seconds after any unlock are not made by this app, and nobody unlocks here.
            if (spec.userAuthenticationValidityDurationSeconds > 0) throw UserNotAuthenticatedException()
        }

        /** Whether each use wants a finger. */
        val eachUse get() = spec.isUserAuthenticationRequired
    }
}

/** A key that does not come out: it has a name only. */
internal open class HardwareKey(val entry: PhoneKeyStore.Entry, private val name: String) : Key {
    override fun getAlgorithm(): String = name

    override fun getFormat(): String? = null

    override fun getEncoded(): ByteArray? = null
}

internal class HardwarePrivateKey(entry: PhoneKeyStore.Entry) :
    HardwareKey(entry, KeyProperties.KEY_ALGORITHM_EC), PrivateKey

internal class HardwareSecretKey(entry: PhoneKeyStore.Entry) :
    HardwareKey(entry, KeyProperties.KEY_ALGORITHM_AES), SecretKey

/** `SHA256withECDSA` with a key of the hardware. */
internal class HardwareSignature : SignatureSpi() {
    private var entry: PhoneKeyStore.Entry? = null
    private var data = byteArrayOf()

    /** Whether the finger was recognised for this operation. */
    var authorised = false

    override fun engineInitSign(key: PrivateKey?) {
        val entry = (key as? HardwarePrivateKey)?.entry ?: throw InvalidKeyException("not a key of AndroidKeyStore")
        entry.begin(KeyProperties.PURPOSE_SIGN)
        if (KeyProperties.DIGEST_SHA256 !in entry.spec.digests) throw InvalidKeyException("INCOMPATIBLE_DIGEST")
        this.entry = entry
        data = byteArrayOf()
        authorised = false
    }

    override fun engineUpdate(byte: Byte) {
        data += byte
    }

    override fun engineUpdate(bytes: ByteArray, offset: Int, length: Int) {
        data += bytes.copyOfRange(offset, offset + length)
    }

    override fun engineSign(): ByteArray {
        val entry = checkNotNull(entry) { "not begun" }
        if (entry.eachUse && !authorised) throw SignatureException("KEY_USER_NOT_AUTHENTICATED")
        authorised = false
        val pair = checkNotNull(entry.pair)
        Thread.sleep(PhoneKeyStore.signingMillis)
        return Signature.getInstance("SHA256withECDSA").run {
            initSign(pair.private)
            update(data)
            sign()
        }
    }

    override fun engineInitVerify(key: PublicKey?) = throw InvalidKeyException("public keys are not the hardware's")

    override fun engineVerify(signature: ByteArray?) = throw UnsupportedOperationException()

    @Deprecated("of the platform")
    override fun engineSetParameter(name: String?, value: Any?) = throw UnsupportedOperationException()

    override fun engineSetParameter(parameters: AlgorithmParameterSpec?) = Unit

    @Deprecated("of the platform")
    override fun engineGetParameter(name: String?) = throw UnsupportedOperationException()
}

/** The certificate of a key that nobody attested: the public key, and no more that means anything. */
internal class Unattested(private val key: PublicKey) : Certificate("X.509") {
    override fun getPublicKey() = key

    override fun getEncoded(): ByteArray = key.encoded

    override fun verify(by: PublicKey?) = Unit

    override fun verify(by: PublicKey?, provider: String?) = Unit

    override fun toString() = "a certificate that means nothing"
}

/** An EC point as `04 ‖ x ‖ y` (SEC 1, §2.3.3), in hexadecimal. */
internal fun ECPublicKey.uncompressed(): String {
    fun coordinate(number: BigInteger) = number.toString(16).padStart(64, '0')
    return "04" + coordinate(w.affineX) + coordinate(w.affineY)
}
