//! `/api/gateway/users`: one file per verb.

pub(super) mod delete;
pub(super) mod edit;
pub(super) mod get;
pub(super) mod invite;
pub(super) mod list;
pub(super) mod remove_totp;
pub(super) mod resend;
pub(super) mod reset;
pub(super) mod sessions;

use axum::http::StatusCode;

use crate::api::auth::Caller;
use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::api::types::User;
use crate::domain::person::Role;
use crate::store::users::{UserRecord, UserRef};

/// Longest name, in characters.
const MAX_NAME: usize = 100;

/// What is shown of an account.
pub(super) fn shown(record: UserRecord) -> User {
    User {
        id: record.id.as_uuid(),
        email: record.email,
        name: record.name,
        role: record.role,
        state: record.state,
        totp_enabled: record.totp_enabled,
        invited_until: record.invited_until,
        created_by: record.created_by,
        created_at: record.created_at,
        last_login_at: record.last_login_at,
        disabled_at: record.disabled_at,
    }
}

fn no_such_user() -> Refusal {
    let detail = "there is no account with this id or address";
    Refusal::new(StatusCode::NOT_FOUND, "user_not_found", "No such account", detail)
}

/// The account a path names. What cannot be an address names none.
fn user_ref(text: &str) -> Result<UserRef, Refusal> {
    let is_fit = text.len() <= 254 && !text.contains('\0');
    if is_fit { Ok(UserRef::parse(text)) } else { Err(no_such_user()) }
}

/// Whoever may do as somebody else does what that person may: so nobody changes people who may do more than they.
fn guard(caller: &Caller, user: &UserRecord) -> Result<(), Refusal> {
    if caller.may_as(user.role) {
        return Ok(());
    }
    Err(Refusal::beyond_caller("this person may do more than the caller"))
}

fn target(user: &UserRecord) -> String {
    format!("user:{}", user.id)
}

/// What people call somebody; `None` where it is missing, or wrong and noted. Null is no name.
pub(super) fn read_name(fields: &mut Fields) -> Option<String> {
    if fields.is_null("name") {
        let _ = fields.text("name");
        return Some(String::new());
    }
    let name = fields.text("name")?.trim().to_owned();
    if name.chars().count() > MAX_NAME {
        fields.refuse("name", "length", format!("may have {MAX_NAME} characters at most"));
    }
    if name.chars().any(char::is_control) {
        fields.refuse("name", "character", "must not hold control characters");
    }
    Some(name)
}

/// A role that the caller may give; `None` where it is missing, or wrong and noted.
fn read_role(fields: &mut Fields, caller: &Caller) -> Option<Role> {
    let word = fields.text("role")?;
    let role = Role::parse(&word);
    match role {
        None => fields.refuse("role", "unknown_value", "must be owner, operator, viewer or support"),
        Some(role) if !caller.may_as(role) => {
            fields.refuse("role", "beyond_caller", "allows more than the caller may do");
        }
        Some(_) => {}
    }
    role
}
