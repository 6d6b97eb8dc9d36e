package jp.madoguchi.app

import android.app.Activity
import android.content.Context
import jp.madoguchi.app.keys.FileStorage
import jp.madoguchi.app.keys.KeystoreKey
import jp.madoguchi.app.ui.FoundReader
import jp.madoguchi.app.ui.Readers
import jp.madoguchi.app.ui.ReadersState
import jp.madoguchi.app.ui.ReadersTrouble
import jp.madoguchi.core.BiometricsView
import jp.madoguchi.core.DeviceKey
import jp.madoguchi.core.Screen
import jp.madoguchi.core.Storage

/** This device. It has keys and storage; it says that it has no NFC, no Bluetooth and no sensor, and then none is offered. */
internal class AndroidPlatform(context: Context) : Platform {
    override val key: DeviceKey = KeystoreKey()
    override val storage: Storage = FileStorage(context)
    override val nfc = false
    override val biometrics = false
    override val readers: Readers = NoReaders

    override fun open(desk: Desk) = Unit

    override fun attach(activity: Activity) = Unit

    override fun detach(activity: Activity) = Unit

    override fun shown(screen: Screen) = Unit

    override fun logIn(view: BiometricsView) = Unit

    override fun biometrics(on: Boolean) = Unit

    override fun answered(request: Int, granted: Boolean) = Unit
}

private object NoReaders : Readers {
    override val state = ReadersState(trouble = ReadersTrouble.NO_BLUETOOTH)
    override var changed: (() -> Unit)? = null

    override fun search() = Unit

    override fun stop() = Unit

    override fun use(reader: FoundReader) = Unit

    override fun forget() = Unit
}
