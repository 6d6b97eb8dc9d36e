package jp.madoguchi.app

import jp.madoguchi.app.testing.Sandbox
import jp.madoguchi.app.testing.until
import jp.madoguchi.core.Action
import jp.madoguchi.core.Config
import jp.madoguchi.core.Counter
import jp.madoguchi.core.Cues
import jp.madoguchi.core.DeviceKey
import jp.madoguchi.core.DeviceKeyException
import jp.madoguchi.core.InternalException
import jp.madoguchi.core.Language
import jp.madoguchi.core.Lengths
import jp.madoguchi.core.LogLevel
import jp.madoguchi.core.LogSink
import jp.madoguchi.core.OpenException
import jp.madoguchi.core.Page
import jp.madoguchi.core.ReaderException
import jp.madoguchi.core.ServiceAddress
import jp.madoguchi.core.ServiceRoot
import jp.madoguchi.core.Storage
import jp.madoguchi.core.StorageException
import jp.madoguchi.core.knownFailures
import jp.madoguchi.core.logTo
import jp.madoguchi.core.readerKinds
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import java.time.Duration
import java.util.Collections
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

/** What a shell in Kotlin can do wrong: it is told, and neither the core nor the process ends by it. */
@RunWith(RobolectricTestRunner::class)
class BindingsTest {
    @Test
    fun `a storage that throws is a failure, whatever it throws`() {
        val expected = listOf(
            StorageException.Full() to "StorageFull",
            StorageException.ReadOnly() to "StorageReadOnly",
            IllegalStateException(CANARY) to "StorageFailed",
        )
        for ((thrown, name) in expected) {
            Counter(config(), Key(), Memory(fails = { throw thrown })).use { counter ->
                assertEquals(name, nameOf(counter))
            }
        }
    }

    @Test
    fun `what an exception says is not in the log, and a log that throws stops nothing`() {
        val lines = Collections.synchronizedList(mutableListOf<String>())
        val sink = object : LogSink {
            override fun log(level: LogLevel, target: String, message: String) {
                lines += "$level $target $message"
                error(CANARY)
            }
        }
        logTo(sink)
        try {
            Counter(config(), Key(), Memory(fails = { error(CANARY) })).use { counter ->
                assertEquals("StorageFailed", nameOf(counter))
            }
        } finally {
            logTo(null)
        }
        assertTrue("$lines", lines.any { it.startsWith("WARN madoguchi::ports") })
        assertTrue("$lines", lines.none { CANARY in it })
    }

    @Test
    fun `what the core refuses is an exception of its own, and the core goes on`() {
        val nowhere = ServiceAddress("nothing", ServiceRoot.Fingerprint(ByteArray(32)))
        assertThrows(OpenException.ServiceAddress::class.java) { Counter(config(nowhere), Key(), Memory()) }
        Counter(config(), Key(), Memory()).use { counter ->
            val session = requireNotNull(counter.readerSession("FT_0123", readerKinds().first()))
            assertThrows(ReaderException.NotReady::class.java) { session.powerOn(Duration.ZERO) }
            // Bytes that are no public key do not even become an action.
            assertThrows(InternalException::class.java) { counter.act(Action.EnableBiometrics(ByteArray(3))) }
            assertTrue(counter.act(Action.Touch).view is Page.SetUp)
        }
    }

    @Test
    fun `a coroutine that is cancelled ends its work, and the work can be done again`() {
        val asked = CountDownLatch(1)
        val answers = CountDownLatch(1)
        val key = Key {
            asked.countDown()
            answers.await(PATIENCE, TimeUnit.SECONDS)
        }
        Counter(config(), key, Memory()).use { counter ->
            val link = Sandbox.shared.addDevice().link
            counter.act(Action.OpenLink(link))
            assertTrue(counter.act(Action.Confirm).work)
            runBlocking {
                val work = launch(Dispatchers.Default) { counter.run() }
                assertTrue(asked.await(PATIENCE, TimeUnit.SECONDS))
                work.cancelAndJoin()
            }
            until("the work ends") { counter.screen().view is Page.Failure }
            answers.countDown()
            counter.act(Action.Retry)
            counter.act(Action.OpenLink(link))
            counter.act(Action.Confirm)
            runBlocking { counter.run() }
            assertEquals("DeviceKeyRefused", nameOf(counter))
        }
    }

    private fun config(service: ServiceAddress? = null) = Config(
        service = service,
        helpDesk = null,
        language = Language.JA,
        lengths = Lengths.SHORT,
        biometrics = false,
        nfc = true,
        cues = Cues(sound = false, vibration = false),
    )

    private fun nameOf(counter: Counter): String? {
        val failure = (counter.screen().view as? Page.Failure)?.view?.failure
        return knownFailures().find { it.failure == failure }?.name
    }

    /** A key store that makes no key. */
    private class Key(private val creating: () -> Unit = {}) : DeviceKey {
        override fun create(challenge: ByteArray): List<ByteArray> {
            creating()
            throw DeviceKeyException.Refused()
        }

        override fun publicKey(): ByteArray = throw DeviceKeyException.Missing()

        override fun sign(message: ByteArray): ByteArray = throw DeviceKeyException.Missing()

        override fun delete() = Unit
    }

    private class Memory(private val fails: () -> Unit = {}) : Storage {
        private val kept = Collections.synchronizedMap(mutableMapOf<String, ByteArray>())

        override fun load(name: String): ByteArray? {
            fails()
            return kept[name]
        }

        override fun store(name: String, bytes: ByteArray) {
            kept[name] = bytes
        }

        override fun delete(name: String) {
            kept.remove(name)
        }
    }

    private companion object {
        const val CANARY = "canary"
        const val PATIENCE = 20L
    }
}
