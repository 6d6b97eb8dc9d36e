package jp.madoguchi.app.scenes

import org.junit.rules.TestWatcher
import org.junit.runner.Description
import java.io.File

/** This test brings these failure codes about. Said is not done: [Meeting] looks whether it did. */
@Target(AnnotationTarget.FUNCTION)
internal annotation class Meets(vararg val codes: Int)

/** Whoever says [Meets] has to [Staff.meet] each of them. */
internal class Meeting(private val staff: () -> Staff) : TestWatcher() {
    override fun succeeded(description: Description) {
        val said = description.getAnnotation(Meets::class.java)?.codes.orEmpty().toSet()
        val missed = said - staff().met
        if (missed.isNotEmpty()) throw AssertionError("these codes were not on the screen: $missed")
    }

    private fun IntArray?.orEmpty() = this ?: IntArray(0)
}

/** What must be on the screen for a failure: its code, what happened, and what to do. */
internal object Told {
    private val texts = File("../../core/counter/texts/ja.ftl").readLines()
        .filter { it.startsWith("failure-") }
        .associate { it.substringBefore(" = ") to it.substringAfter(" = ") }

    /** Where no page of a failure comes but one on which to go on, that one has these words. */
    private val elsewhere = mapOf(
        101 to listOf(cause(101), "カードをこの端末の裏面にかざしてください"),
        302 to listOf(cause(302), remedy(302)),
        306 to listOf(cause(306), "暗証番号を入力してください"),
        312 to listOf(cause(312), remedy(312)),
    )

    fun of(code: Int): List<String> = elsewhere[code] ?: listOf("コード $code", cause(code), remedy(code))

    fun cause(code: Int): String = texts.getValue("failure-$code")

    fun remedy(code: Int): String = texts.getValue("failure-$code-remedy")
}
