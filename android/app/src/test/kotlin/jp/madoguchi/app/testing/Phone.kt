package jp.madoguchi.app.testing

import android.app.Application
import android.bluetooth.BluetoothManager
import android.content.Intent
import android.content.pm.PackageManager
import android.hardware.biometrics.BiometricManager
import android.nfc.NfcAdapter
import android.os.Build
import org.junit.rules.ExternalResource
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowBiometricManager
import org.robolectric.shadows.ShadowNfcAdapter
import org.robolectric.util.ReflectionHelpers

/** The phone of one test: with NFC, Bluetooth and a finger that it knows, until a test takes them away. */
class Phone : ExternalResource() {
    private var level = Build.VERSION.SDK_INT

    val application: Application get() = RuntimeEnvironment.getApplication()

    /** Whether there is an NFC chip at all; to be set before the app starts. */
    fun hasNfc(has: Boolean) {
        shadowOf(application.packageManager).setSystemFeature(PackageManager.FEATURE_NFC, has)
        ShadowNfcAdapter.setNfcHardwareExists(has)
    }

    /** Switches NFC on or off, as in the phone's settings or from above. */
    fun switchNfc(on: Boolean) {
        shadowOf(NfcAdapter.getDefaultAdapter(application)).setEnabled(on)
        val state = if (on) NfcAdapter.STATE_ON else NfcAdapter.STATE_OFF
        application.sendBroadcast(Intent(NfcAdapter.ACTION_ADAPTER_STATE_CHANGED).putExtra(NfcAdapter.EXTRA_ADAPTER_STATE, state))
    }

    /** Switches Bluetooth on or off. */
    fun switchBluetooth(on: Boolean) = shadowOf(bluetooth).setEnabled(on)

    /** Whether there is a sensor of Class 3 with a finger that it knows. */
    fun hasFinger(has: Boolean) {
        PhoneKeyStore.secured = has
        shadowOf(application.packageManager).setSystemFeature(PackageManager.FEATURE_FINGERPRINT, has)
        Shadow.extract<ShadowBiometricManager>(application.getSystemService(BiometricManager::class.java)).setCanAuthenticate(has)
    }

    /** The phone says that it runs another Android than the framework of the tests; until the test ends. */
    fun claimsLevel(level: Int) = ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", level)

    fun grant(vararg permissions: String) = shadowOf(application).grantPermissions(*permissions)

    fun deny(vararg permissions: String) = shadowOf(application).denyPermissions(*permissions)

    /** What the radio hears now is told to an app that scans. */
    fun hear() = Shadow.extract<PhoneLeScanner>(bluetooth.bluetoothLeScanner).hear()

    override fun before() {
        level = Build.VERSION.SDK_INT
        PhoneKeyStore.reset()
        hasNfc(true)
        shadowOf(NfcAdapter.getDefaultAdapter(application)).setEnabled(true)
        shadowOf(application.packageManager).setSystemFeature(PackageManager.FEATURE_BLUETOOTH_LE, true)
        switchBluetooth(true)
        hasFinger(true)
    }

    override fun after() {
        claimsLevel(level)
        NearbyReader.nearby.values.toList().forEach(NearbyReader::close)
        Finger.asked = null
    }

    private val bluetooth get() = requireNotNull(application.getSystemService(BluetoothManager::class.java)).adapter
}
