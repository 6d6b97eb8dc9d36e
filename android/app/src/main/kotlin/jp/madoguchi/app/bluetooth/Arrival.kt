package jp.madoguchi.app.bluetooth

import jp.madoguchi.core.ReaderLife
import java.time.Duration

/**
 * Which card is read by itself: one that arrives while one is awaited. One that lies there from before may be another
 * patient's, and is to be taken away first.
 */
internal class Arrival {
    private var awaited = false
    private var counterIsReady = false
    private var life = ReaderLife.DISCOVERED

    /** When the reader was ready first. */
    private var looksSince: Duration? = null

    /** Whether the reader was ever ready for cards in this connection. */
    val wasReady: Boolean get() = looksSince != null

    /** A card arrived while one was awaited, and was not asked anything yet. */
    var isFresh = false
        private set

    /** Whether it is to be read now. */
    val isDue: Boolean get() = isFresh && counterIsReady

    /** Whether the counter awaits a card, and whether it is ready for it. */
    fun awaits(card: Boolean, ready: Boolean) {
        awaited = card
        counterIsReady = ready
        isFresh = isFresh && card
    }

    /** Where the reader is in its life now. */
    fun sees(next: ReaderLife, now: Duration) {
        if (next in READY && looksSince == null) looksSince = now
        isFresh = when {
            next != ReaderLife.CARD -> false
            life == ReaderLife.CARD -> isFresh
            else -> life == ReaderLife.POLLING && awaited && looksLongEnough(now)
        }
        life = next
    }

    /** It is read now. */
    fun take() {
        isFresh = false
    }

    /** What a reader finds as soon as it looks may lie there since another patient. */
    private fun looksLongEnough(now: Duration) = looksSince?.let { now - it > LOOKS } == true

    private companion object {
        val LOOKS: Duration = Duration.ofSeconds(2)
        val READY = setOf(ReaderLife.POLLING, ReaderLife.CARD, ReaderLife.POWERED)
    }
}
