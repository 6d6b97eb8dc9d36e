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

    /** As a PNG with a palette (PNG, third edition, 4.1.1): the commonest colours, and for each other the nearest of them. */
    fun png(): ByteArray {
        val counts = pixels.asIterable().groupingBy { it }.eachCount().entries
        // By colour where the count is equal: the same picture is always the same file.
        val palette = counts.sortedWith(compareBy({ -it.value }, { it.key })).take(COLOURS).map { it.key }
        val indices = counts.associate { (colour, _) -> colour to palette.indices.minBy { distance(palette[it], colour) } }
        val rows = ByteArrayOutputStream()
        DeflaterOutputStream(rows, Deflater(Deflater.BEST_COMPRESSION)).use { out ->
            for (y in 0 until height) {
                out.write(NO_FILTER)
                for (x in 0 until width) out.write(indices.getValue(pixels[y * width + x]))
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

    /** How this differs from one that was kept: some dots are another machine's way to draw a curve, more are another letter. */
    fun difference(kept: Picture): String? {
        if (width != kept.width || height != kept.height) return "has another size"
        val others = pixels.indices.count { far(pixels[it], kept.pixels[it]) }
        return if (others > TOLERANCE) "differs in $others dots" else null
    }

    private fun far(one: Int, other: Int) = abs(Color.red(one) - Color.red(other)) > NEAR ||
        abs(Color.green(one) - Color.green(other)) > NEAR || abs(Color.blue(one) - Color.blue(other)) > NEAR

    private fun distance(one: Int, other: Int): Int {
        val red = Color.red(one) - Color.red(other)
        val green = Color.green(one) - Color.green(other)
        val blue = Color.blue(one) - Color.blue(other)
        return red * red + green * green + blue * blue
    }

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
        const val COLOURS = 64
        const val BITS: Byte = 8
        const val INDEXED: Byte = 3
        const val NO_FILTER = 0

        /** So many dots may be others: fewer than a letter of the smallest text has. */
        const val TOLERANCE = 40
        const val NEAR = 64
    }
}
