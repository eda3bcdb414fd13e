//! `/api/gateway/invites`: what a guest does with the link of an invite.

pub(super) mod accept;
pub(super) mod look;

use axum::http::StatusCode;

use crate::api::problem::Refusal;

fn no_such_invite() -> Refusal {
    let detail = "this invite is not known, was used, or is over; ask for another one";
    Refusal::new(StatusCode::NOT_FOUND, "invite_not_found", "No such invite", detail)
}
