//! `POST /api/gateway/invites/look`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::token;
use crate::api::call::Call;
use crate::api::handout::read_token;
use crate::api::invites::no_such_invite;
use crate::api::problem::Refusal;
use crate::api::types::{InviteShown, InviteToken, Problem};
use crate::domain::person::LinkKind;

/// Look at an invite
///
/// Changes nothing. The token stands in the body, so that it reaches no log of paths.
#[utoipa::path(
    post,
    path = "/api/gateway/invites/look",
    operation_id = "look_at_invite",
    tag = "session",
    security(()),
    request_body = InviteToken,
    responses(
        (status = 200, description = "The invite", body = InviteShown),
        (status = 404, description = "It is not known, was used, or is over", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts; see retry-after", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Attempts cannot be counted now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn look_at_invite(
    State(state): State<AppState>,
    mut call: Call,
) -> Result<Json<InviteShown>, Refusal> {
    let mut fields = std::mem::take(&mut call.body);
    let token = read_token(&mut fields);
    fields.finish()?;
    std::mem::take(&mut call.query).finish()?;
    let token = token.ok_or_else(Refusal::internal)?;
    state.limiter().begin_link(call.peer().address).await?;
    let found = state.store.user_by_link(LinkKind::Invite, &token::hash(&token)).await?;
    let (user, expires_at) = found.ok_or_else(no_such_invite)?;
    Ok(Json(InviteShown { email: user.email, name: user.name, role: user.role, expires_at }))
}
