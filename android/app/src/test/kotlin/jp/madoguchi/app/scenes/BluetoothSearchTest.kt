package jp.madoguchi.app.scenes

import android.bluetooth.BluetoothAdapter
import android.content.pm.PackageManager
import android.provider.Settings
import jp.madoguchi.app.testing.until
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf

/** A Bluetooth reader is looked for, chosen and given up. */
@RunWith(RobolectricTestRunner::class)
class BluetoothSearchTest : BluetoothScene() {
    @Test
    fun `the permission is asked for when a reader is looked for, and explained when it is refused`() {
        val reader = reader()
        staff.setUp(world.addDevice())
        openReaders()
        assertNull("not before it is needed", shadowOf(staff.activity).lastRequestedPermission)
        staff.touch("リーダーを探す")
        answer(granted = false, mayAskAgain = true)
        assertTrue(staff.reads("「付近のデバイス」の許可が要ります。位置情報には使いません。"))
        staff.touch("許可する")
        answer(granted = true)
        staff.await(reader.name)
    }

    @Test
    fun `who refused for good is led to the settings`() {
        val reader = reader()
        staff.setUp(world.addDevice())
        openReaders()
        staff.touch("リーダーを探す")
        answer(granted = false, mayAskAgain = false)
        assertTrue(staff.reads("設定アプリで許可すると"))
        staff.touch("設定アプリを開く")
        val opened = shadowOf(phone.application).nextStartedActivity
        assertEquals(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, opened.action)
        assertEquals("package:jp.madoguchi.app", opened.dataString)
        staff.leave()
        phone.grant(*PERMISSIONS)
        staff.comeBack()
        staff.logIn()
        openReaders()
        assertFalse(staff.reads("設定アプリで許可すると"))
        staff.touch("リーダーを探す")
        staff.await(reader.name)
    }

    @Test
    fun `while Bluetooth is off, it is asked to be switched on`() {
        phone.grant(*PERMISSIONS)
        val reader = reader()
        staff.setUp(world.addDevice())
        switchBluetooth(false)
        openReaders()
        staff.touch("リーダーを探す")
        assertTrue(staff.reads("Bluetoothが切れています"))
        assertEquals(BluetoothAdapter.ACTION_REQUEST_ENABLE, shadowOf(phone.application).nextStartedActivity.action)
        switchBluetooth(true)
        staff.touch("リーダーを探す")
        staff.await(reader.name)
    }

    @Test
    fun `a phone that has no reader in use any more reads cards itself`() {
        val reader = used(reader())
        openReaders()
        staff.touch("このリーダーを使うのをやめる")
        until("the reader to be free") { reader.look().getString("state") == "disconnected" }
        repeat(2) { staff.goBack() }
        typePin()
        staff.await("カードをこの端末の裏面にかざしてください")
    }

    /** The person answers the system's question: the app is not in front then. */
    private fun answer(granted: Boolean, mayAskAgain: Boolean = true) {
        val asked = shadowOf(staff.activity).lastRequestedPermission
        assertEquals(PERMISSIONS.toSet(), asked.requestedPermissions.toSet())
        staff.asked {
            val manager = shadowOf(phone.application.packageManager)
            for (permission in PERMISSIONS) manager.setShouldShowRequestPermissionRationale(permission, mayAskAgain && !granted)
            if (granted) phone.grant(*PERMISSIONS)
            val result = if (granted) PackageManager.PERMISSION_GRANTED else PackageManager.PERMISSION_DENIED
            staff.activity.onRequestPermissionsResult(asked.requestCode, PERMISSIONS, IntArray(PERMISSIONS.size) { result })
        }
    }
}
