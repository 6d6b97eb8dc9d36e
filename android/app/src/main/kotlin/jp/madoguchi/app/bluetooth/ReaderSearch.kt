package jp.madoguchi.app.bluetooth

import android.annotation.SuppressLint
import android.bluetooth.BluetoothAdapter
import android.bluetooth.le.ScanCallback
import android.bluetooth.le.ScanResult
import android.bluetooth.le.ScanSettings
import android.os.Handler
import android.os.Looper
import jp.madoguchi.app.ui.FoundReader
import jp.madoguchi.core.isReaderCandidate
import jp.madoguchi.core.recogniseReader

/** Looks for readers nearby, for a while. Main thread. */
// Whoever begins one has looked at the permission.
@SuppressLint("MissingPermission")
internal class ReaderSearch(private val found: (FoundReader) -> Unit, private val ended: () -> Unit) {
    private val main = Handler(Looper.getMainLooper())
    private val late = Runnable(::stop)
    private var end: (() -> Unit)? = null

    /** Whether there is one now; there is only one at a time. */
    fun begin(adapter: BluetoothAdapter): Boolean {
        if (end != null) return true
        val scanner = adapter.bluetoothLeScanner ?: return false
        val callback = object : ScanCallback() {
            override fun onScanResult(type: Int, result: ScanResult) {
                reader(result)?.let(found)
            }

            override fun onScanFailed(error: Int) = stop()
        }
        try {
            // By name as well as by service: some readers advertise only one of the two, so that no filter would do.
            scanner.startScan(null, ScanSettings.Builder().setScanMode(ScanSettings.SCAN_MODE_LOW_LATENCY).build(), callback)
        } catch (_: IllegalStateException) {
            // Bluetooth was switched off in this moment.
            return false
        }
        end = { if (adapter.isEnabled) runCatching { scanner.stopScan(callback) } }
        main.postDelayed(late, SEARCH_MS)
        return true
    }

    fun stop() {
        main.removeCallbacks(late)
        val end = end ?: return
        this.end = null
        end()
        ended()
    }

    private fun reader(result: ScanResult): FoundReader? {
        val name = result.scanRecord?.deviceName ?: return null
        val services = result.scanRecord?.serviceUuids.orEmpty().map { it.uuid }
        if (!isReaderCandidate(name, services)) return null
        val kind = recogniseReader(name, services)?.use { it.name() }.orEmpty()
        return FoundReader(name, kind, result.device.address)
    }

    private companion object {
        const val SEARCH_MS = 30_000L
    }
}
