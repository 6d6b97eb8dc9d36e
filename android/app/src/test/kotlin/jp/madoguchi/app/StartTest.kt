package jp.madoguchi.app

import jp.madoguchi.app.testing.Glass
import jp.madoguchi.app.testing.Phone
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** A phone on which nothing was set up yet. */
@RunWith(RobolectricTestRunner::class)
class StartTest {
    @get:Rule val phone = Phone()

    @Test
    fun `the app begins with the set-up, in the core's words`() = Glass().use { glass ->
        glass.read("端末の登録")
        glass.read("管理者から受け取った登録用のリンクを開いてください。")
    }

    @Test
    @Config(qualifiers = "en-rUS-w360dp-h640dp-xhdpi")
    fun `on a phone in English it speaks English`() = Glass().use { glass ->
        glass.read("Register")
    }
}
