package jp.madoguchi.app.scenes

import android.net.Uri
import android.util.Base64
import jp.madoguchi.app.MadoguchiApp
import jp.madoguchi.app.Operator
import jp.madoguchi.app.testing.Activation
import jp.madoguchi.app.testing.Phone
import jp.madoguchi.core.Page
import jp.madoguchi.core.ServiceAddress
import jp.madoguchi.core.ServiceRoot
import org.junit.After
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TestRule
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** An app that was built for one service: account and activation code are typed, and there is somebody to call. */
@RunWith(RobolectricTestRunner::class)
@Config(application = TypedSetUpTest.App::class)
class TypedSetUpTest {
    @get:Rule val phone = Phone()
    private val staff = Staff()
    @get:Rule val meeting: TestRule = Meeting { staff }
    private val device = World.of(this).addDevice()

    class App : MadoguchiApp() {
        override fun operator() = checkNotNull(builtFor)
    }

    @Before
    fun build() {
        builtFor = Operator(service(device), "$DESK 0120-000-000")
    }

    @After
    fun end() = staff.end()

    @Test
    fun `a device is registered by what is typed`() {
        staff.start()
        type(device.account, device.code)
        staff.await("ログインに使うパスコードを決めてください。")
    }

    @Test
    @Meets(708)
    fun `a code of another form is told with whom to call, and what was typed is there still`() {
        staff.start()
        type(device.account, device.code.drop(1))
        staff.meet(708)
        staff.await("0120-000-000")
        staff.touch("戻る")
        staff.awaitPage("set-up") { it is Page.SetUp }
        assertTrue("${staff.words}", staff.reads(device.account))
    }

    @Test
    fun `a link leads to the service that it names all the same`() {
        staff.setUp(device)
        assertTrue("${staff.words}", staff.reads("次の患者さまの確認方法を選んでください。"))
    }

    private fun type(account: String, code: String) {
        staff.enter("アカウントID", account)
        staff.enter("アクティベーションコード", code)
        staff.touch("登録する")
    }

    private fun service(device: Activation): ServiceAddress {
        val link = Uri.parse(device.link)
        val root = Base64.decode(link.getQueryParameter("root"), Base64.URL_SAFE)
        return ServiceAddress(checkNotNull(link.getQueryParameter("service")), ServiceRoot.Fingerprint(root))
    }

    private companion object {
        const val DESK = "まどぐちサポート"
        var builtFor: Operator? = null
    }
}
