package jp.madoguchi.app.scenes

import jp.madoguchi.app.testing.HeldCard
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.app.testing.Program
import jp.madoguchi.core.Page
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** Every named person of the sandbox comes to the counter once. */
@RunWith(RobolectricTestRunner::class)
class PersonsTest {
    @get:Rule val phone = Phone()
    private val staff = Staff()

    @After
    fun end() = staff.end()

    @Test
    fun `each of them has an expectation`() {
        val persons = Program.run("persons").lines().map { it.substringBefore(' ') }.filter { it.isNotEmpty() }
        assertEquals(persons.toSet(), EXPECTED.keys)
    }

    @Test
    fun `each of them gets the answer that is theirs`() {
        val world = World.of(this)
        staff.setUp(world.addDevice())
        val missed = mutableListOf<String>()
        for ((person, told) in EXPECTED) {
            // The service takes so many checks a minute of one device.
            world.advance(seconds = 3)
            val (birth, words) = told
            if (birth == null) byPin() else bySight(birth)
            if (staff.page is Page.HoldCard) {
                staff.awaitReady()
                HeldCard(person).use { card ->
                    card.hold()
                    staff.await(words.first())
                }
            }
            missed += words.filterNot(staff::reads).map { "$person: $it is not in ${staff.words}" }
            staff.backToStart()
        }
        assertTrue(missed.joinToString("\n"), missed.isEmpty())
    }

    private fun byPin() {
        staff.touch("B 4桁の暗証番号")
        staff.type("1234")
    }

    private fun bySight(birth: Pair<String, String>) {
        staff.touch("A 目視確認")
        staff.touch(birth.first)
        staff.type(birth.second)
    }

    private companion object {
        const val OTHER_WAYS = "資格確認書"

        private val BY_PIN: Pair<String, String>? = null

        /** How they are confirmed, and what staff read. Where the way matters, it is the one on which they are special. */
        val EXPECTED = mapOf(
            "hanako" to BY_PIN.with("有効", "山田　花子", "3割", "年齢から"),
            "jiro" to BY_PIN.with("有効", "山田　次郎"),
            "ume" to ("昭和" to "200815").with("有効", "梅田　うめ", "1割", "・目視"),
            "matsu" to BY_PIN.with("有効", "松本　まつ", "2割"),
            "take" to BY_PIN.with("有効", "竹内　武", "3割"),
            "ichiro" to BY_PIN.with("無効", "佐藤　一郎", OTHER_WAYS),
            "natsuko" to BY_PIN.with("無効（新しい資格あり）", "夏目　奈津子", OTHER_WAYS),
            "nashio" to BY_PIN.with("該当資格なし", OTHER_WAYS),
            "fuku" to BY_PIN.with("複数該当", "福島　福"),
            "kumao" to BY_PIN.with("有効", "熊谷　熊男", "未登録・要確認"),
            "shichiro" to BY_PIN.with("有効", "七田　七郎", "未登録・要確認"),
            "sotoji" to BY_PIN.with("有効", "●田　外次", "● は表示できない文字です。カナを確かめてください。"),
            "kire" to BY_PIN.with("有効", "切田　きれ", "電子証明書の有効期限が切れています", "までは資格確認に使えます"),
            "mukashi" to BY_PIN.with("電子証明書の有効期限が切れています", "402", OTHER_WAYS),
            "mihoko" to BY_PIN.with("電子証明書が失効しています", "401", OTHER_WAYS),
            "rokku" to BY_PIN.with("暗証番号が使えなくなっています", "303", "A 目視確認に切り替える"),
            "nokori" to BY_PIN.with("あと1回お間違えになると、暗証番号が使えなくなります", "続ける"),
            "kaori" to BY_PIN.with("暗証番号が使えないカードです", "304", "A 目視確認に切り替える"),
            "aoi" to ("令和" to "080505").with("写真のないカードではありませんか？", "B 暗証番号に切り替える"),
            "futago" to ("昭和" to "550217").with("前回とICの中身が違うカードです", "210"),
            "chigau" to ("平成" to "210430").with("カードの生年月日が資格情報と合いません", "209"),
            "andoro" to BY_PIN.with("先に暗証番号を求めるカードです", "203"),
            "rin" to ("平成" to "110924").with("スマートフォンのマイナンバーカードです", "202"),
            "suika" to BY_PIN.with("マイナンバーカードではありません", "201"),
        )

        private fun Pair<String, String>?.with(vararg words: String) = this to words.toList()
    }
}
