package jp.madoguchi.app.bluetooth

import android.Manifest
import android.annotation.SuppressLint
import android.app.Activity
import android.bluetooth.BluetoothAdapter
import android.bluetooth.BluetoothManager
import android.bluetooth.le.ScanCallback
import android.bluetooth.le.ScanResult
import android.bluetooth.le.ScanSettings
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.content.SharedPreferences
import android.content.pm.PackageManager
import android.net.Uri
import android.os.Build
import android.os.Handler
import android.os.HandlerThread
import android.os.Looper
import android.provider.Settings
import jp.madoguchi.app.Desk
import jp.madoguchi.app.ui.FoundReader
import jp.madoguchi.app.ui.Readers
import jp.madoguchi.app.ui.ReadersState
import jp.madoguchi.app.ui.ReadersTrouble
import jp.madoguchi.core.Action
import jp.madoguchi.core.Page
import jp.madoguchi.core.ReaderInfo
import jp.madoguchi.core.ReaderTrouble
import jp.madoguchi.core.Screen
import jp.madoguchi.core.Tap
import jp.madoguchi.core.isReaderCandidate
import jp.madoguchi.core.recogniseReader
import java.time.Duration

/**
 * The Bluetooth readers: which are nearby, which one is in use, and the connection to it, which is made while the app is in
 * front and made again by itself.
 *
 * Lives on the main thread; a [Connection] has a thread of its own.
 */
@SuppressLint("MissingPermission")
internal class BluetoothReaders(private val context: Context) : Readers {
    private val main = Handler(Looper.getMainLooper())
    private val preferences: SharedPreferences = context.getSharedPreferences("reader", Context.MODE_PRIVATE)
    private val thread: Handler by lazy { Handler(HandlerThread("reader").apply { start() }.looper) }
    private var desk: Desk? = null
    private var activity: Activity? = null
    private var scan: ScanCallback? = null
    private var connection: Connection? = null

    /** One that was left, and still says goodbye: a reader takes no second connection. */
    private var leaving: Connection? = null
    private var failures = 0u

    /** The counter wants another session, for another key or another try, and it is on its way. */
    private var renewing = false

    /** What ended the last session for good, until somebody asks for another: told whenever a card is awaited. */
    private var refused: ReaderTrouble? = null

    /** Asked at the first use; then only if a person asks. */
    private var asked = false
    private val again = Runnable { connect() }
    private val stopSearching = Runnable { stop() }
    private val leave = Runnable { disconnect() }

    override var changed: (() -> Unit)? = null
    override var state = ReadersState(used = preferences.getString(NAME, null))
        private set(value) {
            if (field == value) return
            field = value
            changed?.invoke()
        }

    private val adapter: BluetoothAdapter?
        get() = context.getSystemService(BluetoothManager::class.java)?.adapter
            ?.takeIf { context.packageManager.hasSystemFeature(PackageManager.FEATURE_BLUETOOTH_LE) }

    /** Whether a reader is in use, instead of the phone's own NFC. */
    val inUse: Boolean get() = state.used != null

    private val power = object : BroadcastReceiver() {
        override fun onReceive(context: Context, intent: Intent) {
            when (intent.getIntExtra(BluetoothAdapter.EXTRA_STATE, BluetoothAdapter.ERROR)) {
                BluetoothAdapter.STATE_ON -> {
                    if (state.trouble == ReadersTrouble.BLUETOOTH_OFF) state = state.copy(trouble = null)
                    connect()
                }
                BluetoothAdapter.STATE_TURNING_OFF, BluetoothAdapter.STATE_OFF -> {
                    stop()
                    disconnect()
                }
            }
        }
    }

    fun open(desk: Desk) {
        this.desk = desk
        context.registerReceiver(power, IntentFilter(BluetoothAdapter.ACTION_STATE_CHANGED))
        introduce()
    }

    fun attach(activity: Activity) {
        this.activity = activity
        main.removeCallbacks(leave)
        if (state.trouble == ReadersTrouble.NOT_ALLOWED || state.trouble == ReadersTrouble.NEVER_ALLOWED) {
            if (allowed()) state = state.copy(trouble = null)
        }
        connect()
    }

    /** A device that is turned is attached again at once; a reader that nobody uses is let go. */
    fun detach(activity: Activity) {
        if (this.activity === activity) this.activity = null
        stop()
        main.removeCallbacks(again)
        main.postDelayed(leave, LEAVE_MS)
    }

    fun shown(screen: Screen) {
        if (!inUse) return
        renew(screen.reconnectReader)
        val page = screen.view as? Page.HoldCard
        val awaited = page?.view?.ready == true
        val awaits = page != null
        connection?.let { thread.post { it.awaits(awaits, awaited) } }
        val trouble = if (awaits) trouble() else null
        if (trouble != null) {
            // Not from within the drawing of this screen.
            main.post { if (desk?.scene?.screen?.view is Page.HoldCard) desk?.act(Action.Reader(trouble)) }
        }
    }

    private fun renew(wanted: Boolean) {
        val begins = wanted && !renewing
        renewing = wanted
        if (!begins) return
        refused = null
        failures = 0u
        // Not from within the drawing of this screen.
        main.post {
            disconnect()
            connect()
        }
    }

    private fun trouble(): ReaderTrouble? = when {
        adapter == null -> ReaderTrouble.NO_READER
        !allowed() -> ReaderTrouble.BLUETOOTH_NOT_ALLOWED
        adapter?.isEnabled != true -> ReaderTrouble.BLUETOOTH_OFF
        else -> refused
    }

    // The list.

    override fun search() {
        val activity = activity ?: return
        val adapter = adapter
        when {
            adapter == null -> state = state.copy(trouble = ReadersTrouble.NO_BLUETOOTH)
            !allowed() -> ask(activity)
            !adapter.isEnabled -> {
                state = state.copy(trouble = ReadersTrouble.BLUETOOTH_OFF)
                activity.startActivity(Intent(BluetoothAdapter.ACTION_REQUEST_ENABLE))
            }
            else -> scan(adapter)
        }
    }

    private fun ask(activity: Activity) {
        val explained = PERMISSIONS.any(activity::shouldShowRequestPermissionRationale)
        if (state.trouble == ReadersTrouble.NEVER_ALLOWED || asked && state.trouble != null && !explained) {
            state = state.copy(trouble = ReadersTrouble.NEVER_ALLOWED)
            val app = Uri.fromParts("package", context.packageName, null)
            activity.startActivity(Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, app))
        } else {
            asked = true
            activity.requestPermissions(PERMISSIONS, REQUEST)
        }
    }

    fun answered(request: Int, granted: Boolean) {
        if (request != REQUEST) return
        if (granted) {
            state = state.copy(trouble = null)
            search()
            connect()
        } else {
            val again = activity?.let { PERMISSIONS.any(it::shouldShowRequestPermissionRationale) } == true
            state = state.copy(trouble = if (again) ReadersTrouble.NOT_ALLOWED else ReadersTrouble.NEVER_ALLOWED)
        }
    }

    private fun scan(adapter: BluetoothAdapter) {
        if (scan != null) return
        val scanner = adapter.bluetoothLeScanner ?: return
        val callback = object : ScanCallback() {
            override fun onScanResult(type: Int, result: ScanResult) = found(result)

            override fun onScanFailed(error: Int) = stop()
        }
        scan = callback
        state = state.copy(found = emptyList(), searching = true, trouble = null)
        // By name as well as by service: some readers advertise only one of the two, so that no filter would do.
        scanner.startScan(null, ScanSettings.Builder().setScanMode(ScanSettings.SCAN_MODE_LOW_LATENCY).build(), callback)
        main.postDelayed(stopSearching, SEARCH_MS)
    }

    private fun found(result: ScanResult) {
        val name = result.scanRecord?.deviceName ?: return
        val services = result.scanRecord?.serviceUuids.orEmpty().map { it.uuid }
        if (!isReaderCandidate(name, services)) return
        val kind = recogniseReader(name, services)?.use { it.name() }.orEmpty()
        val reader = FoundReader(name, kind, result.device.address)
        if (reader !in state.found) state = state.copy(found = state.found.filter { it.address != reader.address } + reader)
    }

    override fun stop() {
        main.removeCallbacks(stopSearching)
        scan?.let { adapter?.bluetoothLeScanner?.stopScan(it) }
        scan = null
        state = state.copy(searching = false)
    }

    override fun use(reader: FoundReader) {
        stop()
        preferences.edit().putString(NAME, reader.name).putString(ADDRESS, reader.address).apply()
        state = state.copy(used = reader.name)
        failures = 0u
        disconnect()
        connect()
    }

    override fun forget() {
        disconnect()
        preferences.edit().clear().apply()
        state = state.copy(used = null)
        desk?.act(Action.ReaderInUse(null))
    }

    // The one in use.

    private fun allowed() = PERMISSIONS.all { context.checkSelfPermission(it) == PackageManager.PERMISSION_GRANTED }

    /** The counter knows which reader is in use before it is connected: nobody is to hold a card to the phone's back. */
    private fun introduce() {
        val desk = desk ?: return
        val name = preferences.getString(NAME, null) ?: return
        val kind = recogniseReader(name, emptyList()) ?: return
        val info = kind.use { desk.counter.readerSession(name, it) }?.use { it.info() } ?: return
        desk.act(Action.ReaderInUse(info))
    }

    private fun connect() {
        main.removeCallbacks(again)
        val desk = desk ?: return
        val name = preferences.getString(NAME, null) ?: return
        val address = preferences.getString(ADDRESS, null) ?: return
        val adapter = adapter ?: return
        if (connection != null || leaving != null || activity == null || !allowed() || !adapter.isEnabled) return
        val made = Connection(context, adapter.getRemoteDevice(address), name, desk.counter, thread, failures, Ears())
        connection = made
        thread.post { made.begin() }
        shown(desk.scene.screen)
    }

    private fun disconnect() {
        main.removeCallbacks(again)
        connection?.let { left ->
            leaving = left
            thread.post { left.leave() }
        }
        connection = null
        refused = null
        introduce()
    }

    /** Of one connection: what an earlier one still has to say is not about the reader in use. */
    private inner class Ears : Connection.Owner {
        private fun told(what: (Desk) -> Unit) {
            main.post { desk?.takeIf { connection?.owner === this }?.let(what) }
        }

        override fun info(info: ReaderInfo) = told { it.act(Action.ReaderInUse(info)) }

        override fun reading(tap: Tap) {
            val progress = tap.progress()
            told { it.progress(progress) }
        }

        /** Whoever is left in the middle of a tap says so as well. */
        override fun read() {
            main.post {
                desk?.progress(null)
                desk?.refresh()
            }
        }

        override fun trouble(trouble: ReaderTrouble) = told {
            if (trouble == ReaderTrouble.NOT_TRUSTED) refused = trouble
            it.act(Action.Reader(trouble))
        }

        override fun ended(wasReady: Boolean, again: Duration?) {
            main.post {
                if (leaving?.owner === this) {
                    leaving = null
                    connect()
                }
            }
            told {
                connection = null
                failures = if (wasReady) 0u else failures + 1u
                again?.let { pause -> main.postDelayed(this@BluetoothReaders.again, pause.toMillis()) }
            }
        }
    }

    private companion object {
        const val NAME = "name"
        const val ADDRESS = "address"
        const val REQUEST = 1
        const val SEARCH_MS = 30_000L
        const val LEAVE_MS = 5_000L

        val PERMISSIONS: Array<String> =
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
                arrayOf(Manifest.permission.BLUETOOTH_SCAN, Manifest.permission.BLUETOOTH_CONNECT)
            } else {
                arrayOf(Manifest.permission.ACCESS_FINE_LOCATION)
            }
    }
}
