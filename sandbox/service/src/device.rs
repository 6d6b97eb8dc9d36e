//! What an enrolled device asks for itself: its status, and challenges.

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use service::messages::{CHALLENGE_LIFE, Challenge, DeviceStatus, ProblemCode, VisualForm};

use crate::{
    body::{cbor, pass_over},
    peer::Peer,
    problem::Refusal,
    state::Shared,
    store::Caller,
};

/// `GET /v1/device`.
pub(crate) async fn status(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
) -> Result<Response, Refusal> {
    let caller = shared.caller(&peer).await?;
    let life = caller.certificate_not_after - caller.certificate_issued_at;
    Ok(cbor(&DeviceStatus {
        pin: true,
        visual: Some(visual_form(&caller)),
        renew_at: caller.certificate_issued_at + life / 3 * 2,
        now: shared.now(),
        notices: shared.store.notices().await?,
        sandbox: true,
        tag_key: shared.tag_key(&caller.institution.code).await?,
        issuer_keys: shared.issuer_keys().await?,
        institution: caller.institution,
    }))
}

/// The attested form needs both: the operator's policy for the institution, and a device whose key the service
/// itself found attested. What a device says of itself changes nothing.
pub(crate) fn visual_form(caller: &Caller) -> VisualForm {
    if caller.danger_attested_visual && caller.assurance.is_attested() {
        VisualForm::Attested
    } else {
        VisualForm::Proven
    }
}

/// `POST /v1/challenges`: nothing is stored until the challenge is used.
pub(crate) async fn challenge(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    body: Body,
) -> Result<Response, Refusal> {
    let caller = shared.caller(&peer).await?;
    pass_over(&shared, body).await?;
    let now = shared.now();
    shared
        .counters
        .challenges
        .take(caller.device.clone(), now)
        .map_err(|seconds| Refusal::after(ProblemCode::RateLimited, seconds))?;
    let made = shared.secrets.challenge(&caller.device, now + i64::from(CHALLENGE_LIFE))?;
    let challenge = Challenge { nonce: made.nonce.to_vec(), token: made.token, expires_in: CHALLENGE_LIFE };
    Ok(cbor(&challenge).into_response())
}
