//! `POST /api/gateway/jobs`

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::{Fields, tenant_ref};
use crate::api::jobs::shown;
use crate::api::problem::Refusal;
use crate::api::types::{CreateJob, Job, Problem};
use crate::domain::job::{JobKind, JobRequest};
use crate::domain::orphan::OrphanKind;
use crate::store::Store;

/// Tenants of one job at most.
const MAX_TENANTS: usize = 1000;
/// Longest quarantine, in seconds: a year.
const MAX_QUARANTINE: f64 = 31_536_000.0;

/// The tenants a job names, by id: a key may be another tenant's by the time the job is done. One that is not there is
/// refused, since a look at nobody would find all well.
async fn read_tenants(fields: &mut Fields, store: &Store) -> Result<Option<Vec<String>>, Refusal> {
    let Some(given) = fields.texts("tenants", MAX_TENANTS) else { return Ok(None) };
    let mut ids = Vec::with_capacity(given.len());
    for (place, text) in given.iter().enumerate() {
        let found = match tenant_ref(text) {
            Some(which) => store.tenant(&which).await?,
            None => None,
        };
        match found {
            Some(tenant) => ids.push(tenant.id.to_string()),
            None => fields.refuse_at("tenants", Some(place), "tenant_not_found", "names no tenant"),
        }
    }
    Ok(Some(ids))
}

fn read_quarantine(fields: &mut Fields) -> Option<Duration> {
    let seconds = fields.number("quarantine_seconds")?;
    if (0.0..=MAX_QUARANTINE).contains(&seconds) {
        Some(Duration::from_secs_f64(seconds))
    } else {
        fields.refuse("quarantine_seconds", "range", format!("must be from 0 to {MAX_QUARANTINE} seconds"));
        None
    }
}

fn read_kinds(fields: &mut Fields) -> Option<Vec<OrphanKind>> {
    let given = fields.texts("kinds", OrphanKind::ALL.len())?;
    let mut kinds = Vec::with_capacity(given.len());
    for (place, word) in given.iter().enumerate() {
        match OrphanKind::parse(word) {
            Some(kind) => kinds.push(kind),
            None => {
                let known: Vec<&str> = OrphanKind::ALL.iter().map(|kind| kind.as_str()).collect();
                let message = format!("must be one of {}", known.join(", "));
                fields.refuse_at("kinds", Some(place), "unknown_value", message);
            }
        }
    }
    Some(kinds)
}

async fn read(mut fields: Fields, store: &Store) -> Result<JobRequest, Refusal> {
    let kind = fields.required_text("kind").and_then(|word| {
        let kind = JobKind::parse(&word);
        if kind.is_none() {
            let words: Vec<&str> = JobKind::ALL.iter().map(|kind| kind.as_str()).collect();
            fields.refuse("kind", "unknown_value", format!("must be one of {}", words.join(", ")));
        }
        kind
    });
    let mut inside = fields.inside("parameters");
    // Which parameters there are depends on the kind.
    let Some(kind) = kind else {
        fields.finish()?;
        return Err(Refusal::internal());
    };
    let request = match kind {
        JobKind::Verify => JobRequest::Verify {
            tenants: read_tenants(&mut inside, store).await?,
            quick: inside.flag("quick").unwrap_or(false),
        },
        JobKind::Reconcile => JobRequest::Reconcile { dry_run: inside.flag("dry_run").unwrap_or(false) },
        JobKind::Reseal => JobRequest::Reseal { dry_run: inside.flag("dry_run").unwrap_or(false) },
        JobKind::Collect => JobRequest::Collect {
            dry_run: inside.flag("dry_run").unwrap_or(true),
            quarantine: read_quarantine(&mut inside),
            kinds: read_kinds(&mut inside),
        },
    };
    fields.absorb(inside);
    fields.finish()?;
    Ok(request)
}

/// Ask for a job
///
/// Work on the whole fleet, done by one worker: verify looks whether everything is as promised, reconcile looks for drift
/// and asks for repairs, collect removes orphans, which it does in earnest only with dry_run false. Look at the job in the
/// location header until it has ended.
#[utoipa::path(
    post,
    path = "/api/gateway/jobs",
    operation_id = "create_job",
    tag = "fleet",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    request_body = CreateJob,
    responses(
        (status = 202, description = "Accepted", body = Job, headers(("location" = String, description = "The job"))),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn create_job(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    mut call: Call,
) -> Result<Response, Early> {
    let request = read(std::mem::take(&mut call.body), &state.store).await?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let job = shown(change.create_job(&request).await?, true);
    let effect = Effect::new(StatusCode::ACCEPTED, format!("job:{}", job.id), &job)?;
    let effect = effect.changing(None::<&Job>, Some(&job))?.at(Some(format!("/api/gateway/jobs/{}", job.id)));
    call.finish(&state, &permit.caller, change, effect).await
}
