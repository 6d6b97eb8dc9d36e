package jp.madoguchi.app.scenes

import jp.madoguchi.app.testing.HeldCard
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.app.testing.Program
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
            staff.touch("B 4桁の暗証番号")
            staff.type("1234")
            staff.awaitReady()
            HeldCard(person).use { card ->
                card.hold()
                staff.await(told.first())
            }
            missed += told.filterNot(staff::reads).map { "$person: $it is not in ${staff.words}" }
            staff.backToStart()
        }
        assertTrue(missed.joinToString("\n"), missed.isEmpty())
    }

    private companion object {
        const val OTHER_WAYS = "資格確認書"

        val EXPECTED = mapOf(
            "hanako" to listOf("有効", "山田　花子", "3割", "年齢から"),
            "jiro" to listOf("有効", "山田　次郎"),
            "ume" to listOf("有効", "梅田　うめ", "1割"),
            "matsu" to listOf("有効", "松本　まつ", "2割"),
            "take" to listOf("有効", "竹内　武", "3割"),
            "ichiro" to listOf("無効", "佐藤　一郎", OTHER_WAYS),
            "natsuko" to listOf("無効（新しい資格あり）", "夏目　奈津子", OTHER_WAYS),
            "nashio" to listOf("該当資格なし", OTHER_WAYS),
            "fuku" to listOf("複数該当", "福島　福"),
            "kumao" to listOf("有効", "熊谷　熊男", "未登録・要確認"),
            "shichiro" to listOf("有効", "七田　七郎", "未登録・要確認"),
            "sotoji" to listOf("有効", "●田　外次", "● は表示できない文字です。カナを確かめてください。"),
            "kire" to listOf("有効", "切田　きれ", "更新をご案内ください"),
            "mukashi" to listOf("電子証明書の有効期限が切れています", "402"),
            "mihoko" to listOf("電子証明書が失効しています", "401"),
            "rokku" to listOf("暗証番号が使えなくなっています", "303", "A 目視確認に切り替える"),
            "nokori" to listOf("あと1回お間違えになると、暗証番号が使えなくなります", "続ける"),
            "kaori" to listOf("暗証番号が使えないカードです", "304", "A 目視確認に切り替える"),
            "aoi" to listOf("有効", "青井　葵", "2割"),
            "futago" to listOf("有効", "双葉　ふたご"),
            "chigau" to listOf("有効", "千賀　違"),
            "andoro" to listOf("先に暗証番号を求めるカードです", "203"),
            "rin" to listOf("有効", "林　りん"),
            "suika" to listOf("マイナンバーカードではありません", "201"),
        )
    }
}
