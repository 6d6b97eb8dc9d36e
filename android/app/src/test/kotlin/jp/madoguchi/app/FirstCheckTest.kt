package jp.madoguchi.app

import jp.madoguchi.app.testing.Glass
import jp.madoguchi.app.testing.HeldCard
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.app.testing.PhoneKeyStore
import jp.madoguchi.app.testing.Sandbox
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** From the link that an administrator hands over to the first patient's result. */
@RunWith(RobolectricTestRunner::class)
class FirstCheckTest {
    @get:Rule val phone = Phone()

    @Test
    fun `a device is registered by its link and reads a card with the PIN`() {
        val device = Sandbox.shared.addDevice()
        Glass(device.link).use { glass ->
            glass.read("この機関の端末として登録しますか？")
            glass.read(Sandbox.INSTITUTION_NAME)
            glass.touch("登録する")
            glass.read("ログインに使うパスコードを決めてください。")
            assertTrue("the device key is the phone's", PhoneKeyStore.aliases.isNotEmpty())
            glass.type("407182")
            glass.touch("続ける")
            glass.read("確認のため")
            glass.type("407182")
            glass.touch("設定する")
            glass.touch("B 4桁の暗証番号")
            glass.press("1234")
            glass.touch("続ける")
            HeldCard("hanako").use { card ->
                card.hold()
                glass.read("有効")
                glass.read("山田　花子")
            }
        }
    }
}
