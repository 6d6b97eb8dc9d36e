//! `POST /v1/eligibility-checks`: a check, exactly once.
//!
//! The order is the guarantee. Look up the request id: the same body gets the stored answer, another body is
//! refused, one that is worked on must wait. Else consume the nonce, in the same transaction in which the
//! request is written down. Else, and only then, look at the card. What is decided is stored, refusals too, sealed
//! with a key that only the device has, before it is sent. What passes, as too much at a time or the service's own
//! trouble, is no decision: it goes into the audit trail alone, and the request stays unfinished.
//!
//! A check that has begun goes on when its connection breaks. An unfinished request, also one whose process died,
//! stands there without an answer and with its nonce consumed; the device that asks again with the same body has
//! it finished.

use std::{sync::Arc, time::Instant};

use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use eligibility::{Eligibility, Record};
use pki::{BirthRecord, Verified, card_digest};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use service::{
    Binding,
    messages::{CBOR, CheckRequest, CheckResponse, Method, PROBLEM_JSON, ProblemCode, Proof, VisualForm},
};

use crate::{
    Error,
    authority::{sha256, time},
    body::{read_body, sized},
    device::visual_form,
    eligibility_source::{self, EligibilitySource},
    known::Named,
    peer::Peer,
    problem::Refusal,
    secrets::{self, Challenge},
    state::Shared,
    store::{AuditRecord, Begun, Caller, Found},
    verify::CardSeen,
};

/// The longest reference to a staff member.
const MAX_STAFF: usize = 64;

/// A request whose fields have the lengths that the protocol gives them.
struct Check {
    /// Without its certificate, which is in `certificate`.
    request: CheckRequest,
    certificate: Named,
    id: [u8; 16],
    answer_key: [u8; 32],
    body_hash: [u8; 32],
}

impl Check {
    fn parse(body: &[u8]) -> Result<Self, ProblemCode> {
        let mut request: CheckRequest =
            serde_cbor::from_slice(body).map_err(|_| ProblemCode::MalformedRequest)?;
        let signature = match &request.proof {
            Proof::Pin { signature } | Proof::VisualProven { signature, .. } => Some(signature.len()),
            Proof::VisualAttested => None,
        };
        let staff = request.staff.as_deref().unwrap_or("-");
        if signature.is_some_and(|length| length != 256)
            || staff.is_empty()
            || staff.len() > MAX_STAFF
            || staff.chars().any(char::is_control)
        {
            return Err(ProblemCode::MalformedRequest);
        }
        Ok(Self {
            certificate: Named::take(&mut request)?,
            id: sized(&request.request_id)?,
            answer_key: sized(&request.answer_key)?,
            body_hash: sha256(body),
            request,
        })
    }
}

pub(crate) async fn check(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let caller = shared.caller(&peer).await?;
    shared
        .counters
        .checks
        .take(caller.device.clone(), shared.now())
        .map_err(|seconds| Refusal::after(ProblemCode::RateLimited, seconds))?;
    let body = read_body(&shared, &headers, body, CBOR).await?;
    let check = Check::parse(&body)?;
    let task = Arc::clone(&shared);
    // An error here: the task was ended with the service, or it panicked.
    shared.tasks.detach(async move { exactly_once(&task, &caller, &check).await }).await.unwrap_or_else(
        |_| {
            tracing::error!("a check did not come to its end");
            Err(ProblemCode::Internal.into())
        },
    )
}

async fn exactly_once(shared: &Shared, caller: &Caller, check: &Check) -> Result<Response, Refusal> {
    let _working =
        shared.checks.enter(&caller.device, check.id, check.body_hash).map_err(|code| match code {
            ProblemCode::RequestInProgress => Refusal::after(code, 1),
            code => code.into(),
        })?;
    let now = shared.now();
    let answer_life = i64::try_from(shared.policy.answer_life.as_secs()).unwrap_or(i64::MAX);
    let forget_before = now.saturating_sub(answer_life);
    let begun =
        match shared.store.find_request(&caller.device, &check.id, &check.body_hash, forget_before).await? {
            Some(Found::Answered(sealed)) => return Ok(unseal(caller, check, &sealed)?.into_response()),
            Some(Found::OtherBody) => return Err(ProblemCode::RequestConflict.into()),
            // Nobody in this process works on it: whoever did is dead or let it go. Its nonce is consumed.
            Some(Found::Unfinished) => true,
            None => false,
        };
    let challenge = shared
        .secrets
        .open_challenge(&caller.device, &check.request.challenge)
        .ok_or(ProblemCode::ChallengeInvalid)?;
    // Before anything is written down: the same id may come again with the certificate.
    let certificate = shared.certificate(caller, &check.certificate).await?;
    let key_certificate = shared.key_certificate(&check.request.proof).await?.unwrap_or_default();
    if !begun {
        begin(shared, caller, check, &challenge, now, forget_before).await?;
    }
    let answer = work(
        shared,
        Question {
            caller,
            check,
            challenge: &challenge,
            certificate: &certificate,
            key_certificate: &key_certificate,
        },
    )
    .await?;
    Ok(answer.into_response())
}

async fn begin(
    shared: &Shared,
    caller: &Caller,
    check: &Check,
    challenge: &Challenge,
    now: i64,
    forget_before: i64,
) -> Result<(), Refusal> {
    if challenge.expires_at < now {
        return Err(ProblemCode::ChallengeExpired.into());
    }
    let nonce = (&challenge.nonce[..], challenge.expires_at);
    let begun = shared
        .store
        .begin_request(&caller.device, &check.id, &check.body_hash, nonce, now, forget_before)
        .await?;
    match begun {
        Begun::Granted => Ok(()),
        Begun::NonceUsed => Err(ProblemCode::ChallengeUsed.into()),
        Begun::Before => Err(Refusal::after(ProblemCode::RequestInProgress, 1)),
    }
}

/// Looks at the card, and writes down what comes of it: a decision as the answer, and everything in the audit trail.
async fn work(shared: &Shared, question: Question<'_>) -> Result<Answer, Refusal> {
    let Question { caller, check, .. } = question;
    let start = Instant::now();
    let now = shared.now();
    let check_id = check_id()?;
    let mut card = None;
    let outcome = decide(shared, question, now, &mut card).await;
    let outcome = outcome.map(|(seen, eligibility)| CheckResponse {
        check_id: check_id.clone(),
        checked_at: now,
        certificate_not_after: seen.certificate.not_after().unix_timestamp(),
        certificate_expired_since: seen.accepted.expired_since().map(time::OffsetDateTime::unix_timestamp),
        danger_attested_visual: check.request.proof.method() == Method::VisualAttested,
        eligibility,
    });
    let record = AuditRecord {
        at: now,
        check_id,
        institution: caller.institution.code.clone(),
        device: caller.device.clone(),
        assurance: caller.assurance.as_str(),
        method: method_name(check.request.proof.method()),
        staff: check.request.staff.clone(),
        card,
        outcome: outcome.as_ref().map_or_else(|refusal| refusal.code().as_str(), |_| "answered"),
        milliseconds: i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX),
    };
    tracing::info!(check_id = record.check_id, method = record.method, outcome = record.outcome, "checked");
    if let Err(refusal) = &outcome
        && is_passing(refusal.code())
    {
        shared.store.leave_request(&record).await?;
        return Err(refusal.clone());
    }
    let remember = match check.request.proof.method() {
        Method::Pin if outcome.is_ok() => shared.remember(caller, &check.certificate).await?,
        _ => None,
    };
    let key = match check.request.proof.method() {
        Method::VisualProven if outcome.is_ok() => shared.remember_key(question.key_certificate),
        _ => None,
    };
    let answer = Answer::new(outcome);
    let sealed = seal(caller, check, &answer)?;
    let known_since = shared.known_since(now);
    let remember = (remember.as_ref(), key.as_ref());
    shared.store.finish_request(&check.id, &sealed, &record, remember, known_since).await?;
    Ok(answer)
}

/// What is to be decided.
#[derive(Clone, Copy)]
struct Question<'a> {
    caller: &'a Caller,
    check: &'a Check,
    challenge: &'a Challenge,
    /// As it came, or as it was kept: DER, and nothing that was found of it before.
    certificate: &'a [u8],
    /// EF 0004, in the same way; empty where the proof has none.
    key_certificate: &'a [u8],
}

/// Whether asking again later may end otherwise (`docs/protocol.md` §7).
fn is_passing(code: ProblemCode) -> bool {
    code.status() == 429 || code.status() >= 500
}

/// The checks themselves. `card` is told who it was as soon as that is known.
async fn decide(
    shared: &Shared,
    Question { caller, check, challenge, certificate: der, key_certificate }: Question<'_>,
    now: i64,
    card: &mut Option<Vec<u8>>,
) -> Result<(CardSeen, Eligibility), Refusal> {
    let request = &check.request;
    let method = request.proof.method();
    if method == Method::VisualAttested && visual_form(caller) != VisualForm::Attested {
        return Err(ProblemCode::MethodNotAllowed.into());
    }
    let certificate = shared.cards.certificate(der, time(now)?)?;
    let pseudonym = shared.secrets.card_pseudonym(certificate.generation(), certificate.serial());
    *card = Some(pseudonym.clone());
    let binding = Binding {
        audience: shared.audience.clone(),
        nonce: challenge.nonce,
        device: caller.thumbprint,
        institution: caller.institution.code.clone(),
        method,
        consents: request.consents,
        request_id: check.id,
        card: card_digest(der),
    };
    let seen = shared
        .cards
        .card(certificate, (request, key_certificate), &binding, &shared.persons, shared.policy.grace)
        .await?;
    let eligibility = eligibility(shared, check, &seen.certificate, &seen).await?;
    let same_card = match &seen.surface {
        Some(record) => same_card(shared, record, &eligibility, &pseudonym).await?,
        None => Ok(()),
    };
    // Counted last. Whoever has no card cannot use up what is allowed with it, and whoever was told to ask again does
    // not pay twice (but where an answer cannot be stored). A card that is not the holder's is an answer as well.
    shared
        .counters
        .certificates
        .take(pseudonym, now)
        .map_err(|seconds| Refusal::after(ProblemCode::RateLimited, seconds))?;
    same_card?;
    Ok((seen, eligibility))
}

/// Whether the card of 目視確認 is the one to which the certificate belongs, as far as that can be known: by the birth
/// date of every record, and by the key seen the first time.
///
/// A key is remembered only where a birth date has vouched for it. Otherwise anybody's card, shown once with a
/// certificate that is linked to no record yet, would lock out the right one for ever.
async fn same_card(
    shared: &Shared,
    card: &BirthRecord,
    eligibility: &Eligibility,
    pseudonym: &[u8],
) -> Result<Result<(), ProblemCode>, Error> {
    let records = &eligibility.results;
    let fits = |record: &Record| {
        record.birthdate.as_ref().is_some_and(|birth_date| birth_date.as_str() == card.birth_date())
    };
    if records.is_empty() {
        return Ok(Ok(()));
    }
    if !records.iter().all(fits) {
        return Ok(Err(ProblemCode::CardRecordMismatch));
    }
    let key = card.key().thumbprint();
    let remembered = shared.store.surface_key(pseudonym, &key).await?;
    Ok(if remembered == key { Ok(()) } else { Err(ProblemCode::CardChanged) })
}

async fn eligibility(
    shared: &Shared,
    check: &Check,
    certificate: &Verified,
    seen: &CardSeen,
) -> Result<Eligibility, Refusal> {
    let found = shared.persons.find(certificate).await.map_err(|_| ProblemCode::Unavailable)?;
    Ok(eligibility_source::answer(
        found,
        check.request.consents,
        certificate,
        &seen.accepted,
        shared.policy.expiry_notice_months,
    ))
}

/// A name for the help desk to ask for, without meaning.
fn check_id() -> Result<String, Error> {
    Ok(secrets::hex(&secrets::random::<8>()?))
}

fn method_name(method: Method) -> &'static str {
    match method {
        Method::Pin => "pin",
        Method::VisualProven => "visual-proven",
        Method::VisualAttested => "danger-visual-attested",
    }
}

/// What was answered, as it is stored.
#[derive(Serialize, Deserialize)]
struct Answer {
    status: u16,
    retry_after: Option<u32>,
    #[serde(with = "serde_bytes")]
    body: Vec<u8>,
}

impl Answer {
    fn new(outcome: Result<CheckResponse, Refusal>) -> Self {
        match outcome {
            Ok(response) => Self {
                status: StatusCode::OK.as_u16(),
                retry_after: None,
                body: serde_cbor::to_vec(&response).expect("messages become CBOR"),
            },
            Err(Refusal(problem)) => Self {
                status: problem.status,
                retry_after: problem.retry_after,
                body: serde_json::to_vec(&problem).expect("plain data becomes JSON"),
            },
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let media = if status.is_success() { CBOR } else { PROBLEM_JSON };
        let retry_after = self.retry_after.map(|seconds| [(header::RETRY_AFTER, seconds.to_string())]);
        (status, [(header::CONTENT_TYPE, media)], retry_after, self.body).into_response()
    }
}

/// AES-256-GCM (NIST SP 800-38D) under the device's own key, which is not stored: whoever gets the database gets
/// no record.
fn seal(caller: &Caller, check: &Check, answer: &Answer) -> Result<Vec<u8>, Error> {
    let nonce = secrets::random::<NONCE_LEN>()?;
    let mut sealed = serde_cbor::to_vec(answer).map_err(|_| Error::Crypto)?;
    key(check)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad(caller, check), &mut sealed)
        .map_err(|_| Error::Crypto)?;
    sealed.splice(0..0, nonce);
    Ok(sealed)
}

fn unseal(caller: &Caller, check: &Check, sealed: &[u8]) -> Result<Answer, Error> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(Error::DatabaseDamaged)?;
    let mut opened = sealed.to_vec();
    let opened = key(check)?
        .open_in_place(Nonce::assume_unique_for_key(*nonce), aad(caller, check), &mut opened)
        .map_err(|_| Error::DatabaseDamaged)?;
    serde_cbor::from_slice(opened).map_err(|_| Error::DatabaseDamaged)
}

fn key(check: &Check) -> Result<LessSafeKey, Error> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &check.answer_key).map_err(|_| Error::Crypto)?))
}

fn aad(caller: &Caller, check: &Check) -> Aad<Vec<u8>> {
    Aad::from([caller.device.as_bytes(), &check.id].concat())
}
