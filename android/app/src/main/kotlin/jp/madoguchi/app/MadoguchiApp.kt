package jp.madoguchi.app

import android.app.Application
import android.content.pm.PackageManager
import jp.madoguchi.app.share.Clipboard
import jp.madoguchi.core.Config
import jp.madoguchi.core.Counter
import jp.madoguchi.core.Cues as CuesOfDevice
import jp.madoguchi.core.Language
import jp.madoguchi.core.Lengths
import jp.madoguchi.core.logTo
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import java.util.Locale

/** The process: it holds the counter, and what the counter needs of the device. */
open class MadoguchiApp : Application() {
    val platform: Platform by lazy { platform() }

    /** One for all activities: what was copied before the device was turned is taken away as well. */
    internal val clipboard: Clipboard by lazy { Clipboard(this) }

    /** The counter, opened when it is first wanted. */
    val desk: Desk by lazy {
        val cues = Cues(this)
        val counter = Counter(config(cues), platform.key, platform.storage)
        Desk(counter, CoroutineScope(SupervisorJob() + Dispatchers.Main), cues).also {
            it.platform = platform::shown
            platform.open(it)
        }
    }

    override fun onCreate() {
        super.onCreate()
        // The phone's own log, from the first line on; it needs no sink.
        logTo(null)
    }

    protected open fun platform(): Platform = AndroidPlatform(this)

    protected open fun operator(): Operator = Operator.of(resources)

    private fun config(cues: Cues): Config {
        val operator = operator()
        val japanese = resources.configuration.locales[0].language == Locale.JAPANESE.language
        return Config(
            service = operator.service,
            helpDesk = operator.helpDesk,
            language = if (japanese) Language.JA else Language.EN,
            lengths = Lengths.SHORT,
            biometrics = platform.biometrics,
            nfc = platform.nfc,
            cues = CuesOfDevice(sound = packageManager.hasSystemFeature(PackageManager.FEATURE_AUDIO_OUTPUT), vibration = cues.vibrates),
        )
    }
}
