package jp.madoguchi.app.ui

import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import java.time.Duration
import java.time.LocalDate
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import java.time.temporal.ChronoUnit
import java.util.concurrent.ConcurrentHashMap
import jp.madoguchi.app.testing.Readers
import jp.madoguchi.app.testing.Sandbox
import jp.madoguchi.core.Action
import jp.madoguchi.core.Battery
import jp.madoguchi.core.Config
import jp.madoguchi.core.Counter
import jp.madoguchi.core.Cues
import jp.madoguchi.core.DeviceKey
import jp.madoguchi.core.DeviceKeyException
import jp.madoguchi.core.Era
import jp.madoguchi.core.ExportPolicy
import jp.madoguchi.core.ExposedPin
import jp.madoguchi.core.Fact
import jp.madoguchi.core.Language
import jp.madoguchi.core.Lengths
import jp.madoguchi.core.Link
import jp.madoguchi.core.Lost
import jp.madoguchi.core.Method
import jp.madoguchi.core.Page
import jp.madoguchi.core.Progress
import jp.madoguchi.core.Protection
import jp.madoguchi.core.ReaderInfo
import jp.madoguchi.core.ReaderLife
import jp.madoguchi.core.Screen
import jp.madoguchi.core.ServiceAddress
import jp.madoguchi.core.ServiceRoot
import jp.madoguchi.core.Storage
import jp.madoguchi.core.TapStep
import kotlinx.coroutines.runBlocking
import org.json.JSONObject

/**
 * Every screen of the app, as the real core makes it: a device enrolled at the sandbox's service, used with the cards of its
 * persons. Taken once for all tests; each picture exists in both languages.
 */
internal object Album {
    val scenes: Map<String, Map<Language, Scene>> by lazy { Photographer().take() }

    fun scene(name: String, language: Language): Scene =
        scenes[name]?.get(language) ?: error("the album has no $name")
}

private class Photographer {
    private val sandbox = Sandbox()
    private var key = SoftKey()
    private val scenes = mutableMapOf<String, Map<Language, Scene>>()
    private var counter = counter()

    fun take(): Map<String, Map<Language, Scene>> = sandbox.use {
        setUp()
        choosing()
        typing()
        holding()
        results()
        another()
        failures()
        another()
        readers()
        settings()
        loggingIn()
        scenes
    }

    private fun setUp() {
        snap("set-up-link")
        val fingerprint = ServiceRoot.Fingerprint(ByteArray(32))
        counter = counter(ServiceAddress("https://service.invalid:8443", fingerprint))
        snap("set-up")
        act(Action.About)
        snap("about")
        snap("licences", own = OwnPage.LICENCES)
        act(Action.Back)
        act(Action.OpenLink("https://example.invalid/"))
        snap("failure-link")
        act(Action.Back)
        counter = counter()
        act(Action.OpenLink(sandbox.replaceDevice(sandbox.addDevice().account).link))
        snap("confirm-link-replacing")
        act(Action.Back)
        act(Action.OpenLink(sandbox.addDevice().link))
        snap("confirm-link")
        act(Action.Confirm)
        snap("waiting-enrolling")
        settle()
        snap("choose-passcode")
        passcode("111111")
        snap("choose-passcode-weak")
        passcode(PASSCODE)
        snap("choose-passcode-again")
        passcode(PASSCODE)
        if (counter.screen().view is Page.LogIn) passcode(PASSCODE)
    }

    private fun choosing() {
        snap("choose-first")
        act(Action.DisableBiometrics)
        act(Action.Settings)
        act(Action.SetDefaultMethod(Method.VISUAL))
        act(Action.SetExport(ExportPolicy.COPY_AND_FILE))
        act(Action.Back)
        snap("choose")
        sandbox.notice(
            "11月28日（土）22時から翌6時まで、点検のため使えません。",
            "No service from 28 November, 22:00, until 6:00 the next day, for maintenance.",
        )
        act(Action.Lock)
        snap("log-in")
        passcode(PASSCODE)
        snap("choose-notice")
    }

    private fun typing() {
        act(Action.Choose(Method.VISUAL))
        snap("birth-date")
        act(Action.Era(Era.SHOWA))
        type("3504")
        snap("birth-date-typed")
        type("99")
        snap("birth-date-wrong")
        act(Action.Era(Era.REIWA))
        type("060101")
        snap("warning-no-photo")
        act(Action.Cancel)
        act(Action.Choose(Method.PIN))
        snap("pin")
        type("12")
        snap("pin-typed")
    }

    private fun holding() {
        type("34")
        settle()
        snap("hold")
        snap("hold-reading", progress = Progress(6u, 11u))
        counter.tap(Link.Direct)?.use { it.lost(Lost.CardGone) }
        snap("hold-again")
        hold("hanako")
        check(counter.screen().view is Page.Result)
    }

    private fun results() {
        snap("result")
        next()
        for ((name, person) in RESULTS) {
            pin()
            hold(person)
            snap("result-$name")
            next()
        }
    }

    /** Another device of the same institution: the service takes so many checks a minute of each. */
    private fun another() {
        key = SoftKey()
        counter = counter()
        act(Action.OpenLink(sandbox.addDevice().link))
        act(Action.Confirm)
        settle()
        repeat(3) { if (counter.screen().view !is Page.Choose) passcode(PASSCODE) }
        act(Action.DisableBiometrics)
    }

    private fun failures() {
        pin("9999")
        hold("hanako")
        snap("failure-pin")
        act(Action.Cancel)
        for ((name, person) in FAILURES) {
            pin()
            hold(person)
            snap("failure-$name")
            next()
        }
        pin()
        hold("nokori")
        snap("last-try")
        act(Action.GoOn)
        snap("pin-last-try")
        act(Action.Cancel)
        pin()
        tap("hanako")
        snap("waiting-checking")
        settle()
        next()
    }

    private fun readers() {
        val reader = ReaderInfo(
            name = "ACR1255U-J1-012345",
            kind = "ACS ACR1255U-J1",
            protection = Protection.CUSTOMER_KEY,
            life = ReaderLife.POLLING,
            battery = Battery.Percent(74u),
            firmware = "ACR1255U-J1 V1.03",
            serial = "RR330-012345",
            sleepDelay = null,
        )
        act(Action.ReaderInUse(reader))
        pin()
        snap("hold-reader")
        act(Action.ReaderInUse(reader.copy(life = ReaderLife.ASLEEP)))
        snap("hold-reader-asleep")
        act(Action.Cancel)
        act(Action.ReaderInUse(reader.copy(protection = Protection.FACTORY_KEY, battery = Battery.Percent(12u))))
        snap("choose-reader-exposed")
        act(Action.Settings)
        snap("settings-reader")
        snap("readers", own = OwnPage.READERS)
        snap("readers-not-allowed", own = OwnPage.READERS)
        act(Action.EnterReaderKey)
        snap("reader-key")
        act(Action.Back)
        act(Action.SetExposedPin(ExposedPin.DANGER_AFTER_WARNING))
        act(Action.Back)
        act(Action.Choose(Method.PIN))
        snap("warning-exposed")
        act(Action.Cancel)
        act(Action.ReaderInUse(null))
    }

    private fun settings() {
        act(Action.Settings)
        snap("settings")
        act(Action.ForgetDevice)
        snap("warning-forget")
        act(Action.Back)
        act(Action.Back)
    }

    private fun loggingIn() {
        act(Action.Lock)
        passcode("999999")
        snap("log-in-wrong")
        repeat(4) {
            counter.slept(Duration.ofMinutes(3))
            passcode("999999")
        }
        snap("log-in-wait")
        counter.slept(Duration.ofHours(2))
        passcode(PASSCODE)
        act(Action.EnableBiometrics(key.publicKey()))
        settle()
        act(Action.Lock)
        snap("log-in-biometrics")
    }

    private fun pin(digits: String = "1234") {
        act(Action.Choose(Method.PIN))
        type(digits)
        settle()
    }

    private fun type(digits: String) = digits.forEach { act(Action.Digit(it.digitToInt().toUByte())) }

    private fun passcode(digits: String) {
        act(Action.Passcode(digits.toByteArray()))
        settle()
    }

    private fun next() {
        act(Action.Next)
        act(Action.Cancel)
        settle()
    }

    private fun hold(person: String) {
        tap(person)
        settle()
    }

    /** The card as the shell's loop meets it, without a phone in between. */
    private fun tap(person: String) = Readers.open(JSONObject().put("open", "card").put("card", person)).use { card ->
        card.send(byteArrayOf(POWER_ON))
        val tap = counter.tap(Link.Direct) ?: error("no tap for $person: ${counter.screen().view.told()}")
        tap.use {
            var step = it.next(null)
            while (step is TapStep.Transmit) {
                card.send(step.command)
                step = it.next(card.receive())
            }
        }
    }

    private fun act(action: Action): Screen = counter.act(action)

    private fun settle() = runBlocking {
        while (counter.screen().work) counter.run()
    }

    private fun snap(name: String, progress: Progress? = null, own: OwnPage? = null) {
        val before = counter.screen().language
        scenes[name] = Language.entries.associateWith { language ->
            Scene(act(Action.SetLanguage(language)).tidy(), progress, own)
        }
        act(Action.SetLanguage(before))
    }

    private fun counter(service: ServiceAddress? = null) = Counter(
        Config(
            service = service,
            helpDesk = "まどぐちサポート 0120-000-000",
            language = Language.JA,
            lengths = Lengths.SHORT,
            biometrics = true,
            nfc = true,
            cues = Cues(sound = true, vibration = true),
        ),
        key,
        MemoryStorage(),
    )

    private companion object {
        const val PASSCODE = "407182"
        const val POWER_ON: Byte = 1

        val RESULTS = mapOf(
            "newer" to "natsuko",
            "invalid" to "ichiro",
            "none" to "nashio",
            "several" to "fuku",
            "missing-share" to "kumao",
            "unmappable-name" to "sotoji",
            "certificate-expired" to "kire",
        )

        val FAILURES = mapOf(
            "locked" to "rokku",
            "expired" to "mukashi",
            "not-my-number" to "suika",
            "no-pin" to "kaori",
        )
    }
}

/** What stands in the way of a tap. */
private fun Page.told(): String = (this as? Page.Failure)?.view?.run { "$code $cause" } ?: this::class.java.simpleName

/** A key of a device that is none, and whose key store is not what is looked at. */
private class SoftKey : DeviceKey {
    private var pair: KeyPair? = null

    override fun create(challenge: ByteArray): List<ByteArray> {
        pair = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
        return emptyList()
    }

    override fun publicKey(): ByteArray = kept().public.encoded.takeLast(65).toByteArray()

    override fun sign(message: ByteArray): ByteArray = Signature.getInstance("SHA256withECDSA").run {
        initSign(kept().private)
        update(message)
        sign()
    }

    override fun delete() {
        pair = null
    }

    private fun kept() = pair ?: throw DeviceKeyException.Missing()
}

private class MemoryStorage : Storage {
    private val kept = ConcurrentHashMap<String, ByteArray>()

    override fun load(name: String): ByteArray? = kept[name]

    override fun store(name: String, bytes: ByteArray) {
        kept[name] = bytes
    }

    override fun delete(name: String) {
        kept.remove(name)
    }
}

/** What is another one each day, so that pictures of one day are those of another. */
private fun Screen.tidy(): Screen {
    val today = LocalDate.now(ZoneId.of("Asia/Tokyo"))
    val fixed = LocalDate.of(2026, 11, 23)
    fun String.tidy() = replace(wareki(today), wareki(fixed))
        .replace(today.toString(), fixed.toString())
        .replace(Regex("\\b\\d{1,2}:\\d{2}(?=・| ·)"), "9:12")
        .replace(Regex("localhost:\\d+"), "localhost:8443")
        .replace(Regex("\\bS\\d{8}\\b"), "S00000001")
    fun Fact.tidy() = copy(value = value.tidy())
    val page = when (val page = view) {
        is Page.ConfirmLink -> page.copy(
            view = page.view.copy(service = page.view.service.tidy(), replaces = page.view.replaces?.tidy()),
        )
        is Page.Settings -> page.copy(view = page.view.copy(facts = page.view.facts.map { it.tidy() }))
        is Page.About -> page.copy(view = page.view.copy(facts = page.view.facts.map { it.tidy() }))
        is Page.Result -> page.copy(
            view = page.view.copy(
                confirmed = page.view.confirmed.tidy(),
                notices = page.view.notices.map { it.certificateTidied(instead = LocalDate.of(2026, 10, 14)) },
                checkId = page.view.checkId.replace(Regex("[0-9a-zA-Z]"), "0"),
                clearText = page.view.clearText.replace(Regex("\\d+"), "58"),
                records = page.view.records.map { record ->
                    record.copy(
                        born = record.born?.aged(fixed),
                        sections = record.sections.map { section ->
                            section.copy(lines = section.lines.map { it.copy(value = it.value.tidy()) })
                        },
                    )
                },
            ),
        )
        else -> page
    }
    return copy(view = page)
}

/** The certificate of a person of the sandbox ended some days ago, on whichever day it is looked at, and serves for three months more. */
private fun String.certificateTidied(instead: LocalDate): String {
    val ended = dated() ?: return this
    val moved = mapOf(ended to instead, ended.plusMonths(GRACE) to instead.plusMonths(GRACE))
    return moved.entries.fold(this) { words, (date, fixed) ->
        words.replace(wareki(date), wareki(fixed)).replace(date.toString(), fixed.toString())
            .replace(date.format(WESTERN), fixed.format(WESTERN))
    }
}

/** The first day that is named. */
private fun String.dated(): LocalDate? = ISO.find(this)?.value?.let(LocalDate::parse)
    ?: ERA.find(this)?.destructured?.let { (era, year, month, day) ->
        LocalDate.of(ERAS.getValue(era) + (year.toIntOrNull() ?: 1), month.toInt(), day.toInt())
    }
    ?: JAPANESE.find(this)?.value?.let { LocalDate.parse(it, WESTERN) }

/** As old as on that day. */
private fun String.aged(on: LocalDate): String {
    val age = ChronoUnit.YEARS.between(dated() ?: return this, on)
    return replace(Regex("\\d+(?=歳)|(?<=age )\\d+"), age.toString())
}

private const val GRACE = 3L
private val WESTERN = DateTimeFormatter.ofPattern("yyyy年M月d日")
private val ISO = Regex("\\d{4}-\\d{2}-\\d{2}")
private val ERA = Regex("(明治|大正|昭和|平成|令和)(元|\\d+)年(\\d+)月(\\d+)日")
private val JAPANESE = Regex("\\d{4}年\\d+月\\d+日")
private val ERAS = mapOf("明治" to 1867, "大正" to 1911, "昭和" to 1925, "平成" to 1988, "令和" to 2018)

private fun wareki(date: LocalDate) = "令和${date.year - 2018}年${date.monthValue}月${date.dayOfMonth}日"
