//! `POST /api/gateway/users`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{Caller, Permit, UsersWrite};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::{Fields, read_email};
use crate::api::handout::hand_out;
use crate::api::problem::Refusal;
use crate::api::types::{InviteUser, InvitedUser, Problem, User};
use crate::api::users::{read_name, read_role, shown, target};
use crate::domain::email::Email;
use crate::domain::person::{LinkKind, Role};

fn read(mut fields: Fields, caller: &Caller) -> Result<(Email, String, Role), Refusal> {
    let email = read_email(&mut fields, "email");
    let name = read_name(&mut fields).unwrap_or_default();
    if !fields.is_given("role") || fields.is_null("role") {
        let _ = fields.text("role");
        fields.refuse("role", "required", "is required");
    }
    let role = read_role(&mut fields, caller);
    fields.finish()?;
    email.zip(role).map(|(email, role)| (email, name, role)).ok_or_else(Refusal::internal)
}

/// Invite a person
///
/// Makes an account that is theirs once they have accepted with a password. The link goes to them by mail, or stands in the
/// answer, this once, where the gateway sends no mail. It works for 7 days.
#[utoipa::path(
    post,
    path = "/api/gateway/users",
    operation_id = "invite_user",
    tag = "people",
    security(("api_key" = ["users:write"]), ("session" = ["users:write"])),
    request_body = InviteUser,
    responses(
        (status = 201, description = "Invited", body = InvitedUser, headers(("location" = String, description = "The account"), ("etag" = String, description = "Its version"))),
        (status = 409, description = "Another account has the address", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn invite_user(
    State(state): State<AppState>,
    permit: Permit<UsersWrite>,
    mut call: Call,
) -> Result<Response, Early> {
    let caller = &permit.caller;
    let (email, name, role) = read(std::mem::take(&mut call.body), caller)?;
    let mut change = call.begin(&state, caller).await?;
    let made = change.create_user(email.as_str(), &name, role).await?;
    let link = hand_out(&state, &mut change, &made, LinkKind::Invite).await?;
    let made = change.written_user(made.id).await?;
    let (target, version) = (target(&made), made.version);
    let user = shown(made);
    let place = format!("/api/gateway/users/{}", user.id);
    let effect = Effect::new(StatusCode::CREATED, target, &InvitedUser { user: user.clone(), link })?;
    let effect = effect.changing(None::<&User>, Some(&user))?.at(Some(place)).versioned(version);
    call.finish(&state, caller, change, effect).await
}
