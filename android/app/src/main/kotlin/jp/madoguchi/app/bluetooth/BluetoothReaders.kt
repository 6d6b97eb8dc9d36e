package jp.madoguchi.app.bluetooth

import android.annotation.SuppressLint
import android.app.Activity
import android.bluetooth.BluetoothAdapter
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.net.Uri
import android.provider.Settings
import jp.madoguchi.app.Desk
import jp.madoguchi.app.ui.FoundReader
import jp.madoguchi.app.ui.Readers
import jp.madoguchi.app.ui.ReadersState
import jp.madoguchi.app.ui.ReadersTrouble
import jp.madoguchi.core.Screen

/** The list of Bluetooth readers: what is in the way of looking for them, which are nearby, which one is in use. Main thread. */
internal class BluetoothReaders(private val context: Context) : Readers {
    private val access = BluetoothAccess(context)
    private val used = ReaderInUse(context, access)
    private val scan = ReaderSearch(::found) { state = state.copy(searching = false) }
    private var activity: Activity? = null

    /** Asked at the first use; then only if a person asks. */
    private var asked = false

    override var changed: (() -> Unit)? = null
    override var state = ReadersState(used = used.name)
        private set(value) {
            if (field == value) return
            field = value
            changed?.invoke()
        }

    /** Whether a reader is in use, instead of the phone's own NFC. */
    val inUse: Boolean get() = used.name != null

    private val power = object : BroadcastReceiver() {
        override fun onReceive(context: Context, intent: Intent) {
            when (intent.getIntExtra(BluetoothAdapter.EXTRA_STATE, BluetoothAdapter.ERROR)) {
                BluetoothAdapter.STATE_ON -> {
                    if (state.trouble == ReadersTrouble.BLUETOOTH_OFF) state = state.copy(trouble = null)
                    used.connect()
                }
                BluetoothAdapter.STATE_TURNING_OFF, BluetoothAdapter.STATE_OFF -> {
                    stop()
                    used.disconnect()
                }
            }
        }
    }

    fun open(desk: Desk) {
        // As long as the process lives, and only from the system.
        context.registerReceiver(power, IntentFilter(BluetoothAdapter.ACTION_STATE_CHANGED))
        used.open(desk)
    }

    fun attach(activity: Activity) {
        this.activity = activity
        val denied = state.trouble == ReadersTrouble.NOT_ALLOWED || state.trouble == ReadersTrouble.NEVER_ALLOWED
        if (denied && access.maySearch) state = state.copy(trouble = null)
        used.attach()
    }

    fun detach(activity: Activity) {
        if (this.activity === activity) this.activity = null
        stop()
        used.detach()
    }

    fun shown(screen: Screen) = used.shown(screen)

    override fun search() {
        activity?.let(::search)
    }

    // What it needs is looked at first.
    @SuppressLint("MissingPermission")
    private fun search(activity: Activity) {
        val adapter = access.adapter
        when {
            adapter == null -> state = state.copy(trouble = ReadersTrouble.NO_BLUETOOTH)
            !access.maySearch -> ask(activity)
            !adapter.isEnabled -> {
                state = state.copy(trouble = ReadersTrouble.BLUETOOTH_OFF)
                activity.startActivity(Intent(BluetoothAdapter.ACTION_REQUEST_ENABLE))
            }
            !access.finds -> {
                state = state.copy(trouble = ReadersTrouble.LOCATION_OFF)
                activity.startActivity(Intent(Settings.ACTION_LOCATION_SOURCE_SETTINGS))
            }
            !state.searching -> {
                val begun = scan.begin(adapter)
                state = state.copy(found = emptyList(), searching = begun, trouble = null)
            }
        }
    }

    private fun ask(activity: Activity) {
        val mayAskAgain = access.mayAskAgain(activity)
        if (state.trouble == ReadersTrouble.NEVER_ALLOWED || asked && state.trouble != null && !mayAskAgain) {
            state = state.copy(trouble = ReadersTrouble.NEVER_ALLOWED)
            val app = Uri.fromParts("package", context.packageName, null)
            activity.startActivity(Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, app))
        } else {
            asked = true
            access.ask(activity)
        }
    }

    /** What came of asking; the activity is told before it is in front again. */
    fun answered(activity: Activity, request: Int, granted: Boolean) {
        if (request != BluetoothAccess.REQUEST) return
        if (granted) {
            state = state.copy(trouble = null)
            search(activity)
            used.connect()
        } else {
            val trouble = if (access.mayAskAgain(activity)) ReadersTrouble.NOT_ALLOWED else ReadersTrouble.NEVER_ALLOWED
            state = state.copy(trouble = trouble)
        }
    }

    private fun found(reader: FoundReader) {
        if (reader !in state.found) state = state.copy(found = state.found.filter { it.address != reader.address } + reader)
    }

    override fun stop() = scan.stop()

    override fun use(reader: FoundReader) {
        stop()
        used.use(reader)
        state = state.copy(used = used.name)
    }

    override fun forget() {
        used.forget()
        state = state.copy(used = used.name)
    }
}
