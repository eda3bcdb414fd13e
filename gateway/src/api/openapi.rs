//! The routes and their document, from the same declarations.

mod links;
mod parts;

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use axum::Json;
use axum::Router;
use axum::http::Method;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, Content, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Response, ResponseBuilder,
    Tag,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::problem::PROBLEM_JSON;
use crate::api::types::Problem;
use crate::api::{
    AppState, api_keys, audit, batches, call, capacity, drift, events, invites, jobs, me, metrics, operations, orphans,
    password_resets, plans, pools, roles, routes, series, servers, session, sessions, signup, signups, system, tenants,
    test_mail, traefik, users, views,
};

/// Where the document is served, when the settings say so.
pub const PATH: &str = "/api/gateway/openapi.json";

fn tag(name: &str, what: &str) -> Tag {
    TagBuilder::new().name(name).description(Some(what)).build()
}

fn frame() -> OpenApi {
    let mut components = Components::new();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API key: gwk_…, or one from GATEWAY_API_KEYS"))
        .build();
    components.add_security_scheme("api_key", SecurityScheme::Http(bearer));
    let what = "The session of a person; its name is __Host-gw_session on https";
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description("gw_session", what));
    components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    let what = "Tenants of a SaaS, the operations that make and remove them, work on all of them, and the state of this \
                process. Every \
                answer of 400 and above is an application/problem+json with a stable code.";
    let info = InfoBuilder::new()
        .title("Gateway admin API")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(what))
        .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build()))
        .build();
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .tags(Some([
            tag("tenants", "Tenants and the wishes about them"),
            tag("signup", "What strangers may ask for, and who decides about it"),
            tag("operations", "The work on tenants, step by step"),
            tag("events", "What happened, and what happens"),
            tag("fleet", "Work on all tenants at once, and what no tenant owns"),
            tag("access", "API keys, and the record of what was done"),
            tag("people", "People, what they may do, and their logins"),
            tag("session", "Logging in, who calls, and what people do about their own account"),
            tag("system", "The state of this process"),
        ]))
        .build()
}

/// The routes, and their document.
pub(super) fn routes() -> (Router<AppState>, OpenApi) {
    let (router, mut document) = OpenApiRouter::with_openapi(frame())
        .routes(routes!(session::create::create_session, session::delete::delete_session))
        .routes(routes!(sessions::list::list_sessions, sessions::end_all::end_sessions))
        .routes(routes!(sessions::end::end_session))
        .routes(routes!(invites::look::look_at_invite))
        .routes(routes!(invites::accept::accept_invite))
        .routes(routes!(password_resets::request::request_password_reset))
        .routes(routes!(password_resets::confirm::confirm_password_reset))
        .routes(routes!(me::get::get_me))
        .routes(routes!(me::password::change_password))
        .routes(routes!(me::totp_enrol::enrol_totp))
        .routes(routes!(me::totp_confirm::confirm_totp))
        .routes(routes!(me::totp_disable::disable_totp))
        .routes(routes!(me::totp_disable::renew_recovery_codes))
        .routes(routes!(views::list::list_views, views::create::create_view))
        .routes(routes!(views::edit::edit_view, views::delete::delete_view))
        .routes(routes!(tenants::list::list_tenants, tenants::create::create_tenant))
        .routes(routes!(tenants::get::get_tenant, tenants::edit::edit_tenant, tenants::delete::delete_tenant))
        .routes(routes!(tenants::suspend::suspend_tenant))
        .routes(routes!(tenants::reactivate::reactivate_tenant))
        .routes(routes!(tenants::retry::retry_tenant))
        .routes(routes!(tenants::undelete::undelete_tenant))
        .routes(routes!(tenants::relocate::move_tenant))
        .routes(routes!(tenants::rotate::rotate_credentials))
        .routes(routes!(tenants::pause::pause_tenant))
        .routes(routes!(tenants::resume::resume_tenant))
        .routes(routes!(tenants::reveal::reveal_credentials))
        .routes(routes!(tenants::first_user::take_first_user))
        .routes(routes!(tenants::logs::read_tenant_logs))
        .routes(routes!(tenants::logs::get_tenant_logs))
        .routes(routes!(tenants::stats::get_tenant_stats))
        .routes(routes!(signup::create::create_signup))
        .routes(routes!(signup::key::find_signup_key))
        .routes(routes!(signup::prove::prove_signup))
        .routes(routes!(signup::resend::resend_signup_letter))
        .routes(routes!(signup::get::get_signup_status))
        .routes(routes!(signup::events::follow_signup))
        .routes(routes!(signups::list::list_signups))
        .routes(routes!(signups::get::get_signup))
        .routes(routes!(signups::approve::approve_signup))
        .routes(routes!(signups::refuse::refuse_signup))
        .routes(routes!(operations::list::list_operations))
        .routes(routes!(operations::steps::list_steps))
        .routes(routes!(operations::get::get_operation))
        .routes(routes!(operations::cancel::cancel_operation))
        .routes(routes!(operations::retry::retry_operation))
        .routes(routes!(batches::create::create_batch))
        .routes(routes!(batches::list::list_batches))
        .routes(routes!(batches::get::get_batch))
        .routes(routes!(batches::cancel::cancel_batch))
        .routes(routes!(operations::follow::follow_operation))
        .routes(routes!(events::list::list_events))
        .routes(routes!(events::stream::stream_events))
        .routes(routes!(jobs::list::list_jobs, jobs::create::create_job))
        .routes(routes!(jobs::get::get_job))
        .routes(routes!(orphans::list_orphans))
        .routes(routes!(routes::list::list_routes))
        .routes(routes!(routes::explain::explain_route))
        .routes(routes!(routes::republish::republish_routes))
        .routes(routes!(routes::test::test_route))
        .routes(routes!(traefik::get_traefik))
        .routes(routes!(plans::list::list_plans, plans::create::create_plan))
        .routes(routes!(plans::get::get_plan, plans::edit::edit_plan, plans::delete::delete_plan))
        .routes(routes!(capacity::get_capacity))
        .routes(routes!(metrics::get_metrics))
        .routes(routes!(series::fleet::get_series))
        .routes(routes!(series::tenant::get_tenant_series))
        .routes(routes!(drift::list::list_drift))
        .routes(routes!(drift::repair::repair_drift))
        .routes(routes!(pools::list::list_pools, pools::create::create_pool))
        .routes(routes!(pools::get::get_pool, pools::edit::edit_pool, pools::delete::delete_pool))
        .routes(routes!(servers::list::list_database_servers, servers::create::create_database_server))
        .routes(routes!(
            servers::get::get_database_server,
            servers::edit::edit_database_server,
            servers::delete::delete_database_server
        ))
        .routes(routes!(servers::drain::drain_database_server))
        .routes(routes!(servers::start::start_database_server))
        .routes(routes!(pools::drain::drain_pool))
        .routes(routes!(pools::stop::stop_pool))
        .routes(routes!(pools::start::start_pool))
        .routes(routes!(pools::provision::provision_pool))
        .routes(routes!(pools::restart::restart_pool))
        .routes(routes!(pools::members::list_pool_members))
        .routes(routes!(api_keys::list::list_api_keys, api_keys::create::create_api_key))
        .routes(routes!(api_keys::get::get_api_key, api_keys::revoke::revoke_api_key))
        .routes(routes!(api_keys::rotate::rotate_api_key))
        .routes(routes!(users::list::list_users, users::invite::invite_user))
        .routes(routes!(users::get::get_user, users::edit::edit_user, users::delete::delete_user))
        .routes(routes!(users::resend::resend_invite))
        .routes(routes!(users::reset::reset_user_password))
        .routes(routes!(users::remove_totp::remove_user_totp))
        .routes(routes!(users::sessions::list_user_sessions, users::sessions::end_user_sessions))
        .routes(routes!(users::sessions::end_user_session))
        .routes(routes!(roles::list_roles))
        .routes(routes!(audit::list::list_audit))
        .routes(routes!(audit::check::check_audit))
        .routes(routes!(test_mail::send_test_mail))
        .routes(routes!(system::get_health))
        .routes(routes!(system::get_ping))
        .routes(routes!(system::get_ready))
        .routes(routes!(system::get_version))
        .split_for_parts();
    add_conditions(&mut document);
    parts::add(&mut document);
    links::add(&mut document);
    add_problems(&mut document);
    (router, document)
}

fn problem(what: &str) -> RefOr<Response> {
    let body = RefOr::Ref(Ref::from_schema_name("Problem"));
    ResponseBuilder::new().description(what).content(PROBLEM_JSON, Content::new(Some(body))).build().into()
}

/// Adds what every operation may answer beside its own.
fn add_problems(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    components.schemas.entry("Problem".into()).or_insert_with(<Problem as utoipa::PartialSchema>::schema);
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let is_guarded = operation.security.iter().flatten().any(|needed| *needed != Default::default());
            let responses = &mut operation.responses.responses;
            if is_guarded {
                responses.entry("401".into()).or_insert_with(|| problem("Nobody known calls"));
                responses
                    .entry("403".into())
                    .or_insert_with(|| problem("The caller lacks the scope, or calls cross-site"));
            }
            responses.entry("default".into()).or_insert_with(|| problem("Any other refusal or failure"));
        }
    }
}

fn parameter(name: &str, place: ParameterIn, what: &str, schema: Object) -> RefOr<Parameter> {
    let built = ParameterBuilder::new().name(name).parameter_in(place).description(Some(what)).schema(Some(schema));
    RefOr::T(built.build())
}

fn words() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
}

/// What is answered where nothing is done, or where it is done already: the same body with 200.
fn add_dry_run(responses: &mut BTreeMap<String, RefOr<Response>>) {
    let done = responses.get("202").or_else(|| responses.get("201"));
    let Some(RefOr::T(done)) = done.filter(|_| !responses.contains_key("200")) else { return };
    let mut instead = done.clone();
    instead.description =
        "Of a dry run: what would be (dry-run: true). With prefer: wait: what is, as the operation has ended".into();
    responses.insert("200".into(), instead.into());
}

/// Adds what every operation that changes something takes beside its own.
fn add_conditions(document: &mut OpenApi) {
    let conditions = || {
        let flag = ObjectBuilder::new().schema_type(SchemaType::Type(Type::Boolean)).build();
        [
            parameter("dry_run", ParameterIn::Query, "Do nothing, and answer what would be", flag),
            parameter(
                call::IDEMPOTENCY_KEY.as_str(),
                ParameterIn::Header,
                "Doing the call again with the same key within a day gives the same answer (idempotent-replayed: true) and does nothing",
                words().min_length(Some(1)).max_length(Some(255)).pattern(Some("^[!-~]+$")).build(),
            ),
            parameter(
                "prefer",
                ParameterIn::Header,
                "wait=30: answer when the operation has ended, 200 then, after 30 seconds at most",
                words().examples(["wait=30"]).build(),
            ),
        ]
    };
    for (path, item) in &mut document.paths.paths {
        let operations = [&mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let is_of_session = operation.tags.iter().flatten().any(|tag| tag == "session");
            if is_of_session {
                continue;
            }
            add_dry_run(&mut operation.responses.responses);
            let parameters = operation.parameters.get_or_insert_default();
            parameters.extend(conditions());
            // The paths of tenants, plans, people and database servers.
            let is_of_server = path.starts_with("/api/gateway/database-servers/");
            let has_etag = |one: &RefOr<Parameter>| matches!(one, RefOr::T(one) if matches!(&*one.name, "id_or_key" | "name" | "id_or_email"));
            if is_of_server || parameters.iter().any(has_etag) {
                let what = "The etag of an earlier answer; refused with 412 when it has changed since";
                parameters.push(parameter("if-match", ParameterIn::Header, what, words().build()));
            }
        }
    }
}

/// The operation id of what a method and a route ask for.
pub(super) fn call_of(method: &Method, route: &str) -> Option<&'static str> {
    static CALLS: LazyLock<HashMap<(String, String), String>> = LazyLock::new(|| {
        let document = document();
        let mut calls = HashMap::new();
        for (path, item) in document.paths.paths {
            for (method, operation) in
                [("GET", item.get), ("POST", item.post), ("PATCH", item.patch), ("DELETE", item.delete)]
            {
                if let Some(id) = operation.and_then(|operation| operation.operation_id) {
                    calls.insert((method.to_owned(), path.clone()), id);
                }
            }
        }
        calls
    });
    CALLS.get(&(method.as_str().to_owned(), route.to_owned())).map(String::as_str)
}

/// The document, OpenAPI 3.1.
#[must_use]
pub fn document() -> OpenApi {
    routes().1
}

/// The document as text, as `gateway/docs/admin-api.json` holds it.
///
/// # Errors
/// When it cannot be written as JSON; a bug.
pub fn text() -> Result<String, serde_json::Error> {
    document().to_pretty_json().map(|text| text + "\n")
}

/// `GET /api/gateway/openapi.json` and `GET /openapi.json`
pub(super) async fn serve() -> Json<OpenApi> {
    Json(document())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn operations() -> Vec<(String, Value)> {
        let document = serde_json::to_value(document()).unwrap();
        let paths = document["paths"].as_object().unwrap().clone();
        let mut found = Vec::new();
        for (path, item) in paths {
            for (method, operation) in item.as_object().unwrap() {
                found.push((format!("{method} {path}"), operation.clone()));
            }
        }
        found
    }

    #[test]
    fn the_committed_document_is_current() {
        let committed = include_str!("../../docs/admin-api.json");
        assert!(committed == text().unwrap(), "run: cargo run -- openapi > gateway/docs/admin-api.json");
    }

    #[test]
    fn every_operation_is_whole() {
        let found = operations();
        assert_eq!(found.len(), 121);
        for (name, operation) in found {
            assert!(operation["operationId"].is_string(), "{name}");
            assert!(operation["summary"].is_string(), "{name}");
            let needed = operation["security"].as_array().unwrap_or_else(|| panic!("{name} says nothing of security"));
            assert!(!needed.is_empty(), "{name}");
            for (status, response) in operation["responses"].as_object().unwrap() {
                assert!(!response["description"].as_str().unwrap_or_default().is_empty(), "{name} {status}");
            }
        }
    }

    #[test]
    fn bodies_refuse_unknown_fields() {
        let document = serde_json::to_value(document()).unwrap();
        for schema in [
            "CreateTenant",
            "EditTenant",
            "MoveTenant",
            "ReadLogs",
            "CreateView",
            "EditView",
            "TestRoute",
            "CreateBatch",
            "BatchTenantFilter",
            "CreateJob",
            "JobParameters",
            "Login",
            "CreateApiKey",
            "RotateApiKey",
            "CreatePlan",
            "EditPlan",
            "CreateDatabaseServer",
            "EditDatabaseServer",
            "CreatePool",
            "EditPool",
            "RepairDrift",
            "InviteUser",
            "EditUser",
            "InviteToken",
            "AcceptInvite",
            "RequestReset",
            "ConfirmReset",
            "ChangePassword",
            "EnrolTotp",
            "TotpCode",
            "DisableTotp",
            "CreateSignup",
            "SignupToken",
            "RefuseSignup",
        ] {
            assert_eq!(
                document["components"]["schemas"][schema]["additionalProperties"],
                Value::Bool(false),
                "{schema}"
            );
        }
    }
}
