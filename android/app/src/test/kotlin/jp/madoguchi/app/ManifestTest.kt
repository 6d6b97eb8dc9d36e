package jp.madoguchi.app

import android.Manifest.permission
import android.content.ComponentName
import android.content.Intent
import android.content.pm.ApplicationInfo
import android.content.pm.PackageManager
import android.net.Uri
import jp.madoguchi.app.share.ResultProvider
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.w3c.dom.Element
import org.xmlpull.v1.XmlPullParser
import java.io.File
import javax.xml.parsers.DocumentBuilderFactory

/** What the phone knows of the app before it runs. */
@RunWith(RobolectricTestRunner::class)
class ManifestTest {
    private val app = RuntimeEnvironment.getApplication()
    private val info = app.packageManager.getPackageInfo(
        app.packageName,
        PackageManager.GET_PERMISSIONS or PackageManager.GET_ACTIVITIES or PackageManager.GET_PROVIDERS or
            PackageManager.GET_RECEIVERS or PackageManager.GET_SERVICES,
    )

    @Test
    fun `it asks for these permissions and no other`() {
        val asked = info.requestedPermissions.orEmpty().toSet()
        val always = setOf(
            permission.INTERNET,
            permission.NFC,
            permission.USE_BIOMETRIC,
            permission.VIBRATE,
            permission.BLUETOOTH_SCAN,
            permission.BLUETOOTH_CONNECT,
        )
        val old = setOf(permission.BLUETOOTH, permission.BLUETOOTH_ADMIN, permission.ACCESS_FINE_LOCATION)
        assertEquals(always, asked - old)
        val written = source().elements("uses-permission")
        assertEquals(always + old, written.map { it.android("name") }.toSet())
        assertEquals(old, written.filter { it.android("maxSdkVersion") == "30" }.map { it.android("name") }.toSet())
        val scan = written.single { it.android("name") == permission.BLUETOOTH_SCAN }
        assertEquals("neverForLocation", scan.android("usesPermissionFlags"))
        assertTrue(source().elements("uses-feature").all { it.android("required") == "false" })
    }

    @Test
    fun `others can open the one activity, from the launcher or by an enrolment link, and nothing else`() {
        val open = info.activities.orEmpty().filter { it.exported }.map { it.name }
        assertEquals(listOf(MainActivity::class.java.name), open)
        assertEquals(1, info.activities.orEmpty().size)
        assertNull(info.receivers)
        assertNull(info.services)
        val provider = info.providers.orEmpty().single()
        assertEquals(ResultProvider::class.java.name, provider.name)
        assertFalse(provider.exported)
        assertTrue(provider.grantUriPermissions)
        val main = ComponentName(app, MainActivity::class.java)
        assertEquals(main, opens("madoguchi://enrol?service=x"))
        for (other in listOf("madoguchi://other", "https://madoguchi.invalid/enrol", "file:///sdcard/x")) assertNull(other, opens(other))
    }

    @Test
    fun `nothing of it is backed up or taken to another device`() {
        val flags = checkNotNull(info.applicationInfo).flags
        assertEquals(0, flags and ApplicationInfo.FLAG_ALLOW_BACKUP)
        assertEquals("false", source().elements("application").single().android("fullBackupContent"))
        val rules = app.resources.getXml(R.xml.data_extraction_rules)
        val excluded = mutableSetOf<String>()
        var under = ""
        while (rules.next() != XmlPullParser.END_DOCUMENT) {
            if (rules.eventType != XmlPullParser.START_TAG) continue
            if (rules.name != "exclude") under = rules.name else excluded += "$under ${rules.getAttributeValue(null, "domain")}"
        }
        val domains = listOf("root", "file", "database", "sharedpref", "external")
        for (way in listOf("cloud-backup", "device-transfer")) {
            for (domain in domains) assertTrue("$way $domain", "$way $domain" in excluded)
        }
    }

    @Test
    fun `nothing is sent in the clear, and the platform itself trusts nobody`() {
        assertEquals(0, checkNotNull(info.applicationInfo).flags and ApplicationInfo.FLAG_USES_CLEARTEXT_TRAFFIC)
        assertEquals("@xml/network_security_config", source().elements("application").single().android("networkSecurityConfig"))
        val rules = app.resources.getXml(R.xml.network_security_config)
        val tags = mutableListOf<String>()
        while (rules.next() != XmlPullParser.END_DOCUMENT) {
            if (rules.eventType != XmlPullParser.START_TAG) continue
            tags += rules.name
            if (rules.name == "base-config") assertEquals("false", rules.getAttributeValue(null, "cleartextTrafficPermitted"))
        }
        assertEquals(listOf("network-security-config", "base-config", "trust-anchors"), tags)
    }

    private fun opens(link: String): ComponentName? =
        Intent(Intent.ACTION_VIEW, Uri.parse(link)).addCategory(Intent.CATEGORY_BROWSABLE).resolveActivity(app.packageManager)

    /** The framework drops what does not hold at its own level: that is read where it is written. */
    private fun source() = DocumentBuilderFactory.newInstance().apply { isNamespaceAware = true }.newDocumentBuilder()
        .parse(File("src/main/AndroidManifest.xml")).documentElement

    private fun Element.elements(name: String): List<Element> =
        getElementsByTagName(name).let { found -> List(found.length) { found.item(it) as Element } }

    private fun Element.android(name: String): String = getAttributeNS("http://schemas.android.com/apk/res/android", name)
}
