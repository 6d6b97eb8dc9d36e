package jp.madoguchi.app.nfc

import android.app.Activity
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.nfc.NfcAdapter
import android.nfc.Tag
import android.nfc.tech.IsoDep
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import jp.madoguchi.app.Desk
import jp.madoguchi.core.Action
import jp.madoguchi.core.Link
import jp.madoguchi.core.Lost
import jp.madoguchi.core.Page
import jp.madoguchi.core.ReaderTrouble
import jp.madoguchi.core.Screen
import jp.madoguchi.core.TapStep
import java.io.IOException
import java.util.concurrent.Executors
import jp.madoguchi.core.Tap as Dialogue

/**
 * The phone's own NFC.
 *
 * As long as the activity is in front, cards come to this app and to no other one. One that is found while the counter
 * waits for a card is read; one that is found otherwise is left alone, and must be held anew: a card that lay there
 * since another patient is never asked anything.
 *
 * Lives on the main thread, but for the dialogue with a card, which has a thread of its own.
 */
internal class PhoneNfc(private val context: Context) {
    private val main = Handler(Looper.getMainLooper())
    private val worker = Executors.newSingleThreadExecutor { Thread(it, "card") }
    private var desk: Desk? = null

    /** Found before the counter was ready for it: too soon, or while the one before was not known to be lost. */
    private var early: Tag? = null
    private var reading = false

    /** Switched on or off from above, without leaving the app. */
    private val power = object : BroadcastReceiver() {
        override fun onReceive(context: Context, intent: Intent) {
            front?.let(::listen)
            desk?.let { shown(it.scene.screen) }
        }
    }

    /** The activity that cards come to. */
    private var front: Activity? = null

    /** Another way to a card is in use: cards at the phone's back are none of ours. */
    var off = false

    private val adapter: NfcAdapter? get() = NfcAdapter.getDefaultAdapter(context)

    /** Whether the phone reads cards itself, switched on or not. */
    val present: Boolean get() = adapter != null

    fun open(desk: Desk) {
        this.desk = desk
    }

    fun attach(activity: Activity) {
        if (!present) return
        front = activity
        activity.registerReceiver(power, IntentFilter(NfcAdapter.ACTION_ADAPTER_STATE_CHANGED))
        listen(activity)
    }

    fun detach(activity: Activity) {
        early = null
        if (front == null) return
        front = null
        activity.unregisterReceiver(power)
        adapter?.disableReaderMode(activity)
    }

    /** While NFC is off this is not heard: it is said again when it is on. */
    private fun listen(activity: Activity) {
        val extras = Bundle().apply { putInt(NfcAdapter.EXTRA_READER_PRESENCE_CHECK_DELAY, PRESENCE_MS) }
        // The card is of Type B. Without the last flag the phone asks it for an NDEF message first, and loses it over that.
        val flags = NfcAdapter.FLAG_READER_NFC_B or NfcAdapter.FLAG_READER_NO_PLATFORM_SOUNDS or
            NfcAdapter.FLAG_READER_SKIP_NDEF_CHECK
        adapter?.enableReaderMode(activity, { tag -> main.post { found(tag) } }, flags, extras)
    }

    fun shown(screen: Screen) {
        val page = screen.view as? Page.HoldCard
        if (page == null || off) {
            early = null
            return
        }
        if (reading) return
        val trouble = trouble()
        if (trouble != null) {
            // Not from within the drawing of this screen.
            main.post { if (desk?.scene?.screen?.view is Page.HoldCard) desk?.act(Action.Reader(trouble)) }
        } else if (page.view.ready) {
            early?.let { tag -> main.post { found(tag) } }
            early = null
        }
    }

    private fun trouble(): ReaderTrouble? = when (adapter?.isEnabled) {
        null -> ReaderTrouble.NO_READER
        false -> ReaderTrouble.NFC_OFF
        true -> null
    }

    private fun found(tag: Tag) {
        val desk = desk ?: return
        val page = desk.scene.screen.view as? Page.HoldCard
        // One that was found just before the app was left is not read any more.
        if (front == null || page == null || off) return
        if (reading || !page.view.ready) {
            early = tag
            return
        }
        val card = IsoDep.get(tag)
        if (card == null) {
            desk.act(Action.Reader(ReaderTrouble.CARD_SILENT))
            return
        }
        val dialogue = desk.counter.tap(Link.Direct)
        if (dialogue == null) {
            desk.refresh()
            return
        }
        reading = true
        desk.progress(dialogue.progress())
        worker.execute { read(card, dialogue) }
    }

    private fun read(card: IsoDep, dialogue: Dialogue) {
        try {
            card.connect()
            card.timeout = TIMEOUT_MS
            var step = dialogue.next(null)
            while (step is TapStep.Transmit) {
                val answer = try {
                    card.transceive(step.command)
                } finally {
                    step.command.fill(0)
                }
                step = dialogue.next(answer)
                answer.fill(0)
                val progress = dialogue.progress()
                main.post { if (reading) desk?.progress(progress) }
            }
        } catch (_: IOException) {
            // Also what a card is that takes too long: Android does not tell the two apart.
            dialogue.lost(Lost.CardGone)
        } catch (_: SecurityException) {
            // Android's word for a tag that was found before another one.
            dialogue.lost(Lost.CardGone)
        } catch (_: IllegalStateException) {
            // The tag was closed under our hands: NFC was switched off, or the activity left.
            dialogue.lost(Lost.CardGone)
        } finally {
            try {
                dialogue.close()
                close(card)
            } finally {
                main.post { done() }
            }
        }
    }

    private fun close(card: IsoDep) = try {
        card.close()
    } catch (_: IOException) {
        // It is gone: what was wanted.
    } catch (_: RuntimeException) {
        // So it is if another tag was found since (`SecurityException`), or if the NFC service died.
    }

    private fun done() {
        reading = false
        desk?.progress(null)
        desk?.refresh()
    }

    private companion object {
        /** Nobody asks the card whether it is still there while we pause between two commands. */
        const val PRESENCE_MS = 5_000

        /** A signature takes up to a second, and Android's own time for a command may be as short as 0.3 s. */
        const val TIMEOUT_MS = 10_000
    }
}
