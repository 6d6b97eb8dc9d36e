package jp.madoguchi.app

import android.app.Activity
import jp.madoguchi.app.ui.Readers
import jp.madoguchi.core.BiometricsView
import jp.madoguchi.core.DeviceKey
import jp.madoguchi.core.Screen
import jp.madoguchi.core.Storage

/** What the device gives the counter: keys, a place to keep a few bytes, and ways to a card. */
interface Platform {
    val key: DeviceKey
    val storage: Storage

    /** Whether this device reads cards itself. */
    val nfc: Boolean

    /** Whether it has a Class 3 sensor for a finger or a face. */
    val biometrics: Boolean

    val readers: Readers

    /** The counter is open: from now on the platform may speak with it. Once in a process. */
    fun open(desk: Desk)

    /** This activity is in front: NFC and prompts belong to it. */
    fun attach(activity: Activity)

    fun detach(activity: Activity)

    /** Each new screen, whether an activity is in front or not. */
    fun shown(screen: Screen)

    /** The button for logging in by finger or face was pressed. */
    fun logIn(view: BiometricsView)

    /** Biometrics were switched on or off by a person. */
    fun biometrics(on: Boolean)

    /** What came of asking for permissions; this activity is not in front again yet. */
    fun answered(activity: Activity, request: Int, granted: Boolean)
}
