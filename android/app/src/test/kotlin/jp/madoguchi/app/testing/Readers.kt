package jp.madoguchi.app.testing

import org.json.JSONObject
import java.io.DataInputStream
import java.io.EOFException
import java.net.InetSocketAddress
import java.net.Socket

/** `madoguchi-sandbox readers`: virtual cards and Bluetooth readers on loopback, as docs/sandbox-interface.md says. */
internal object Readers {
    private val address: InetSocketAddress by lazy {
        val line = Program.start("readers", "--listen", "127.0.0.1:0").await { it.takeIf { "listen at" in it } }
        val (host, port) = line.substringAfterLast(' ').split(':')
        InetSocketAddress(host, port.toInt())
    }

    /** Opens a connection with its first line. */
    fun open(first: JSONObject): Wire {
        val socket = Socket()
        socket.connect(address)
        socket.tcpNoDelay = true
        return Wire(socket, first)
    }
}

/** A connection: one line of JSON each way, then frames of two bytes of length and as many bytes. */
internal class Wire(private val socket: Socket, first: JSONObject) : AutoCloseable {
    private val input = DataInputStream(socket.getInputStream().buffered())
    private val output = socket.getOutputStream()

    /** The answer to the first line. */
    val opened: JSONObject

    init {
        output.write("$first\n".toByteArray())
        opened = JSONObject(line())
        check(!opened.has("error")) { "the sandbox refused: $opened" }
    }

    fun send(frame: ByteArray) {
        val length = byteArrayOf((frame.size shr Byte.SIZE_BITS).toByte(), frame.size.toByte())
        output.write(length + frame)
    }

    /** The next frame; nothing when the connection is at its end. */
    fun receive(): ByteArray? = try {
        ByteArray(input.readUnsignedShort()).also(input::readFully)
    } catch (_: EOFException) {
        null
    }

    override fun close() = socket.close()

    private fun line(): String {
        val bytes = generateSequence { input.readUnsignedByte().takeIf { it != '\n'.code } }
        return bytes.map(Int::toByte).toList().toByteArray().toString(Charsets.UTF_8)
    }
}
