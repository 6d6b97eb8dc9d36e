package jp.madoguchi.app.ui

import android.graphics.Bitmap
import android.graphics.Color
import java.io.ByteArrayOutputStream
import java.io.DataOutputStream
import java.util.zip.CRC32
import java.util.zip.Deflater
import java.util.zip.DeflaterOutputStream
import kotlin.math.abs

/** What was drawn, in few colours: a screen has few, and their mixtures at the edges of letters. So its file is small. */
internal class Picture(private val width: Int, private val height: Int, private val pixels: IntArray) {
    constructor(bitmap: Bitmap) : this(
        bitmap.width,
        bitmap.height,
        IntArray(bitmap.width * bitmap.height).also { bitmap.getPixels(it, 0, bitmap.width, 0, 0, bitmap.width, bitmap.height) },
    )

    /** As a PNG with a palette (PNG, third edition, 4.1.1). */
    fun png(): ByteArray {
        val sorted = pixels.sortedArray()
        val starts = sorted.indices.filter { it == 0 || sorted[it] != sorted[it - 1] }
        val colours = IntArray(starts.size) { sorted[starts[it]] }
        val counts = IntArray(starts.size) { (starts.getOrNull(it + 1) ?: sorted.size) - starts[it] }
        // Equally common ones stay in order: the same picture is always the same file.
        val common = colours.indices.sortedByDescending { counts[it] }.map { colours[it] }
        val palette = generateSequence(FINEST) { it + 1 }.map { palette(common, it) }.first { it.size <= COLOURS }
        val indices = IntArray(colours.size) { at -> palette.indices.minBy { distance(palette[it], colours[at]) } }
        val rows = ByteArrayOutputStream()
        DeflaterOutputStream(rows, Deflater(Deflater.BEST_COMPRESSION)).use { out ->
            for (y in 0 until height) {
                out.write(NO_FILTER)
                for (x in 0 until width) out.write(indices[colours.binarySearch(pixels[y * width + x])])
            }
        }
        return ByteArrayOutputStream().also { file ->
            file.write(SIGNATURE)
            file.chunk("IHDR") {
                writeInt(width)
                writeInt(height)
                write(byteArrayOf(BITS, INDEXED, 0, 0, 0))
            }
            file.chunk("PLTE") { for (colour in palette) write(byteArrayOf(Color.red(colour).toByte(), Color.green(colour).toByte(), Color.blue(colour).toByte())) }
            file.chunk("IDAT") { write(rows.toByteArray()) }
            file.chunk("IEND") {}
        }.toByteArray()
    }

    /** The grounds as they are, and of the other colours those that are further than `apart` from all that are there already. */
    private fun palette(common: List<Int>, apart: Int): List<Int> = common.drop(GROUNDS).fold(common.take(GROUNDS).toMutableList()) { palette, colour ->
        palette.apply { if (none { distance(it, colour) <= apart }) add(colour) }
    }

    /** How this differs from one that was kept: some dots are another machine's way to draw a curve, more are another letter. */
    fun difference(kept: Picture): String? {
        if (width != kept.width || height != kept.height) return "has another size"
        val distances = IntArray(pixels.size) { distance(pixels[it], kept.pixels[it]) }
        val others = distances.count { it > NEAR }
        if (others > TOLERANCE) return "differs in $others dots"
        val mean = distances.average()
        return if (mean > MEAN) "differs by %.2f of 255 in each dot".format(mean) else null
    }

    /** How far apart two colours are, in the channel in which they differ most. */
    private fun distance(one: Int, other: Int): Int = maxOf(
        abs(Color.red(one) - Color.red(other)),
        abs(Color.green(one) - Color.green(other)),
        abs(Color.blue(one) - Color.blue(other)),
    )

    private fun ByteArrayOutputStream.chunk(type: String, data: DataOutputStream.() -> Unit) {
        val body = ByteArrayOutputStream().also {
            it.write(type.toByteArray())
            DataOutputStream(it).data()
        }.toByteArray()
        val out = DataOutputStream(this)
        out.writeInt(body.size - type.length)
        out.write(body)
        out.writeInt(CRC32().apply { update(body) }.value.toInt())
    }

    private companion object {
        val SIGNATURE = byteArrayOf(0x89.toByte(), 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A)
        const val COLOURS = 256
        const val FINEST = 12

        /** A screen has no more of them: ground, cards, bars, buttons, lines. */
        const val GROUNDS = 24
        const val BITS: Byte = 8
        const val INDEXED: Byte = 3
        const val NO_FILTER = 0

        /** So many dots may be others: fewer than a letter of the smallest text has. */
        const val TOLERANCE = 40
        const val NEAR = 64

        /** So far may all dots be apart on average: less than a ground in another shade. */
        const val MEAN = 1.0
    }
}
