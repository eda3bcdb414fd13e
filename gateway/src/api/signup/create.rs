//! `POST /api/gateway/public/signup`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use secrecy::SecretString;
use uuid::Uuid;

use crate::api::AppState;
use crate::api::auth::Acts;
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::{Fields, optional_email};
use crate::api::problem::Refusal;
use crate::api::signup::{Told, make_token, open_to_strangers, place_of, proof_letter, shown, terms};
use crate::api::types::{CreateSignup, Problem, SignupStatus};
use crate::config::SignupSettings;
use crate::domain::email::Email;
use crate::domain::ids::SignupId;
use crate::domain::key::{KeyError, TenantKey};
use crate::domain::seal::Sealed;
use crate::domain::signup::{ContactLine, FirstUser, MAX_CONTACT, MAX_FIRST_USER};
use crate::domain::suggestion::keys_for;
use crate::domain::tenant::CompanyName;
use crate::store::signup_moves::NewSignup;

/// What was asked for, checked by itself.
struct Wanted {
    company_name: CompanyName,
    /// None where the one that was given is kept for the operator.
    keys: Vec<TenantKey>,
    email: Option<Email>,
    contact_name: Option<ContactLine>,
    contact_phone: Option<ContactLine>,
    first_user: Option<FirstUser>,
}

/// The keys that would do: the one that is given, or some that suit the name. A key that is kept for the operator is no
/// wrong field: it is not told apart from one that is taken.
pub(super) fn read_keys(
    fields: &mut Fields,
    given: Option<String>,
    company_name: Option<&CompanyName>,
    settings: &SignupSettings,
) -> Vec<TenantKey> {
    let mut keys = match (given, company_name) {
        (Some(text), _) => match TenantKey::parse(&text) {
            Ok(key) => vec![key],
            Err(KeyError::Reserved) => Vec::new(),
            Err(error) => {
                fields.refuse("key", error.code(), error);
                Vec::new()
            }
        },
        (None, Some(name)) => keys_for(name, rand::random()),
        (None, None) => Vec::new(),
    };
    keys.retain(|key| !settings.names.hold_key(key));
    keys
}

pub(super) fn read_company(
    fields: &mut Fields,
    text: Option<String>,
    settings: &SignupSettings,
) -> Option<CompanyName> {
    let text = text?;
    let name =
        CompanyName::parse(&text).inspect_err(|error| fields.refuse("company_name", error.code(), error)).ok()?;
    match settings.names.check_company(&name) {
        Ok(()) => Some(name),
        Err(error) => {
            fields.refuse("company_name", error.code(), error);
            None
        }
    }
}

fn read_line(fields: &mut Fields, name: &str) -> Option<ContactLine> {
    let line = ContactLine::parse(&fields.text(name)?);
    if line.is_none() {
        fields.refuse(
            name,
            "length",
            format!("must have 1 to {MAX_CONTACT} characters, none of them a control character"),
        );
    }
    line
}

fn read_address(fields: &mut Fields, settings: &SignupSettings) -> Option<Email> {
    let name = if fields.is_given("contact_email") { "contact_email" } else { "email" };
    if name == "contact_email" && fields.text("email").is_some() {
        fields.refuse(name, "twice", "is another name for email; give one of them");
    }
    if settings.rules.mail_proof && (!fields.is_given(name) || fields.is_null(name)) {
        fields.refuse(name, "required", "is required");
    }
    let email = optional_email(fields, name)?;
    let allowed = &settings.mail_domains;
    if !allowed.is_empty() && !allowed.iter().any(|domain| domain == email.domain()) {
        fields.refuse(name, "mail_domain", "must be an address at one of the domains that may sign up");
        return None;
    }
    Some(email)
}

fn read_first_user(fields: &mut Fields) -> Option<FirstUser> {
    let found = FirstUser::new(fields.object("first_user")?);
    if found.is_none() {
        fields.refuse("first_user", "length", format!("may have {MAX_FIRST_USER} bytes at most"));
    }
    found
}

fn read(mut fields: Fields, settings: &SignupSettings) -> Result<Wanted, Refusal> {
    let text = fields.required_text("company_name");
    let company_name = read_company(&mut fields, text, settings);
    let given = fields.text("key");
    let keys = read_keys(&mut fields, given, company_name.as_ref(), settings);
    let email = read_address(&mut fields, settings);
    let contact_name = read_line(&mut fields, "contact_name");
    let contact_phone = read_line(&mut fields, "contact_phone");
    let first_user = read_first_user(&mut fields);
    fields.finish()?;
    let company_name = company_name.ok_or_else(Refusal::internal)?;
    Ok(Wanted { company_name, keys, email, contact_name, contact_phone, first_user })
}

/// Where what is left for an app is sealed.
pub(in crate::api) fn payload_place(id: SignupId) -> String {
    format!("signup/first-user/{id}")
}

fn sealed(state: &AppState, id: SignupId, payload: &FirstUser) -> Result<Sealed, Refusal> {
    let sealed = state.settings.key_ring.seal(&payload_place(id), &SecretString::from(payload.text()));
    sealed.map_err(|error| Refusal::internal().because(&error))
}

/// Sign up
///
/// Needs no credentials. Depending on the settings the signup waits for the proof of its address, then for an operator; once
/// it has passed both, its tenant is made. Follow it at the location with the token in it.
#[utoipa::path(
    post,
    path = "/api/gateway/public/signup",
    operation_id = "create_signup",
    tag = "signup",
    security(()),
    request_body = CreateSignup,
    responses(
        (status = 202, description = "Accepted for further work", body = SignupStatus, headers(("location" = String, description = "Where to follow it; a secret"))),
        (status = 404, description = "Nobody can sign up here", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The key is not available", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many signups; see retry-after", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "There is no room for another tenant (no_room), or signups cannot be counted now (limits_unavailable); see retry-after", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn create_signup(State(state): State<AppState>, call: Call) -> Result<Response, Early> {
    match create(&state, call).await {
        Ok(answer) => Ok(answer),
        Err(refused) => Err(state.signup_pace().slow_down(refused).await),
    }
}

async fn create(state: &AppState, mut call: Call) -> Result<Response, Early> {
    let settings = open_to_strangers(state)?;
    let wanted = read(std::mem::take(&mut call.body), settings)?;
    let id = SignupId::from_uuid(Uuid::new_v4());
    let stranger = call.stranger(format!("signup:{id}"));
    let (once, address) = (call.once(&stranger), call.peer().address);
    if once.is_none() {
        state.signup_limiter().require_any_left()?;
    }
    // Also what is repeated: a call that was counted is not counted again, but costs as much where it is refused.
    state.limiter().begin_link(address).await?;
    // What this very call made may be what filled the last place.
    call.again(state, &stranger.principal()).await?;
    state.room().require(state).await?;
    let email = wanted.email.as_ref();
    state.signup_limiter().begin(&settings.budgets, email, address, once.as_deref()).await?;
    if wanted.keys.is_empty() {
        return Err(Refusal::key_unavailable().into());
    }
    let (token, status_hash) = make_token();
    let proof = settings.rules.mail_proof.then(make_token);
    let new = NewSignup {
        id,
        keys: wanted.keys,
        company_name: wanted.company_name,
        email: wanted.email,
        contact_name: wanted.contact_name,
        contact_phone: wanted.contact_phone,
        status_hash,
        proof_hash: proof.as_ref().map(|(_, hash)| *hash),
        first_user: wanted.first_user.as_ref().map(|payload| sealed(state, id, payload)).transpose()?,
    };
    let _turn = state.signup_pace().turn().await?;
    let mut change = call.begin(state, &stranger).await?;
    let record = change.create_signup(&new, &terms(&state.settings)).await?;
    if let (Some((proof, _)), Some(email)) = (&proof, &new.email) {
        proof_letter(state, email.clone(), &record.key, proof).queue(state, &mut change).await?;
    }
    let status: SignupStatus = shown(&record, &state.settings, Some(token.clone()));
    let effect = Effect::new(StatusCode::ACCEPTED, format!("signup:{id}"), &status)?;
    let effect = effect.changing(None::<&Told<'_>>, Some(&Told::of(&record)))?.at_secret(place_of(&token));
    let answer = call.finish(state, &stranger, change, effect).await?;
    state.room().forget().await;
    Ok(answer)
}
