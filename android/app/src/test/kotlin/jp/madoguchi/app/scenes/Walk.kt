package jp.madoguchi.app.scenes

import jp.madoguchi.app.testing.HeldCard
import jp.madoguchi.app.testing.Sandbox
import jp.madoguchi.app.testing.until
import jp.madoguchi.core.Action
import jp.madoguchi.core.Page
import jp.madoguchi.core.readerKinds

/** A screen, how staff come to it from the first one of the day, and what was typed or is shown there. */
internal class Stop(
    val page: Class<out Page>,
    /** Belongs to the patient or to whoever types: it is never kept. */
    val secrets: List<String> = emptyList(),
    /** What stands in a field of the shell's own: it goes when the window is made anew. */
    val typed: String? = null,
    val reach: () -> Unit,
)

/** Through all screens that there are once a device is enrolled. */
internal class Walk(private val staff: Staff, private val world: Sandbox) : AutoCloseable {
    private val cards = mutableListOf<HeldCard>()

    val stops = listOf(
        Stop(Page.Choose::class.java) {},
        Stop(Page.LogIn::class.java, typed = HALF) {
            staff.touch("ロックする")
            staff.enter("パスコードを入力してください。", HALF)
        },
        Stop(Page.BirthDate::class.java, listOf("55・02", "5502")) {
            staff.touch("A 目視確認")
            staff.touch("昭和")
            staff.type("5502")
        },
        Stop(Page.PinPad::class.java, listOf("873")) {
            staff.touch("B 4桁の暗証番号")
            staff.type("873")
        },
        Stop(Page.HoldCard::class.java, listOf("8739")) {
            staff.touch("B 4桁の暗証番号")
            staff.type("8739")
            staff.awaitReady()
        },
        Stop(Page.Waiting::class.java, PATIENT + PIN) {
            world.delay("/v1/eligibility-checks", seconds = SLOW, times = 1)
            tap("hanako")
            staff.awaitPage("the service is awaited") { it is Page.Waiting }
        },
        Stop(Page.Result::class.java, PATIENT + PIN) {
            world.mend()
            tap("hanako")
            staff.await("有効")
        },
        Stop(Page.LastTry::class.java, listOf(PIN)) {
            tap("nokori")
            staff.awaitPage("last try") { it is Page.LastTry }
        },
        Stop(Page.Failure::class.java, listOf(PIN)) {
            tap("suika")
            staff.await("マイナンバーカードではありません")
        },
        Stop(Page.Settings::class.java) { staff.touch("設定") },
        Stop(Page.Settings::class.java) {
            staff.touch("設定")
            staff.touch("カードリーダー")
        },
        Stop(Page.Warning::class.java) {
            staff.touch("設定")
            staff.touch("端末の登録を取り消す")
        },
        Stop(Page.About::class.java) {
            staff.touch("設定")
            staff.touch("このアプリについて")
        },
        Stop(Page.ReaderKey::class.java, listOf(KEY), typed = KEY) {
            // As if a reader that takes a key were connected.
            val kind = readerKinds().first { it.namePrefixes().any { prefix -> prefix.startsWith("ACR") } }
            val session = checkNotNull(staff.desk.counter.readerSession("ACR1255U-J1-000001", kind))
            staff.desk.act(Action.ReaderInUse(session.info()))
            staff.touch("設定")
            staff.touch("リーダーの鍵")
            staff.enter("鍵", KEY)
        },
    )

    /** From wherever this is to where the next stop begins. */
    fun onwards() {
        // The service takes so many checks a minute of one device, and so many an hour with one card.
        world.advance(seconds = 400)
        until("the service's answer") { staff.page !is Page.Waiting }
        staff.backToStart()
    }

    private fun tap(person: String) {
        staff.touch("B 4桁の暗証番号")
        staff.type(PIN)
        staff.awaitReady()
        HeldCard(person).also { cards += it }.hold()
    }

    override fun close() = cards.forEach(HeldCard::close)

    companion object {
        const val PIN = "1234"
        const val HALF = "4071"
        private const val KEY = "00112233445566778899AABBCCDDEEFF"

        /** In seconds: longer than it takes to turn the device twice. */
        private const val SLOW = 6

        /** Of hanako. */
        val PATIENT = listOf("花子", "ハナコ", "06999912")

        /** The screens before a device is enrolled, which have tests of their own. */
        val BEFORE = setOf(Page.SetUp::class.java, Page.ConfirmLink::class.java, Page.ChoosePasscode::class.java)
    }
}
