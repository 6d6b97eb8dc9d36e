package jp.madoguchi.app.testing

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.annotation.RealObject
import org.robolectric.shadow.api.Shadow
import org.robolectric.util.ReflectionHelpers.ClassParameter
import java.io.InputStream
import java.io.OutputStream
import java.security.AlgorithmParameters
import java.security.InvalidAlgorithmParameterException
import java.security.InvalidKeyException
import java.security.Key
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.KeyPairGeneratorSpi
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.ProviderException
import java.security.SecureRandom
import java.security.cert.Certificate
import java.security.cert.CertificateFactory
import java.security.interfaces.ECPublicKey
import java.security.spec.AlgorithmParameterSpec
import java.security.spec.ECGenParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.Cipher
import javax.crypto.CipherSpi
import javax.crypto.KeyGenerator
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey

/** What the framework's own providers offer to apps, as far as this one asks: keys, behind all other providers … */
internal class PhoneKeyStoreProvider : Provider(PhoneKeyStore.NAME, "1.0", "the key store of a phone, for tests") {
    init {
        put("KeyStore.${PhoneKeyStore.NAME}", HardwareKeyStore::class.java.name)
        put("KeyPairGenerator.EC", EcKeys::class.java.name)
        put("KeyGenerator.AES", AesKeys::class.java.name)
    }
}

/** … and what is done with them, before all others, which could only stumble over keys that do not come out. */
internal class PhoneOperationsProvider : Provider(NAME, "1.0", "operations of a phone's key store, for tests") {
    init {
        put("Signature.SHA256withECDSA", HardwareSignature::class.java.name)
        put("Signature.SHA256withECDSA SupportedKeyClasses", HardwarePrivateKey::class.java.name)
        put("Cipher.AES/GCM/NoPadding", HardwareCipher::class.java.name)
        put("Cipher.AES/GCM/NoPadding SupportedKeyClasses", HardwareSecretKey::class.java.name)
    }

    companion object {
        /** The provider's name in the framework. */
        const val NAME = "AndroidKeyStoreBCWorkaround"
    }
}

/** Checks how a key is asked for, as the framework does before it asks the hardware. */
private fun checked(parameters: AlgorithmParameterSpec?): KeyGenParameterSpec {
    val spec = parameters as? KeyGenParameterSpec
        ?: throw InvalidAlgorithmParameterException("KeyGenParameterSpec is required")
    if (spec.isUserAuthenticationRequired && !PhoneKeyStore.secured) {
        throw InvalidAlgorithmParameterException(IllegalStateException("At least one biometric must be enrolled"))
    }
    return spec
}

private fun checkHardware(spec: KeyGenParameterSpec) {
    if (spec.isStrongBoxBacked && !PhoneKeyStore.strongBox) throw StrongBoxUnavailableException("no StrongBox")
    val attests = PhoneKeyStore.attests && (PhoneKeyStore.strongBoxAttests || !spec.isStrongBoxBacked)
    if (spec.attestationChallenge != null && !attests) throw ProviderException("CANNOT_ATTEST_KEYS")
}

internal class EcKeys : KeyPairGeneratorSpi() {
    private var spec: KeyGenParameterSpec? = null

    override fun initialize(size: Int, random: SecureRandom?) = throw UnsupportedOperationException("a spec is required")

    override fun initialize(parameters: AlgorithmParameterSpec?, random: SecureRandom?) {
        val spec = checked(parameters)
        val curve = (spec.algorithmParameterSpec as? ECGenParameterSpec)?.name
        if (curve != "secp256r1") throw InvalidAlgorithmParameterException("P-256 is what every phone has")
        this.spec = spec
    }

    override fun generateKeyPair(): KeyPair {
        val spec = checkNotNull(spec) { "not initialised" }
        checkHardware(spec)
        val pair = KeyPairGenerator.getInstance("EC").run {
            initialize(ECGenParameterSpec("secp256r1"))
            generateKeyPair()
        }
        val entry = PhoneKeyStore.Entry(spec, pair, null, chain(spec, pair.public as ECPublicKey))
        PhoneKeyStore.entries[spec.keystoreAlias] = entry
        return KeyPair(pair.public, HardwarePrivateKey(entry))
    }

    private fun chain(spec: KeyGenParameterSpec, key: ECPublicKey): List<Certificate> {
        val challenge = spec.attestationChallenge ?: return listOf(Unattested(key))
        val level = if (spec.isStrongBoxBacked) "strong-box" else "trusted-environment"
        val wrong = PhoneKeyStore.wrongAttestation?.let { arrayOf("--wrong", it) } ?: emptyArray()
        val hex = challenge.joinToString("") { "%02x".format(it) }
        val pem = Program.run("attest", "--challenge", hex, "--key", key.uncompressed(), "--level", level, *wrong)
        return CertificateFactory.getInstance("X.509").generateCertificates(pem.byteInputStream()).toList()
    }
}

internal class AesKeys : KeyGeneratorSpi() {
    private var spec: KeyGenParameterSpec? = null

    override fun engineInit(random: SecureRandom?) = throw UnsupportedOperationException("a spec is required")

    override fun engineInit(size: Int, random: SecureRandom?) = throw UnsupportedOperationException("a spec is required")

    override fun engineInit(parameters: AlgorithmParameterSpec?, random: SecureRandom?) {
        spec = checked(parameters)
    }

    override fun engineGenerateKey(): SecretKey {
        val spec = checkNotNull(spec) { "not initialised" }
        checkHardware(spec)
        val size = spec.keySize.takeIf { it > 0 } ?: DEFAULT_BITS
        val secret = KeyGenerator.getInstance("AES").run {
            init(size)
            generateKey()
        }
        val entry = PhoneKeyStore.Entry(spec, null, secret, emptyList())
        PhoneKeyStore.entries[spec.keystoreAlias] = entry
        return HardwareSecretKey(entry)
    }

    private companion object {
        const val DEFAULT_BITS = 128
    }
}

/** `AES/GCM/NoPadding` with a key of the hardware, which chooses the nonce itself. */
internal class HardwareCipher : CipherSpi() {
    private val inner = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE")

    override fun engineInit(mode: Int, key: Key?, random: SecureRandom?) = begin(mode, key, null)

    override fun engineInit(mode: Int, key: Key?, parameters: AlgorithmParameterSpec?, random: SecureRandom?) =
        begin(mode, key, parameters)

    override fun engineInit(mode: Int, key: Key?, parameters: AlgorithmParameters?, random: SecureRandom?) =
        throw InvalidAlgorithmParameterException("GCMParameterSpec is required")

    private fun begin(mode: Int, key: Key?, parameters: AlgorithmParameterSpec?) {
        val entry = (key as? HardwareSecretKey)?.entry ?: throw InvalidKeyException("not a key of AndroidKeyStore")
        val encrypts = mode == Cipher.ENCRYPT_MODE
        entry.begin(if (encrypts) KeyProperties.PURPOSE_ENCRYPT else KeyProperties.PURPOSE_DECRYPT)
        val spec = entry.spec
        if (KeyProperties.BLOCK_MODE_GCM !in spec.blockModes) throw InvalidKeyException("INCOMPATIBLE_BLOCK_MODE")
        if (KeyProperties.ENCRYPTION_PADDING_NONE !in spec.encryptionPaddings) {
            throw InvalidKeyException("INCOMPATIBLE_PADDING_MODE")
        }
        if (encrypts && parameters != null && spec.isRandomizedEncryptionRequired) {
            throw InvalidAlgorithmParameterException("CALLER_NONCE_PROHIBITED")
        }
        inner.init(mode, entry.secret, parameters)
    }

    override fun engineSetMode(mode: String?) = Unit

    override fun engineSetPadding(padding: String?) = Unit

    override fun engineGetBlockSize(): Int = inner.blockSize

    override fun engineGetOutputSize(length: Int): Int = inner.getOutputSize(length)

    override fun engineGetIV(): ByteArray? = inner.iv

    override fun engineGetParameters(): AlgorithmParameters? = inner.parameters

    override fun engineUpdateAAD(data: ByteArray, offset: Int, length: Int) = inner.updateAAD(data, offset, length)

    override fun engineUpdate(data: ByteArray?, offset: Int, length: Int): ByteArray? = inner.update(data, offset, length)

    override fun engineUpdate(data: ByteArray?, offset: Int, length: Int, out: ByteArray?, at: Int): Int =
        inner.update(data, offset, length, out, at)

    override fun engineDoFinal(data: ByteArray?, offset: Int, length: Int): ByteArray =
        if (data == null) inner.doFinal() else inner.doFinal(data, offset, length)

    override fun engineDoFinal(data: ByteArray?, offset: Int, length: Int, out: ByteArray?, at: Int): Int =
        inner.doFinal(data, offset, length, out, at)
}

internal class HardwareKeyStore : KeyStoreSpi() {
    private val entries get() = PhoneKeyStore.entries

    override fun engineGetKey(alias: String, password: CharArray?): Key? = entries[alias]?.let {
        if (it.pair != null) HardwarePrivateKey(it) else HardwareSecretKey(it)
    }

    override fun engineGetCertificateChain(alias: String): Array<Certificate>? =
        entries[alias]?.chain?.takeIf { it.isNotEmpty() }?.toTypedArray()

    override fun engineGetCertificate(alias: String): Certificate? = entries[alias]?.chain?.firstOrNull()

    override fun engineGetCreationDate(alias: String): Date? = entries[alias]?.let { Date(0) }

    override fun engineDeleteEntry(alias: String) {
        entries.remove(alias)
    }

    override fun engineAliases(): Enumeration<String> = Collections.enumeration(entries.keys.toList())

    override fun engineContainsAlias(alias: String) = alias in entries

    override fun engineSize() = entries.size

    override fun engineIsKeyEntry(alias: String) = alias in entries

    override fun engineIsCertificateEntry(alias: String) = false

    override fun engineGetCertificateAlias(certificate: Certificate): String? =
        entries.entries.firstOrNull { certificate in it.value.chain }?.key

    override fun engineSetKeyEntry(alias: String, key: Key, password: CharArray?, chain: Array<out Certificate>?) =
        throw UnsupportedOperationException("keys are made in the hardware")

    override fun engineSetKeyEntry(alias: String, key: ByteArray, chain: Array<out Certificate>?) =
        throw UnsupportedOperationException("keys are made in the hardware")

    override fun engineSetCertificateEntry(alias: String, certificate: Certificate) =
        throw UnsupportedOperationException("keys are made in the hardware")

    override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit

    override fun engineStore(stream: OutputStream?, password: CharArray?) = throw UnsupportedOperationException()
}

/** What came with Android 11 is not there on what says that it is older. */
@Implements(KeyGenParameterSpec.Builder::class)
class PhoneKeyGenParameterSpecBuilder {
    @RealObject private lateinit var real: KeyGenParameterSpec.Builder

    @Implementation
    fun setUserAuthenticationParameters(timeout: Int, type: Int): KeyGenParameterSpec.Builder {
        since(Build.VERSION_CODES.R, "setUserAuthenticationParameters")
        return Shadow.directlyOn(
            real,
            KeyGenParameterSpec.Builder::class.java,
            "setUserAuthenticationParameters",
            ClassParameter.from(Int::class.javaPrimitiveType, timeout),
            ClassParameter.from(Int::class.javaPrimitiveType, type),
        )
    }
}
