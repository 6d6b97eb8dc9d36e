//! Where eligibility comes from, and what of it one check is told.

use core::future::Future;

use eligibility::{Code, DateText, Eligibility, japan_date};
use pki::{Accepted, Grace, Verified};
use service::messages::Consents;
use time::{OffsetDateTime, UtcOffset};

/// The seam to the insurers' system (the 医療保険者等 side of オンライン資格確認).
///
/// It is asked with a certificate that was verified, because only the serial number of a certificate leads to a
/// person; it answers with the whole record, and the caller leaves out what the patient did not agree to.
pub(crate) trait EligibilitySource: Send + Sync {
    /// The record of the holder; `None` where the certificate is linked to nobody.
    fn find(
        &self,
        certificate: &Verified,
    ) -> impl Future<Output = Result<Option<Eligibility>, SourceUnavailable>> + Send;
}

/// The insurers' system did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the source of eligibility is not available")]
pub(crate) struct SourceUnavailable;

/// What one check is told: the record with consents applied and the notice about the certificate.
pub(crate) fn answer(
    found: Option<Eligibility>,
    consents: Consents,
    certificate: &Verified,
    accepted: &Accepted,
    notice_months: u8,
) -> Eligibility {
    let now = certificate.checked_at();
    let mut eligibility = found.unwrap_or_else(not_linked);
    for record in &mut eligibility.results {
        if consents.limit_amount {
            record.limit_application_certificate_related_cons_flg = Some(Code::new("1"));
            record.limit_application_certificate_related_cons_time = Some(japan_time(now));
        } else {
            record.limit_application_certificate_related_cons_flg = Some(Code::new("0"));
            record.limit_application_certificate_related_cons_time = None;
            record.limit_application_certificate_related_info = None;
        }
    }
    eligibility.processing_result_message = notice(certificate, accepted, now, notice_months);
    eligibility
}

/// 該当資格なし: a certificate that no insurer has linked to a person.
fn not_linked() -> Eligibility {
    Eligibility {
        processing_result_status: Some(Code::new("1")),
        qualification_validity: Some(Code::new("4")),
        ..Eligibility::default()
    }
}

/// The real service says on success that the certificate runs out within three months; its words are not public,
/// and these are ours.
fn notice(certificate: &Verified, accepted: &Accepted, now: OffsetDateTime, months: u8) -> Option<String> {
    let last_day = |instant| {
        let day = japan_date(instant);
        format!("{}年{}月{}日", day.year(), u8::from(day.month()), day.day())
    };
    if let Some(since) = accepted.expired_since() {
        return Some(format!(
            "電子証明書の有効期限が切れています（{}まで有効）。{}までは資格確認に使えます。",
            last_day(since),
            last_day(accepted.usable_until())
        ));
    }
    let soon = Grace::months(months).end(now) >= certificate.not_after();
    soon.then(|| {
        format!("電子証明書の有効期限が近づいています（{}まで有効）。", last_day(certificate.not_after()))
    })
}

/// YYYYMMDDHHMMSS in Japan.
fn japan_time(now: OffsetDateTime) -> String {
    let japan = UtcOffset::from_hms(9, 0, 0).expect("nine hours is an offset");
    let now = now.to_offset(japan);
    let (hour, minute, second) = now.to_hms();
    format!("{}{hour:02}{minute:02}{second:02}", DateText::from(now.date()).as_str())
}
