package jp.madoguchi.app.scenes

import jp.madoguchi.app.testing.Sandbox

/** One service for all tests of a class: it takes some time to start, and allows each address and card so much an hour. */
internal object World {
    private var of: Class<*>? = null
    private var sandbox: Sandbox? = null

    init {
        Runtime.getRuntime().addShutdownHook(Thread { sandbox?.close() })
    }

    fun of(test: Any): Sandbox {
        sandbox?.takeIf { of == test.javaClass }?.let { return it }
        sandbox?.close()
        of = test.javaClass
        return Sandbox().also { sandbox = it }
    }
}
