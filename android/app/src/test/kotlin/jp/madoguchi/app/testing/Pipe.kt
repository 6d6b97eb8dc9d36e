package jp.madoguchi.app.testing

import android.content.ContentProvider
import android.net.Uri
import android.os.ParcelFileDescriptor

/** All that a provider gives out. Its pipe is a file here: who reads before anything is written reads nothing. */
internal fun readFrom(provider: ContentProvider, uri: Uri): ByteArray {
    var bytes = byteArrayOf()
    until("what the provider writes") {
        val file = checkNotNull(provider.openFile(uri, "r"))
        ParcelFileDescriptor.AutoCloseInputStream(file).use { bytes = it.readBytes() }
        bytes.isNotEmpty()
    }
    return bytes
}
