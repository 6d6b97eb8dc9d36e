package jp.madoguchi.app.keys

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import jp.madoguchi.core.Storage
import jp.madoguchi.core.StorageException
import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import java.nio.channels.FileChannel
import java.nio.file.AccessDeniedException
import java.nio.file.Files
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardOpenOption
import java.security.GeneralSecurityException
import java.security.ProviderException
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/**
 * A file for each name, sealed by a key of the phone: AES-256-GCM, a version byte, the nonce that the key store chose,
 * then the sealed bytes. The name is sealed with it, so that no file can stand for another one.
 *
 * A new content is written beside the old one, flushed, and put in its place by a rename: a power cut leaves the old or
 * the new, never half of one. In a folder that is not backed up.
 */
internal class SealedStorage(private val folder: File) : Storage {
    override fun load(name: String): ByteArray? = typed {
        val file = place(name)
        if (!file.exists()) return@typed null
        open(name, file.readBytes()) ?: UNREADABLE
    }

    /** `null`: damaged, or sealed with a key that is no more. Trying again opens it as little. */
    private fun open(name: String, bytes: ByteArray): ByteArray? {
        if (bytes.size < HEAD + TAG_BITS / 8 || bytes[0] != VERSION) return null
        val key = key() ?: return null
        val nonce = GCMParameterSpec(TAG_BITS, bytes, 1, NONCE)
        return try {
            cipher(name, Cipher.DECRYPT_MODE, key, nonce).doFinal(bytes, HEAD, bytes.size - HEAD)
        } catch (_: AEADBadTagException) {
            null
        }
    }

    override fun store(name: String, bytes: ByteArray) = typed {
        val place = place(name)
        Files.createDirectories(folder.toPath())
        val cipher = cipher(name, Cipher.ENCRYPT_MODE, key() ?: make(), null)
        val sealed = byteArrayOf(VERSION) + cipher.iv + cipher.doFinal(bytes)
        // A name with a dot is none that `place` gives out.
        val beside = File(folder, "$name.new")
        try {
            FileOutputStream(beside).use {
                it.write(sealed)
                it.fd.sync()
            }
            Files.move(beside.toPath(), place.toPath(), ATOMIC_MOVE)
        } finally {
            // Half of a content takes room where there is none.
            beside.delete()
        }
        flush()
    }

    override fun delete(name: String) = typed {
        val place = place(name)
        Files.deleteIfExists(File(folder, "$name.new").toPath())
        if (Files.deleteIfExists(place.toPath())) flush()
    }

    private fun place(name: String): File {
        if (name.isEmpty() || !name.all { it in 'a'..'z' || it == '-' }) throw StorageException.Failed()
        return File(folder, name)
    }

    /** Makes renames and deletions survive a power cut. */
    private fun flush() = FileChannel.open(folder.toPath(), StandardOpenOption.READ).use { it.force(true) }

    private fun key() = Hardware.store().getKey(ALIAS, null) as? SecretKey

    private fun cipher(name: String, mode: Int, key: SecretKey, nonce: GCMParameterSpec?): Cipher =
        Cipher.getInstance("AES/GCM/NoPadding").apply {
            if (nonce == null) init(mode, key) else init(mode, key, nonce)
            updateAAD(name.toByteArray())
        }

    private fun make(): SecretKey {
        val spec = KeyGenParameterSpec.Builder(ALIAS, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
            .setKeySize(KEY_BITS)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .build()
        return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, "AndroidKeyStore").run {
            init(spec)
            generateKey()
        }
    }

    /** One call after the other: two threads that seal the first time would each make a key, and one of them is lost. */
    @Synchronized
    private fun <T> typed(call: () -> T): T = try {
        call()
    } catch (error: IOException) {
        throw when {
            error.says(FULL) -> StorageException.Full()
            error is AccessDeniedException || error.says(READ_ONLY) -> StorageException.ReadOnly()
            else -> StorageException.Failed()
        }
    } catch (_: GeneralSecurityException) {
        throw StorageException.Failed()
    } catch (_: ProviderException) {
        throw StorageException.Failed()
    } catch (_: IllegalStateException) {
        throw StorageException.Failed()
    }

    /** `java.io` and `java.nio` tell the cause in the words of the system (`strerror`), and only sometimes its number. */
    private fun IOException.says(causes: List<String>): Boolean = causes.any { it in message.orEmpty() }

    companion object {
        private val FULL = listOf("No space left on device", "Disk quota exceeded", "Quota exceeded", "ENOSPC", "EDQUOT")
        private val READ_ONLY = listOf("Read-only file system", "Permission denied", "Operation not permitted")

        /** The key's name in the key store. */
        const val ALIAS = "state"

        /** What the core can make nothing of: it says that what is kept cannot be read, and what helps. */
        private val UNREADABLE = ByteArray(0)

        private const val VERSION: Byte = 1
        private const val KEY_BITS = 256

        /** What Android's key store makes for GCM (NIST SP 800-38D §8.2: 96 bits). */
        private const val NONCE = 12
        private const val TAG_BITS = 128
        private const val HEAD = 1 + NONCE
    }
}
