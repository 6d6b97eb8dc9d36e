package jp.madoguchi.app.testing

import java.io.File
import java.util.concurrent.TimeUnit

/** `madoguchi-sandbox` as processes on loopback; none outlives the tests. */
internal object Program {
    private val path = requireNotNull(System.getProperty("madoguchi.sandbox")) {
        "no system property madoguchi.sandbox: start the tests with `cargo xtask android`"
    }
    private val running = mutableSetOf<Process>()

    init {
        Runtime.getRuntime().addShutdownHook(Thread { synchronized(running) { running.forEach(Process::destroyForcibly) } })
    }

    /** Starts a process that runs until it is ended; what it writes stays in [Running.output]. */
    fun start(vararg arguments: String): Running {
        val process = ProcessBuilder(path, *arguments).redirectErrorStream(true).start()
        synchronized(running) { running += process }
        return Running(process)
    }

    /** Runs a command to its end, and gives what it wrote on standard output. */
    fun run(vararg arguments: String): String {
        val errors = File.createTempFile("madoguchi-sandbox", ".log")
        try {
            val process = ProcessBuilder(path, *arguments).redirectError(errors).start()
            process.outputStream.close()
            val output = process.inputStream.bufferedReader().readText()
            check(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0) {
                "madoguchi-sandbox ${arguments.firstOrNull()}: ${errors.readText()}"
            }
            return output
        } finally {
            errors.delete()
        }
    }

    /** A process that runs, and what it wrote so far. */
    class Running(private val process: Process) {
        private val lines = mutableListOf<String>()
        private var ended = false

        init {
            val reader = Thread({
                process.inputStream.bufferedReader().forEachLine { line -> change { lines += line } }
                change { ended = true }
            }, "output of madoguchi-sandbox")
            reader.isDaemon = true
            reader.start()
        }

        /** All lines so far. */
        val output: List<String> get() = synchronized(lines) { lines.toList() }

        /** Writes a line to its standard input. */
        fun tell(line: String) = process.outputStream.run {
            write("$line\n".toByteArray())
            flush()
        }

        /** The first line, now or later, in which [found] finds something. */
        fun <T : Any> await(found: (String) -> T?): T = lookUntil { lines.firstNotNullOfOrNull(found) }

        /** The line after so many of them for which [found] holds. */
        fun await(after: Int, found: (String) -> Boolean): String = lookUntil { lines.filter(found).getOrNull(after) }

        private fun <T : Any> lookUntil(look: () -> T?): T {
            val end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)
            synchronized(lines) {
                while (true) {
                    look()?.let { return it }
                    val left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())
                    check(!ended && left > 0) { "madoguchi-sandbox did not start: $lines" }
                    // A lock of the JVM: Kotlin has no words of its own for waiting on it.
                    @Suppress("PLATFORM_CLASS_MAPPED_TO_KOTLIN")
                    (lines as Object).wait(left)
                }
            }
        }

        /** Ends it as `kill -9` does. */
        fun kill() {
            process.destroyForcibly().waitFor()
            synchronized(running) { running -= process }
        }

        private fun change(how: () -> Unit) = synchronized(lines) {
            how()
            @Suppress("PLATFORM_CLASS_MAPPED_TO_KOTLIN")
            (lines as Object).notifyAll()
        }
    }

    private const val PATIENCE_SECONDS = 60L
}
