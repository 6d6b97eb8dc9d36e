package jp.madoguchi.app.keys

import android.content.Context
import android.util.AtomicFile
import jp.madoguchi.core.Storage
import jp.madoguchi.core.StorageException
import java.io.File
import java.io.FileNotFoundException
import java.io.IOException

/** The counter's few bytes in the app's own folder, which no backup takes. */
internal class FileStorage(context: Context) : Storage {
    private val folder = File(context.noBackupFilesDir, "counter")

    override fun load(name: String): ByteArray? = try {
        file(name).readFully()
    } catch (_: FileNotFoundException) {
        null
    } catch (_: IOException) {
        throw StorageException.Failed()
    }

    override fun store(name: String, bytes: ByteArray) {
        folder.mkdirs()
        val file = file(name)
        val out = try {
            file.startWrite()
        } catch (_: IOException) {
            throw StorageException.ReadOnly()
        }
        try {
            out.write(bytes)
            file.finishWrite(out)
        } catch (_: IOException) {
            file.failWrite(out)
            throw StorageException.Full()
        }
    }

    override fun delete(name: String) = file(name).delete()

    private fun file(name: String) = AtomicFile(File(folder, name))
}
