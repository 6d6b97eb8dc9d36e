package jp.madoguchi.app.share

import android.content.ClipData
import android.content.ContentProvider
import android.content.ContentValues
import android.content.Intent
import android.database.Cursor
import android.database.MatrixCursor
import android.net.Uri
import android.os.Handler
import android.os.Looper
import android.os.ParcelFileDescriptor
import android.provider.OpenableColumns
import java.io.FileNotFoundException
import java.io.IOException
import java.util.UUID
import kotlin.concurrent.thread

/**
 * Hands a result to the app that staff choose, out of memory: it is never in a file of ours. It can be read for as long as a
 * result can be on the screen at most, by who was given its name.
 */
class ResultProvider : ContentProvider() {
    override fun onCreate(): Boolean = true

    override fun getType(uri: Uri): String? = Shelf.find(uri)?.mediaType

    override fun query(
        uri: Uri,
        projection: Array<out String>?,
        selection: String?,
        selectionArgs: Array<out String>?,
        sortOrder: String?,
    ): Cursor? {
        val result = Shelf.find(uri) ?: return null
        val all = arrayOf(OpenableColumns.DISPLAY_NAME, OpenableColumns.SIZE)
        val columns = projection?.filter { it in all } ?: all.toList()
        return MatrixCursor(columns.toTypedArray()).apply {
            addRow(columns.map { if (it == OpenableColumns.SIZE) result.bytes.size else result.name })
        }
    }

    override fun openFile(uri: Uri, mode: String): ParcelFileDescriptor {
        if (mode != "r") throw FileNotFoundException("read only")
        val copy = Shelf.take(uri) ?: throw FileNotFoundException("gone")
        val (read, write) = ParcelFileDescriptor.createPipe()
        thread(name = "result") {
            try {
                ParcelFileDescriptor.AutoCloseOutputStream(write).use { it.write(copy) }
            } catch (_: IOException) {
                // Who reads has gone away.
            } finally {
                copy.fill(0)
            }
        }
        return read
    }

    override fun insert(uri: Uri, values: ContentValues?): Uri? = null

    override fun update(uri: Uri, values: ContentValues?, selection: String?, args: Array<out String>?): Int = 0

    override fun delete(uri: Uri, selection: String?, args: Array<out String>?): Int = 0

    companion object {
        private const val AUTHORITY = "jp.madoguchi.app.results"

        /**
         * What is to be sent, and a grant to read it. The bytes are ours from now on, and overwritten in the end.
         *
         * @param handed told once on the main thread, when somebody reads it
         */
        internal fun send(bytes: ByteArray, name: String, mediaType: String, handed: () -> Unit): Intent {
            val key = Shelf.put(Shared(bytes, name, mediaType, handed))
            val uri = Uri.Builder().scheme("content").authority(AUTHORITY).appendPath(key).appendPath(name).build()
            return Intent(Intent.ACTION_SEND).apply {
                type = mediaType
                putExtra(Intent.EXTRA_STREAM, uri)
                clipData = ClipData.newRawUri(null, uri)
                addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
            }
        }
    }
}

private class Shared(val bytes: ByteArray, val name: String, val mediaType: String, var handed: (() -> Unit)?)

/** The one result that is being shared. */
private object Shelf {
    private const val LIFE = 180_000L
    private val later = Handler(Looper.getMainLooper())
    private var lying: Pair<String, Shared>? = null

    @Synchronized
    fun put(result: Shared): String {
        clear()
        val key = UUID.randomUUID().toString()
        lying = key to result
        later.postDelayed(::clear, LIFE)
        return key
    }

    @Synchronized
    fun find(uri: Uri): Shared? = lying?.takeIf { it.first == uri.pathSegments.firstOrNull() }?.second

    /** A copy of the bytes, made before anything can overwrite them. */
    @Synchronized
    fun take(uri: Uri): ByteArray? {
        val result = find(uri) ?: return null
        result.handed?.let { later.post(it) }
        result.handed = null
        return result.bytes.copyOf()
    }

    @Synchronized
    private fun clear() {
        later.removeCallbacksAndMessages(null)
        lying?.second?.bytes?.fill(0)
        lying = null
    }
}
