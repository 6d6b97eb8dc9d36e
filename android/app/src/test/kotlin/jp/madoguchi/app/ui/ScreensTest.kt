package jp.madoguchi.app.ui

import android.app.Activity
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Canvas
import android.view.View
import android.widget.ScrollView
import jp.madoguchi.app.R
import jp.madoguchi.core.Action
import jp.madoguchi.core.ExportChoice
import jp.madoguchi.core.Language
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import java.io.File

/** Every screen is drawn, in every way; some are kept, to be looked at. */
@RunWith(RobolectricTestRunner::class)
class ScreensTest {
    private val folder = File(System.getProperty("madoguchi.screens") ?: error("madoguchi.screens is not set"))
    private val update = System.getProperty("madoguchi.screens.update").toBoolean()
    private val faults = mutableListOf<String>()

    @Test
    fun `on a phone in light, each looks as in the documentation`() {
        val stage = Stage(Look.PHONE)
        for (name in Album.scenes.keys) for (language in Language.entries) kept(name, language, stage)
        none()
    }

    @Test
    fun `the four that matter most look as in the documentation, on phone and tablet, light and dark, small and large`() {
        for (look in Look.KEPT - Look.PHONE) {
            val stage = Stage(look)
            for (name in MATTER_MOST) kept(name, Language.JA, stage)
        }
        none()
    }

    @Test
    fun `in Japanese nothing is cut, faint, too small to press or without a name, however it is drawn`() = all(Language.JA)

    @Test
    fun `in English nothing is cut, faint, too small to press or without a name, however it is drawn`() = all(Language.EN)

    @Test
    fun `on a small phone all keys are there without scrolling`() {
        val stage = Stage(Look.SMALL)
        for (name in listOf("pin", "pin-last-try", "birth-date", "birth-date-wrong")) {
            for (language in Language.entries) {
                val scroll = stage.draw(Album.scene(name, language)).requireViewById<ScrollView>(R.id.scroll)
                if (scroll.getChildAt(0).height > scroll.height) faults += "$name ${language.name} scrolls"
            }
        }
        none()
    }

    @Test
    fun `no picture is kept of what there is no more`() {
        val kept = folder.list().orEmpty().toSet()
        val wanted = Album.scenes.keys.flatMap { name -> Language.entries.map { file(name, it, Look.PHONE).name } } +
            MATTER_MOST.flatMap { name -> (Look.KEPT - Look.PHONE).map { file(name, Language.JA, it).name } }
        val gone = kept - wanted.toSet() - "README.md"
        if (update) gone.forEach { File(folder, it).delete() } else assertTrue("$gone", gone.isEmpty())
    }

    private fun all(language: Language) {
        for (look in Look.ALL) {
            val stage = Stage(look)
            for (name in Album.scenes.keys) {
                val drawn = stage.draw(Album.scene(name, language))
                faults += Audit(drawn).faults().map { "$name ${language.name} ${look.name}: $it" }
            }
        }
        none()
    }

    private fun file(name: String, language: Language, look: Look) =
        File(folder, "$name-${language.name.lowercase()}${look.suffix}.png")

    private fun kept(name: String, language: Language, stage: Stage) {
        val drawn = stage.draw(Album.scene(name, language))
        val bitmap = Bitmap.createBitmap(drawn.width, drawn.height, Bitmap.Config.ARGB_8888)
        drawn.draw(Canvas(bitmap))
        val file = file(name, language, stage.look)
        if (update) {
            folder.mkdirs()
            file.writeBytes(Picture(bitmap).png())
            return
        }
        val before = BitmapFactory.decodeFile(file.path)
        val other = if (before == null) "is missing: cargo xtask screens --update" else Picture(bitmap).difference(Picture(before))
        other?.let { faults += "${file.name} $it" }
    }

    private fun none() {
        assertTrue(faults.joinToString("\n", prefix = "\n"), faults.isEmpty())
    }

    private companion object {
        val MATTER_MOST = listOf("choose", "pin-typed", "result", "failure-pin")
    }
}

/** The screen of such a device. */
internal class Stage(val look: Look) {
    private val activity: Activity

    init {
        RuntimeEnvironment.setQualifiers(look.qualifiers)
        RuntimeEnvironment.setFontScale(look.font)
        activity = Robolectric.buildActivity(Activity::class.java).setup().get()
    }

    fun draw(scene: Scene): View {
        val view = ScreenView(activity, NoHands)
        view.show(scene)
        val metrics = activity.resources.displayMetrics
        view.measure(
            View.MeasureSpec.makeMeasureSpec(metrics.widthPixels, View.MeasureSpec.EXACTLY),
            View.MeasureSpec.makeMeasureSpec(metrics.heightPixels, View.MeasureSpec.EXACTLY),
        )
        view.layout(0, 0, view.measuredWidth, view.measuredHeight)
        return view
    }
}

/** A device, held in a way, set up in a way. */
internal data class Look(val name: String, val qualifiers: String, val font: Float) {
    /** As it stands in file names; nothing for the usual one. */
    val suffix: String get() = if (this == PHONE) "" else "-$name"

    companion object {
        private const val PHONE_UP = "ja-rJP-w360dp-h760dp-port-notnight-xhdpi"
        private const val PHONE_DARK = "ja-rJP-w360dp-h760dp-port-night-xhdpi"
        private const val PHONE_DOWN = "ja-rJP-w740dp-h360dp-land-notnight-xhdpi"
        private const val PHONE_SMALL = "ja-rJP-w320dp-h480dp-port-notnight-xhdpi"
        private const val PHONE_SHORT = "ja-rJP-w360dp-h640dp-port-notnight-xhdpi"
        private const val TABLET = "ja-rJP-sw800dp-w1180dp-h820dp-land-notnight-hdpi"
        private const val TABLET_DARK = "ja-rJP-sw800dp-w1180dp-h820dp-land-night-hdpi"
        private const val TABLET_UP = "ja-rJP-sw600dp-w600dp-h960dp-port-notnight-hdpi"

        val PHONE = Look("phone", PHONE_UP, 1f)
        val SMALL = Look("small-phone", PHONE_SHORT, 1f)
        private val VARIANTS = listOf(
            PHONE,
            Look("phone-dark", PHONE_DARK, 1f),
            Look("phone-large", PHONE_UP, 2f),
            Look("phone-dark-large", PHONE_DARK, 2f),
            Look("tablet", TABLET, 1f),
            Look("tablet-dark", TABLET_DARK, 1f),
            Look("tablet-large", TABLET, 2f),
            Look("tablet-dark-large", TABLET_DARK, 2f),
        )
        val KEPT = VARIANTS.toSet()
        val ALL = VARIANTS + listOf(
            SMALL,
            Look("phone-on-its-side", PHONE_DOWN, 1f),
            Look("phone-on-its-side-large", PHONE_DOWN, 2f),
            Look("half-a-phone", PHONE_SMALL, 1f),
            Look("half-a-phone-large", PHONE_SMALL, 2f),
            Look("tablet-upright", TABLET_UP, 1f),
            Look("tablet-upright-large", TABLET_UP, 2f),
        )
    }
}

/** Nobody presses anything here. */
internal object NoHands : Hands {
    override val drafts = Drafts()
    override val readers: Readers = object : Readers {
        override val state = ReadersState(
            used = "ACR1255U-J1-012345",
            found = listOf(FoundReader("FT_BR500_012345", "Feitian bR500", "00:11:22:33:44:55")),
            searching = true,
        )
        override var changed: (() -> Unit)? = null
        override fun search() = Unit
        override fun stop() = Unit
        override fun use(reader: FoundReader) = Unit
        override fun forget() = Unit
    }

    override fun act(action: Action) = Unit
    override fun passcode(typed: CharArray) = Unit
    override fun account(account: String, code: String) = Unit
    override fun readerKey(typed: CharArray) = Unit
    override fun export(choice: ExportChoice) = Unit
    override fun copy(value: String, done: String) = Unit
    override fun biometrics() = Unit
    override fun biometrics(on: Boolean) = Unit
    override fun open(page: OwnPage?) = Unit
}
