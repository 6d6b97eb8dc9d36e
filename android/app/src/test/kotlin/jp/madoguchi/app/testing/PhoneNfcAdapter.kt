package jp.madoguchi.app.testing

import android.app.Activity
import android.nfc.NfcAdapter
import android.os.Bundle
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowNfcAdapter

/** Keeps how an app asks for cards. */
@Implements(NfcAdapter::class)
class PhoneNfcAdapter : ShadowNfcAdapter() {
    /** The flags of the last time. */
    var flags = 0
        private set

    @Implementation
    public override fun enableReaderMode(activity: Activity, callback: NfcAdapter.ReaderCallback, flags: Int, extras: Bundle?) {
        this.flags = flags
        super.enableReaderMode(activity, callback, flags, extras)
    }
}
