package jp.madoguchi.app.testing

import org.junit.runner.Description
import org.junit.runner.Result
import org.junit.runner.notification.RunListener
import java.util.concurrent.Executors
import java.util.concurrent.ScheduledFuture
import java.util.concurrent.TimeUnit

/**
 * Ends this JVM when a test takes too long, and says which one and where its threads stand: a test that hangs must not
 * hang a machine that nobody looks at. Surefire starts it with the tests (`app/pom.xml`).
 *
 * A timeout of JUnit would not do: it runs the test on a thread of its own, and Robolectric's main thread is the test's.
 */
class Watchdog : RunListener() {
    private val seconds = System.getProperty("madoguchi.test.seconds").toLong()
    private val clock = Executors.newSingleThreadScheduledExecutor { Thread(it, "watchdog").apply { isDaemon = true } }
    private var end: ScheduledFuture<*>? = null

    override fun testRunStarted(description: Description) = look("before a test")

    override fun testStarted(description: Description) = look(description.displayName)

    override fun testFinished(description: Description) = look("after ${description.displayName}")

    override fun testRunFinished(result: Result) {
        end?.cancel(false)
    }

    private fun look(at: String) {
        end?.cancel(false)
        end = clock.schedule({ end(at) }, seconds, TimeUnit.SECONDS)
    }

    private fun end(at: String) {
        val threads = Thread.getAllStackTraces().filterKeys { it !== Thread.currentThread() }
        val stacks = threads.map { (thread, stack) -> "\n\"${thread.name}\" ${thread.state}" + stack.joinToString("") { "\n    at $it" } }
        System.err.println("$at: hung for $seconds seconds, and was ended with all tests after it${stacks.joinToString("")}")
        System.err.flush()
        // Nobody else would end them: hooks do not run any more.
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly)
        Runtime.getRuntime().halt(1)
    }
}
