package jp.madoguchi.app.testing

import android.app.Activity
import android.nfc.NfcAdapter
import android.os.Bundle
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowNfcAdapter

/** Keeps how an app asks for cards. What it asks while NFC is off is not heard, and switched off, all is forgotten. */
@Implements(NfcAdapter::class)
class PhoneNfcAdapter : ShadowNfcAdapter() {
    private var asked: Activity? = null

    /** The flags of the last time. */
    var flags = 0
        private set

    @Implementation
    public override fun enableReaderMode(activity: Activity, callback: NfcAdapter.ReaderCallback, flags: Int, extras: Bundle?) {
        if (!isEnabled) return
        this.flags = flags
        asked = activity
        super.enableReaderMode(activity, callback, flags, extras)
    }

    override fun setEnabled(enabled: Boolean) {
        super.setEnabled(enabled)
        if (!enabled) asked?.let { super.disableReaderMode(it) }
        asked = null
    }
}
