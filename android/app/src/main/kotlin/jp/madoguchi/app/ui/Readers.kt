package jp.madoguchi.app.ui

/** Bluetooth readers as the list shows them. The platform's side looks for them and speaks with them. */
interface Readers {
    val state: ReadersState

    /** Told on the main thread when the list changes. */
    var changed: (() -> Unit)?

    /** Looks for readers nearby; asks for the permission first, where it is missing. */
    fun search()

    fun stop()

    /** Uses this one from now on, also after a restart. */
    fun use(reader: FoundReader)

    /** The phone's own NFC again. */
    fun forget()
}

/** What there is to choose from. */
data class ReadersState(
    /** The one in use, by its name. */
    val used: String? = null,
    val found: List<FoundReader> = emptyList(),
    val searching: Boolean = false,
    val trouble: ReadersTrouble? = null,
)

/** One that advertises. */
data class FoundReader(
    /** As it advertises. */
    val name: String,
    /** Model, as the core recognised it. */
    val kind: String,
    /** For the platform: its address. */
    val address: String,
)

/** Why no reader can be looked for. */
enum class ReadersTrouble {
    NO_BLUETOOTH,
    BLUETOOTH_OFF,

    /** Up to Android 11 a scan finds nothing then. */
    LOCATION_OFF,
    NOT_ALLOWED,
    NEVER_ALLOWED,
}
