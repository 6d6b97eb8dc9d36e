package jp.madoguchi.app.scenes

import jp.madoguchi.app.testing.Sandbox

/** One service for all tests of a class: it takes some time to start, and allows each address and card so much an hour. */
internal object World {
    private val running = mutableMapOf<List<String>, Sandbox>()
    private var of: Class<*>? = null

    init {
        Runtime.getRuntime().addShutdownHook(Thread(::end))
    }

    /** @param options of the service, see [Sandbox] */
    fun of(test: Any, vararg options: String): Sandbox {
        if (of != test.javaClass) end()
        of = test.javaClass
        return running.getOrPut(options.toList()) { Sandbox(*options) }
    }

    private fun end() {
        running.values.forEach(Sandbox::close)
        running.clear()
    }
}
