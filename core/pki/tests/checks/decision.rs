//! Revocation and grace.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use pki::{Error, Grace, RevocationSource, RevocationStatus, Verified};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::{NOW, spec, verify, verify_at};

const GOOD: RevocationStatus = RevocationStatus::Good { this_update: NOW, next_update: None };
const REVOKED: RevocationStatus = RevocationStatus::Revoked { since: datetime!(2026-01-01 00:00 UTC) };

/// A certificate whose last second was at `not_after`, checked at [`NOW`].
fn ended(not_after: OffsetDateTime) -> Verified {
    let mut spec = spec();
    spec.not_after = not_after;
    verify(&spec.issue()).expect("being out of date ends nothing")
}

#[test]
fn a_valid_certificate_is_accepted() {
    let verified = verify(&spec().issue()).expect("a right certificate");
    let accepted = verified.decide(GOOD, Grace::NONE).expect("valid and not revoked");
    assert_eq!((accepted.expired_since(), accepted.usable_until()), (None, verified.not_after()));
}

#[test]
fn within_the_grace_it_is_accepted_and_said_to_be_out_of_date() {
    let since = NOW.replace_millisecond(0).expect("a second") - Duration::days(40);
    let accepted = ended(since).decide(GOOD, Grace::THREE_MONTHS).expect("within three months");
    assert_eq!(accepted.expired_since(), Some(since));
    assert_eq!(ended(since).decide(GOOD, Grace::NONE), Err(Error::Expired));
}

#[test]
fn beyond_the_grace_it_is_refused() {
    assert_eq!(ended(NOW - Duration::days(200)).decide(GOOD, Grace::THREE_MONTHS), Err(Error::Expired));
}

#[test]
fn the_grace_ends_with_its_last_second() {
    let der = spec().issue();
    let end = datetime!(2029-05-17 14:59:59 UTC);
    let decide = |now| {
        let status = RevocationStatus::Good { this_update: now, next_update: None };
        verify_at(&der, now).expect("a right certificate").decide(status, Grace::THREE_MONTHS)
    };
    let since = Some(datetime!(2029-02-17 14:59:59 UTC));
    let last = decide(end).expect("the last second");
    assert_eq!((last.expired_since(), last.usable_until()), (since, end));
    assert_eq!(decide(end + Duration::SECOND), Err(Error::Expired));
}

#[test]
fn an_issuer_out_of_date_ends_the_certificate_too() {
    let der = crate::spec_of(sandbox_pki::Authority::Authentication1).issue();
    let decide = |now| verify_at(&der, now).expect("genuine").decide(GOOD, Grace::THREE_MONTHS);
    assert!(decide(datetime!(2025-11-01 00:00 UTC)).is_ok());
    assert_eq!(decide(NOW), Err(Error::Expired));
}

#[test]
fn revoked_beats_out_of_date() {
    for days in [-10, 40, 200] {
        let verified = ended(NOW - Duration::days(days));
        assert_eq!(verified.decide(REVOKED, Grace::THREE_MONTHS), Err(Error::Revoked), "{days} days");
    }
}

#[test]
fn no_status_is_no_acceptance() {
    let valid = verify(&spec().issue()).expect("a right certificate");
    let (unknown, unavailable) = (RevocationStatus::Unknown, RevocationStatus::Unavailable);
    assert_eq!(valid.decide(unknown, Grace::THREE_MONTHS), Err(Error::StatusUnknown));
    assert_eq!(valid.decide(unavailable, Grace::THREE_MONTHS), Err(Error::StatusUnavailable));
    let stale = RevocationStatus::Good {
        this_update: NOW - Duration::HOUR,
        next_update: Some(NOW - Duration::SECOND),
    };
    assert_eq!(valid.decide(stale, Grace::THREE_MONTHS), Err(Error::StatusUnavailable));
}

#[test]
fn trying_again_is_not_advised_where_it_cannot_help() {
    let ended = ended(NOW - Duration::days(200));
    for status in [RevocationStatus::Unknown, RevocationStatus::Unavailable] {
        assert_eq!(ended.decide(status, Grace::THREE_MONTHS), Err(Error::Expired));
    }
}

/// A list of revoked numbers: what the smallest service has.
struct List(Vec<(u8, Vec<u8>)>);

impl RevocationSource for List {
    async fn status(&self, certificate: &Verified) -> RevocationStatus {
        let revoked = |(generation, serial): &(u8, Vec<u8>)| {
            *generation == certificate.generation() && serial == certificate.serial()
        };
        if self.0.iter().any(revoked) { REVOKED } else { GOOD }
    }
}

#[test]
fn a_source_is_asked_by_generation_and_number() {
    let verified = verify(&spec().issue()).expect("a right certificate");
    let ask = |generation| {
        let list = List(vec![(generation, verified.serial().to_vec())]);
        match pin!(list.status(&verified)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(status) => verified.decide(status, Grace::NONE).map(|_| ()),
            Poll::Pending => unreachable!("a list does not wait"),
        }
    };
    assert_eq!(ask(3), Err(Error::Revoked));
    assert_eq!(ask(2), Ok(()), "the same number of another CA");
}
