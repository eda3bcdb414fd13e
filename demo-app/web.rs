//! The page, its forms, and the JSON interface.

use std::sync::Arc;

use axum::extract::rejection::{FormRejection, JsonRejection, PathRejection};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{delete, get, post};
use axum::{Form, Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::tenants::Tenants;
use crate::{notes, page};

/// Most bytes of a request's body: a note of four-byte characters, each written as `%XX` four times, and some room.
const BODY_LIMIT: usize = 32 * 1024;

/// Why a request was not served. Says nothing that only this process should know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) detail: &'static str,
}

impl Failure {
    pub(crate) const fn new(status: StatusCode, code: &'static str, detail: &'static str) -> Self {
        Self { status, code, detail }
    }

    pub(crate) fn database(error: &sqlx::Error) -> Self {
        tracing::warn!(%error, "the tenant's database failed");
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        match code.as_deref() {
            Some("42P01") => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "not_migrated",
                "The database of this tenant is not ready yet.",
            ),
            _ => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "database_unavailable",
                "The database of this tenant cannot be used now.",
            ),
        }
    }

    fn as_page(self) -> Response {
        (self.status, Html(page::failure(self.status, self.detail))).into_response()
    }

    fn as_problem(self) -> Response {
        let problem = json!({
            "type": format!("/problems/{}", self.code),
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
        });
        (self.status, [(CONTENT_TYPE, "application/problem+json")], problem.to_string()).into_response()
    }
}

const BAD_NOTE: Failure =
    Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_note", "A note has between 1 and 2000 characters.");
const BAD_REQUEST: Failure = Failure::new(StatusCode::BAD_REQUEST, "bad_request", "The request cannot be read.");
const TOO_LARGE: Failure = Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The request is too large.");
const NO_NOTE: Failure = Failure::new(StatusCode::NOT_FOUND, "no_such_note", "There is no such note.");
const NO_PAGE: Failure = Failure::new(StatusCode::NOT_FOUND, "not_found", "There is no such page.");
const NO_METHOD: Failure =
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This method is not available here.");

#[derive(Deserialize)]
struct NewNote {
    body: String,
}

type App = State<Arc<Tenants>>;

/// Every path of the application.
pub(crate) fn router(tenants: Arc<Tenants>) -> Router {
    Router::new()
        .route("/", get(show))
        .route("/notes", post(add))
        .route("/notes/{id}/delete", post(remove))
        .route("/api/notes", get(api_list).post(api_add))
        .route("/api/notes/{id}", delete(api_remove))
        .route("/api/whoami", get(api_whoami))
        .route("/health", get(|| async { "ok\n" }))
        .fallback(|| async { NO_PAGE.as_page() })
        .method_not_allowed_fallback(|| async { NO_METHOD.as_problem() })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(axum::middleware::map_response(harden))
        .with_state(tenants)
}

/// Pages of one tenant are nobody else's to keep, and run no script.
async fn harden(mut response: Response) -> Response {
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    let fixed = [(CONTENT_SECURITY_POLICY, policy), (X_CONTENT_TYPE_OPTIONS, "nosniff"), (CACHE_CONTROL, "no-store")];
    for (name, value) in fixed {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn show(State(tenants): App, headers: HeaderMap) -> Response {
    let shown = async {
        let tenant = tenants.identify(&headers)?;
        let (company, notes) = tenants
            .with_database(&tenant, |database| async move {
                Ok((database.company_name.clone(), notes::list(&database.pool).await?))
            })
            .await?;
        Ok::<_, Failure>(Html(page::notes(&company, &tenant.key, tenants.mode(), &notes)).into_response())
    };
    shown.await.unwrap_or_else(Failure::as_page)
}

async fn add(State(tenants): App, headers: HeaderMap, form: Result<Form<NewNote>, FormRejection>) -> Response {
    let added = async {
        let Form(note) = form.map_err(|error| unread(error.status()))?;
        keep(&tenants, &headers, &note.body).await?;
        Ok::<_, Failure>(Redirect::to("/").into_response())
    };
    added.await.unwrap_or_else(Failure::as_page)
}

async fn remove(State(tenants): App, headers: HeaderMap, id: Result<Path<i64>, PathRejection>) -> Response {
    // Deleted twice is deleted: a person who presses twice wants to see the list.
    match drop_note(&tenants, &headers, id).await {
        Ok(()) => Redirect::to("/").into_response(),
        Err(failure) if failure.code == NO_NOTE.code => Redirect::to("/").into_response(),
        Err(failure) => failure.as_page(),
    }
}

async fn api_list(State(tenants): App, headers: HeaderMap) -> Response {
    let listed = async {
        let tenant = tenants.identify(&headers)?;
        let notes = tenants.with_database(&tenant, |database| async move { notes::list(&database.pool).await }).await?;
        Ok::<_, Failure>(Json(json!({ "items": notes })).into_response())
    };
    listed.await.unwrap_or_else(Failure::as_problem)
}

async fn api_add(State(tenants): App, headers: HeaderMap, note: Result<Json<NewNote>, JsonRejection>) -> Response {
    let added = async {
        let Json(note) = note.map_err(|error| unread(error.status()))?;
        let note = keep(&tenants, &headers, &note.body).await?;
        let location = format!("/api/notes/{}", note.id);
        Ok::<_, Failure>((StatusCode::CREATED, [(LOCATION, location)], Json(note)).into_response())
    };
    added.await.unwrap_or_else(Failure::as_problem)
}

async fn api_remove(State(tenants): App, headers: HeaderMap, id: Result<Path<i64>, PathRejection>) -> Response {
    drop_note(&tenants, &headers, id)
        .await
        .map_or_else(Failure::as_problem, |()| StatusCode::NO_CONTENT.into_response())
}

async fn api_whoami(State(tenants): App, headers: HeaderMap) -> Response {
    let told = async {
        let tenant = tenants.identify(&headers)?;
        let (company, (database, user)) = tenants
            .with_database(&tenant, |database| async move {
                Ok((database.company_name.clone(), notes::whoami(&database.pool).await?))
            })
            .await?;
        let told = json!({
            "tenant_id": tenant.id,
            "tenant_key": tenant.key,
            "company_name": company,
            "mode": tenants.mode(),
            "database": database,
            "user": user,
        });
        Ok::<_, Failure>(Json(told).into_response())
    };
    told.await.unwrap_or_else(Failure::as_problem)
}

async fn keep(tenants: &Tenants, headers: &HeaderMap, body: &str) -> Result<notes::Note, Failure> {
    let tenant = tenants.identify(headers)?;
    let body = notes::cleaned(body).ok_or(BAD_NOTE)?;
    let body = body.as_str();
    tenants.with_database(&tenant, |database| async move { notes::add(&database.pool, body).await }).await
}

async fn drop_note(
    tenants: &Tenants,
    headers: &HeaderMap,
    id: Result<Path<i64>, PathRejection>,
) -> Result<(), Failure> {
    let tenant = tenants.identify(headers)?;
    let Path(id) = id.map_err(|_| NO_NOTE)?;
    let deleted =
        tenants.with_database(&tenant, |database| async move { notes::delete(&database.pool, id).await }).await?;
    if deleted { Ok(()) } else { Err(NO_NOTE) }
}

fn unread(status: StatusCode) -> Failure {
    if status == StatusCode::PAYLOAD_TOO_LARGE { TOO_LARGE } else { BAD_REQUEST }
}
