//! Certificates of earlier checks: `POST /v1/known-certificates`, and what a check does with them.
//!
//! A certificate enters only after a check with PIN that carried it whole and was answered, for the institution that
//! asked. It spares a card from being read whole again, and nothing else: with a certificate from here every check is
//! made as with one that has just arrived.

use std::{borrow::Cow, sync::Arc};

use axum::{
    Extension,
    body::Body,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use pki::card_digest;
use service::messages::{
    CBOR, CertificateAnswer, CertificateQuestion, CheckRequest, ProblemCode, Proof, TagKey,
};
use time::{Date, Month};

use crate::{
    Error,
    authority::time,
    body::{cbor, read_body, sized},
    peer::Peer,
    problem::Refusal,
    secrets::random,
    state::Shared,
    store::{Caller, Remember},
};

/// `POST /v1/known-certificates`.
pub(crate) async fn question(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let caller = shared.caller(&peer).await?;
    shared
        .counters
        .questions
        .take(caller.device.clone(), shared.now())
        .map_err(|seconds| Refusal::after(ProblemCode::RateLimited, seconds))?;
    let body = read_body(&shared, &headers, body, CBOR).await?;
    let question: CertificateQuestion =
        serde_cbor::from_slice(&body).map_err(|_| ProblemCode::MalformedRequest)?;
    let tag = sized(&question.tag)?;
    let known = shared.known_certificate(&caller, &tag).await?.is_some();
    Ok(cbor(&CertificateAnswer { known }).into_response())
}

/// How a check names its certificate.
pub(crate) enum Named {
    /// It carries it, DER.
    Whole(Vec<u8>),
    /// By the tag of one that is kept here.
    Tag([u8; 32]),
}

impl Named {
    /// Takes it out of a request: exactly one of the two, and a tag with a PIN alone.
    pub(crate) fn take(request: &mut CheckRequest) -> Result<Self, ProblemCode> {
        match (request.certificate.take(), request.certificate_tag.take(), &request.proof) {
            (Some(der), None, _) => Ok(Self::Whole(der)),
            (None, Some(tag), Proof::Pin { .. }) => Ok(Self::Tag(sized(&tag)?)),
            _ => Err(ProblemCode::MalformedRequest),
        }
    }
}

impl Shared {
    /// The institution's key for tags, if certificates are kept at all.
    pub(crate) async fn tag_key(&self, institution: &str) -> Result<Option<TagKey>, Error> {
        if self.policy.known_months == 0 {
            return Ok(None);
        }
        let key = self.store.tag_key(institution, &random()?).await?;
        Ok(Some(TagKey::new(key.try_into().map_err(|_| Error::DatabaseDamaged)?)))
    }

    /// The certificate that a check is about, DER.
    pub(crate) async fn certificate<'a>(
        &self,
        caller: &Caller,
        named: &'a Named,
    ) -> Result<Cow<'a, [u8]>, Refusal> {
        match named {
            Named::Whole(der) => Ok(Cow::Borrowed(der)),
            Named::Tag(tag) => {
                let kept = self.known_certificate(caller, tag).await?;
                Ok(Cow::Owned(kept.ok_or(ProblemCode::CardCertificateNeeded)?))
            }
        }
    }

    /// The certificate that is kept for the caller's institution under this tag.
    ///
    /// The tag must still be that of the certificate: an institution whose key is new has no old ones.
    async fn known_certificate(&self, caller: &Caller, tag: &[u8; 32]) -> Result<Option<Vec<u8>>, Error> {
        let institution = caller.institution.code.as_str();
        let Some(key) = self.tag_key(institution).await? else { return Ok(None) };
        let name = self.secrets.certificate_name(tag);
        let sealed = self.store.known_certificate(institution, &name, self.known_since(self.now())).await?;
        let opened = sealed.and_then(|sealed| self.secrets.open_certificate(institution, tag, &sealed));
        Ok(opened.filter(|der| key.tag(&card_digest(der)) == *tag))
    }

    /// What an accepted check with PIN leaves for the next visit.
    pub(crate) async fn remember(&self, caller: &Caller, named: &Named) -> Result<Option<Remember>, Error> {
        let institution = caller.institution.code.as_str();
        let der = match named {
            Named::Tag(tag) => return Ok(Some(Remember::Used { name: self.secrets.certificate_name(tag) })),
            Named::Whole(der) => der,
        };
        let Some(key) = self.tag_key(institution).await? else { return Ok(None) };
        let tag = key.tag(&card_digest(der));
        Ok(Some(Remember::Enter {
            name: self.secrets.certificate_name(&tag),
            sealed: self.secrets.seal_certificate(institution, &tag, der)?,
        }))
    }

    /// A certificate whose last accepted check lies before is forgotten.
    pub(crate) fn known_since(&self, now: i64) -> i64 {
        months_before(now, self.policy.known_months)
    }
}

/// So many months of the calendar earlier, in UTC: the same day and hour, or the month's last day where there is no such
/// day. A clock beyond the calendar forgets all.
fn months_before(now: i64, months: u8) -> i64 {
    let before = || {
        let now = time(now).ok()?;
        let month = now.year() * 12 + i32::from(u8::from(now.month())) - 1 - i32::from(months);
        let year = month.div_euclid(12);
        let month = Month::try_from(u8::try_from(month.rem_euclid(12) + 1).ok()?).ok()?;
        let date = Date::from_calendar_date(year, month, now.day().min(month.length(year))).ok()?;
        Some(now.replace_date(date).unix_timestamp())
    };
    before().unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn months_are_those_of_the_calendar() {
        let before = |now: time::OffsetDateTime, months| {
            time(months_before(now.unix_timestamp(), months)).expect("a time")
        };
        assert_eq!(before(datetime!(2026-11-23 9:30 UTC), 6), datetime!(2026-05-23 9:30 UTC));
        assert_eq!(before(datetime!(2026-08-31 9:30 UTC), 6), datetime!(2026-02-28 9:30 UTC));
        assert_eq!(before(datetime!(2026-01-15 9:30 UTC), 14), datetime!(2024-11-15 9:30 UTC));
        assert_eq!(before(datetime!(2026-01-15 9:30 UTC), 0), datetime!(2026-01-15 9:30 UTC));
    }
}
