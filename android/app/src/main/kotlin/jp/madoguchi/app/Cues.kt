package jp.madoguchi.app

import android.content.Context
import android.media.AudioManager
import android.media.ToneGenerator
import android.os.VibrationEffect
import android.os.Vibrator
import android.util.Log
import jp.madoguchi.core.Cue
import jp.madoguchi.core.CueKind

/** What is to be heard and felt: the card may be taken away, or something failed. */
internal class Cues(context: Context) : (Cue) -> Unit {
    private val vibrator: Vibrator? = context.getSystemService(Vibrator::class.java)?.takeIf { it.hasVibrator() }
    private val tones: ToneGenerator? = try {
        ToneGenerator(AudioManager.STREAM_NOTIFICATION, VOLUME)
    } catch (_: RuntimeException) {
        // A device whose audio is busy or broken is silent.
        Log.w("madoguchi", "no tones")
        null
    }

    /** Whether the device can be felt at all. */
    val vibrates: Boolean get() = vibrator != null

    override fun invoke(cue: Cue) {
        if (cue.sound) tones?.startTone(tone(cue.kind), LONGEST)
        if (cue.vibration) vibrator?.vibrate(VibrationEffect.createWaveform(pattern(cue.kind), -1))
    }

    private fun tone(kind: CueKind): Int = when (kind) {
        CueKind.CARD_DONE -> ToneGenerator.TONE_PROP_ACK
        CueKind.FAILURE -> ToneGenerator.TONE_PROP_NACK
    }

    /** Pauses and pulses in turn, in milliseconds: one long one, or three short ones. */
    private fun pattern(kind: CueKind): LongArray = when (kind) {
        CueKind.CARD_DONE -> longArrayOf(0, 250)
        CueKind.FAILURE -> longArrayOf(0, 80, 80, 80, 80, 80)
    }

    private companion object {
        const val VOLUME = 80
        const val LONGEST = 400
    }
}
