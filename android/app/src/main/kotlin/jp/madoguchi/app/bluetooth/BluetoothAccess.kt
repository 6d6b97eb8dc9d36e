package jp.madoguchi.app.bluetooth

import android.Manifest
import android.app.Activity
import android.bluetooth.BluetoothAdapter
import android.bluetooth.BluetoothManager
import android.content.Context
import android.content.pm.PackageManager
import android.location.LocationManager
import android.os.Build
import jp.madoguchi.core.ReaderTrouble

/**
 * What this device and its owner let the app do with Bluetooth. From Android 12 on there are permissions for devices nearby;
 * before, connecting needs none that is asked for, and a scan finds nothing without the permission for the location and
 * with the location switched off.
 */
internal class BluetoothAccess(private val context: Context) {
    /** `null`: there is no Bluetooth LE. */
    val adapter: BluetoothAdapter?
        get() = context.getSystemService(BluetoothManager::class.java)?.adapter
            ?.takeIf { context.packageManager.hasSystemFeature(PackageManager.FEATURE_BLUETOOTH_LE) }

    val isOn: Boolean get() = adapter?.isEnabled == true

    val maySearch: Boolean get() = PERMISSIONS.all(::has)

    val mayConnect: Boolean
        get() = Build.VERSION.SDK_INT < Build.VERSION_CODES.S || has(Manifest.permission.BLUETOOTH_CONNECT)

    /** Whether a scan could find anything. */
    val finds: Boolean
        get() = Build.VERSION.SDK_INT >= Build.VERSION_CODES.S ||
            context.getSystemService(LocationManager::class.java)?.isLocationEnabled == true

    /** Why no reader can be connected to. */
    val trouble: ReaderTrouble?
        get() = when {
            adapter == null -> ReaderTrouble.NO_READER
            !mayConnect -> ReaderTrouble.BLUETOOTH_NOT_ALLOWED
            !isOn -> ReaderTrouble.BLUETOOTH_OFF
            else -> null
        }

    /** Whether the system would put the question again: after it was answered with no, and not for good. */
    fun mayAskAgain(activity: Activity): Boolean = PERMISSIONS.any(activity::shouldShowRequestPermissionRationale)

    fun ask(activity: Activity) = activity.requestPermissions(PERMISSIONS, REQUEST)

    private fun has(permission: String) = context.checkSelfPermission(permission) == PackageManager.PERMISSION_GRANTED

    companion object {
        const val REQUEST = 1

        private val PERMISSIONS: Array<String> =
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
                arrayOf(Manifest.permission.BLUETOOTH_SCAN, Manifest.permission.BLUETOOTH_CONNECT)
            } else {
                arrayOf(Manifest.permission.ACCESS_FINE_LOCATION)
            }
    }
}
