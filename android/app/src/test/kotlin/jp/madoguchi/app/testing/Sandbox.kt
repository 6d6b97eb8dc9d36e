package jp.madoguchi.app.testing

import org.json.JSONObject
import java.io.File
import java.net.URI
import java.nio.file.Files

/**
 * The world outside: a service on loopback with one institution, spoken to over real TLS. Its state lies in a folder
 * of its own; [close] ends it and takes the folder away.
 *
 * @param options further arguments of `madoguchi-sandbox up`
 */
class Sandbox(private vararg val options: String) : AutoCloseable {
    private val folder: File = Files.createTempDirectory("madoguchi-sandbox").toFile()
    private var service: Program.Running
    private var ahead = 0
    private val port: Int

    init {
        admin("institution", "add", "--code", INSTITUTION, "--name", INSTITUTION_NAME)
        service = serve(0)
        port = service.await { line -> ADDRESS.find(line) }.groupValues[1].toInt()
    }

    /** Its origin, as devices reach it. */
    val url: URI get() = URI("https://localhost:$port")

    /** What it wrote so far. */
    val output: List<String> get() = service.output

    /** A new device: what its administrator gets. */
    fun addDevice(institution: String = INSTITUTION): Activation {
        val lines = admin("device", "add", "--institution", institution, "--platform", "phone").lines()
        fun value(label: String) = lines.first { " / $label:" in it }.substringAfter(" / $label:").trim()
        return Activation(account = value("account"), code = value("code"), link = value("link"))
    }

    /** One more institution. With [attested], its attested devices may do 目視確認 without any proof by the card. */
    fun addInstitution(code: String, name: String, attested: Boolean = false) {
        val danger = if (attested) arrayOf("--danger-attested-visual") else emptyArray()
        admin("institution", "add", "--code", code, "--name", name, *danger)
    }

    /** Stops a device from its next request on. */
    fun suspend(device: Activation) {
        admin("device", "suspend", device.account)
    }

    /** Lets a suspended device work again. */
    fun resume(device: Activation) {
        admin("device", "resume", device.account)
    }

    /** Ends a device for good. */
    fun revoke(device: Activation) {
        admin("device", "revoke", device.account)
    }

    /** What the administrator sees of a device: its state, and where its key lies. */
    fun seen(device: Activation): List<String> =
        admin("device", "list").lines().first { device.account in it }.split(Regex("\\s{2,}"))

    /** What staff read on every device. */
    fun notice(ja: String, en: String) {
        admin("notice", "set", "--ja", ja, "--en", en)
    }

    /** The next `times` requests to this path meet a fault: `drop-before`, `drop-after`, `drop-during` or `garble`. */
    fun fault(path: String, what: String, times: Int = MANY) = fault(path, what as Any, times)

    /** They are refused with this problem code. */
    fun refuse(path: String, code: String, times: Int = MANY) = fault(path, JSONObject().put("refuse", code), times)

    /** They wait for so long. */
    fun delay(path: String, seconds: Int, times: Int = MANY) = fault(path, JSONObject().put("delay", seconds), times)

    private fun fault(path: String, what: Any, times: Int) =
        hand(JSONObject().put("do", "fault").put("path", path).put("times", times).put("what", what))

    /** From now on all goes well. */
    fun mend() = hand(JSONObject().put("do", "clear"))

    /** The service's clock goes on: what it counts by the minute begins anew. */
    fun advance(seconds: Int) {
        hand(JSONObject().put("do", "advance").put("seconds", seconds))
        ahead += seconds
    }

    private fun hand(what: JSONObject) = synchronized(service) {
        val before = service.output.count(::isHand)
        service.tell(what.toString())
        val answer = service.await(before, ::isHand)
        check(answer == "hand: done") { answer }
    }

    private fun isHand(line: String) = line.startsWith("hand: ")

    /** Ends the service as `kill -9` does. */
    fun kill() = service.kill()

    /** Starts it on the same state and the same address again. */
    fun revive() {
        service = serve(port)
        service.await { line -> ADDRESS.find(line) }
    }

    override fun close() {
        service.kill()
        folder.deleteRecursively()
    }

    private fun serve(port: Int) =
        Program.start("up", "--hand", "--ahead", "$ahead", "--state", folder.path, "--listen", "127.0.0.1:$port", *options)

    private fun admin(vararg command: String) = Program.run("--state", folder.path, "--ahead", "$ahead", *command)

    companion object {
        /** The institution of every sandbox: its code passes the check digit and lies in prefecture 99. */
        const val INSTITUTION = "9919900010"
        const val INSTITUTION_NAME = "まどぐち医院（試験）"

        /** More than any test asks. */
        private const val MANY = 20

        private val ADDRESS = Regex("is up: https://localhost:(\\d+)")

        /** The one that tests share which do nothing to it but check; it ends with the tests. */
        val shared: Sandbox by lazy {
            Sandbox().also { Runtime.getRuntime().addShutdownHook(Thread(it::close)) }
        }
    }
}

/** What an administrator hands over for one device: account and code, or the link, once. */
data class Activation(val account: String, val code: String, val link: String)
