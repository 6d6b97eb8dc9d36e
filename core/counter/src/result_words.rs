//! A response of the service in words.

use std::time::Duration;

use eligibility::{
    Code, CodeTable, DateText, Label, Ratio, Record, Text, Validity, Wareki, japan_date,
    tables::QualificationValidity,
};
use service::messages::CheckResponse;
use time::{Date, OffsetDateTime, UtcOffset};

use crate::{
    ExportPolicy, Failure, Language, Method, ResultView, Tone, ValidityView, export,
    texts::{Texts, texts},
};

/// How many days before its end a certificate is told to be renewed: three months, as the face readers at
/// hospitals do it.
const RENEWAL_DAYS: i64 = 92;

/// The language, with what needs it.
pub(crate) struct Words {
    pub(crate) language: Language,
    pub(crate) texts: &'static Texts,
    /// The day of the check in Japan.
    pub(crate) day: Date,
    /// Whether a line may be copied.
    pub(crate) copies: bool,
}

/// Puts a response into words.
pub(crate) fn result_view(
    response: &CheckResponse,
    method: Method,
    language: Language,
    policy: ExportPolicy,
    clear_at: Duration,
    now: Duration,
) -> ResultView {
    let texts = texts(language);
    let checked_at = time_of(response.checked_at);
    let copied = export::copied(policy, texts);
    let words = Words { language, texts, day: japan_date(checked_at), copies: copied.is_some() };
    let eligibility = &response.eligibility;
    let validity = eligibility.validity();
    let several = eligibility.results.len() > 1;
    let records = eligibility.results.iter().enumerate();
    let records = records.map(|(at, record)| words.record(record, several.then_some(at + 1), validity));
    let left = clear_at.saturating_sub(now).as_millis().div_ceil(1000);
    let left = u64::try_from(left).unwrap_or(u64::MAX);
    ResultView {
        validity: words.validity(eligibility.qualification_validity.as_ref().map(Code::as_str), validity),
        confirmed: words.confirmed(checked_at, method),
        advice: words.advice(validity, eligibility.results.first()),
        fallbacks: match validity {
            Some(Validity::Valid | Validity::ValidUnregistered | Validity::Several) => Vec::new(),
            _ => Failure::fallbacks(language),
        },
        notices: words.notices(response, checked_at),
        records: records.collect(),
        exports: export::choices(response, policy, texts),
        copied,
        check_id: response.check_id.clone(),
        clear_at,
        clear_text: texts.with("result-clears", [("seconds", left.into())]),
    }
}

/// A time that the service cannot have meant becomes 1970: shown, and plainly wrong.
pub(crate) fn time_of(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

impl Words {
    pub(crate) fn text(&self, text: Text) -> String {
        match self.language {
            Language::Ja => text.ja,
            Language::En => text.en,
        }
        .to_owned()
    }

    pub(crate) fn label(&self, labels: &[Label], element: &str) -> String {
        let label = labels.iter().find(|label| label.element == element);
        label.map_or_else(|| element.to_owned(), |label| self.text(label.text))
    }

    /// Japanese years as on the card; in English the date as in English, with the Japanese one for comparing.
    pub(crate) fn date(&self, date: Date) -> String {
        let wareki = Wareki::from_date(date).map(|wareki| wareki.to_string());
        match (self.language, wareki) {
            (Language::Ja, Some(wareki)) => wareki,
            (Language::En, Some(wareki)) => format!("{date} ({wareki})"),
            (_, None) => date.to_string(),
        }
    }

    /// What is no date is shown as it came.
    pub(crate) fn date_text(&self, text: &DateText) -> String {
        text.date().map_or_else(|| text.as_str().to_owned(), |date| self.date(date))
    }

    /// What the table does not know is shown as it came.
    pub(crate) fn code<T: CodeTable>(&self, code: &Code<T>) -> String {
        match code.text() {
            Some(text) => self.text(text),
            None => self.texts.with("code-unknown", [("code", code.as_str().into())]),
        }
    }

    pub(crate) fn percent(&self, percent: u8) -> String {
        match self.language {
            Language::Ja if percent.is_multiple_of(10) => format!("{}割", percent / 10),
            _ => format!("{percent}%"),
        }
    }

    pub(crate) fn ratio(&self, ratio: &Ratio) -> String {
        ratio.percent().map_or_else(|| ratio.as_str().to_owned(), |percent| self.percent(percent))
    }

    pub(crate) fn confirmed(&self, at: OffsetDateTime, method: Method) -> String {
        let japan = UtcOffset::from_hms(9, 0, 0).expect("nine hours is an offset");
        // At the very end of time there is no next hour in Japan.
        let local = at.checked_to_offset(japan).unwrap_or(at);
        let time = format!("{}:{:02}", local.hour(), local.minute());
        let method = self.texts.text(match method {
            Method::Pin => "method-pin-short",
            Method::Visual => "method-visual-short",
        });
        let date = self.date(self.day);
        self.texts.with(
            "result-confirmed",
            [("date", date.into()), ("time", time.into()), ("method", method.into())],
        )
    }

    pub(crate) fn validity(&self, code: Option<&str>, validity: Option<Validity>) -> ValidityView {
        let (symbol, tone) = match validity {
            Some(Validity::Valid) => ("✓", Tone::Good),
            Some(Validity::Invalid) => ("✕", Tone::Bad),
            Some(Validity::InvalidNewerExists) => ("↻", Tone::Changed),
            Some(Validity::NotFound) => ("–", Tone::Neutral),
            Some(Validity::Several) => ("≡", Tone::Several),
            Some(Validity::ValidUnregistered) => ("✓", Tone::Neutral),
            _ => ("?", Tone::Neutral),
        };
        let word = match code {
            Some(code) => self.code(&Code::<QualificationValidity>::new(code)),
            None => self.texts.text("not-registered"),
        };
        ValidityView { word, symbol: symbol.to_owned(), tone }
    }

    pub(crate) fn advice(&self, validity: Option<Validity>, record: Option<&Record>) -> Option<String> {
        let ended =
            record.and_then(|record| record.disqualification_date.as_ref()).map(|date| self.date_text(date));
        let ended = |with: &str, without: &str| match ended {
            Some(date) => self.texts.with(with, [("date", date.into())]),
            None => self.texts.text(without),
        };
        Some(match validity? {
            // Nothing is advised on a code that this version does not know.
            Validity::Invalid => ended("advice-invalid-since", "advice-invalid"),
            Validity::InvalidNewerExists => ended("advice-newer-since", "advice-newer"),
            Validity::NotFound => self.texts.text("advice-not-found"),
            Validity::Several => self.texts.text("advice-several"),
            Validity::ValidUnregistered => self.texts.text("advice-unregistered"),
            _ => return None,
        })
    }

    /// That no card proved anything, or that the certificate runs out, in our words, and what the service said, as it came. Where the service spoke of
    /// the certificate itself, which it does in Japanese, Japanese staff need not read it twice.
    pub(crate) fn notices(&self, response: &CheckResponse, checked_at: OffsetDateTime) -> Vec<String> {
        let eligibility = &response.eligibility;
        let said = eligibility.processing_result_message.as_deref().map(|message| {
            match eligibility.processing_result_code.as_deref() {
                Some(code) => format!("{message} ({code})"),
                None => message.to_owned(),
            }
        });
        let spoke_of_it = said.as_ref().is_some_and(|said| said.contains("電子証明書"));
        let enough = spoke_of_it && self.language == Language::Ja;
        let own = if enough { None } else { self.certificate_notice(response, checked_at) };
        let attested = response.danger_attested_visual.then(|| self.texts.text("danger-attested-visual"));
        attested.into_iter().chain(own).chain(said).collect()
    }

    fn certificate_notice(&self, response: &CheckResponse, checked_at: OffsetDateTime) -> Option<String> {
        let not_after = time_of(response.certificate_not_after);
        let (name, day) = match response.certificate_expired_since {
            Some(since) => ("certificate-expired", time_of(since)),
            None if (not_after - checked_at).whole_days() <= RENEWAL_DAYS => {
                ("certificate-expires", not_after)
            }
            None => return None,
        };
        Some(self.texts.with(name, [("date", self.date(japan_date(day)).into())]))
    }
}
