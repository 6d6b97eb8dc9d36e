package jp.madoguchi.app

import android.app.Activity
import android.content.Context
import jp.madoguchi.app.bluetooth.BluetoothReaders
import jp.madoguchi.app.keys.PhoneDeviceKey
import jp.madoguchi.app.keys.SealedStorage
import jp.madoguchi.app.login.Biometrics
import jp.madoguchi.app.nfc.PhoneNfc
import jp.madoguchi.app.ui.Readers
import jp.madoguchi.core.BiometricsView
import jp.madoguchi.core.DeviceKey
import jp.madoguchi.core.Screen
import jp.madoguchi.core.Storage
import java.io.File

/** This device, as Android shows it. */
internal class AndroidPlatform(context: Context) : Platform {
    private val phoneNfc = PhoneNfc(context)
    private val bluetooth = BluetoothReaders(context)
    private val finger = Biometrics(context)

    override val key: DeviceKey = PhoneDeviceKey()
    override val storage: Storage = SealedStorage(File(context.noBackupFilesDir, "state"))
    override val nfc: Boolean get() = phoneNfc.present
    override val biometrics: Boolean get() = finger.possible
    override val readers: Readers get() = bluetooth

    override fun open(desk: Desk) {
        // The list of readers is the shell's own: the page is drawn again, and the counter knows nothing of it.
        bluetooth.changed = { desk.open(desk.scene.own) }
        phoneNfc.open(desk)
        bluetooth.open(desk)
        finger.open(desk)
    }

    override fun attach(activity: Activity) {
        phoneNfc.attach(activity)
        bluetooth.attach(activity)
        finger.attach(activity)
    }

    override fun detach(activity: Activity) {
        finger.detach(activity)
        bluetooth.detach(activity)
        phoneNfc.detach(activity)
    }

    override fun shown(screen: Screen) {
        phoneNfc.off = bluetooth.inUse
        phoneNfc.shown(screen)
        bluetooth.shown(screen)
        finger.shown(screen)
    }

    override fun logIn(view: BiometricsView) = finger.logIn(view)

    override fun biometrics(on: Boolean) = finger.switch(on)

    override fun answered(activity: Activity, request: Int, granted: Boolean) {
        bluetooth.answered(activity, request, granted)
    }
}
