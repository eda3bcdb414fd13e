//! `POST /api/gateway/tenants:batch`

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use uuid::Uuid;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsWrite};
use crate::api::batches::{shown, told};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::{Fields, read_tier, tenant_ref};
use crate::api::problem::Refusal;
use crate::api::tenants::list::{read_name, read_search};
use crate::api::types::{Batch, CreateBatch, Problem};
use crate::domain::batch::{BatchVerb, DEFAULT_PARALLELISM, MAX_PARALLELISM, MAX_TENANTS};
use crate::domain::ids::{PoolId, TenantId};
use crate::domain::labels::check_name;
use crate::domain::status::Status;
use crate::store::batches::{BatchWish, NewBatch};
use crate::store::change::Change;
use crate::store::tenant_list::TenantFilter;
use crate::store::tenants::TenantRef;

/// Which tenants.
#[derive(Debug)]
enum Chosen {
    /// Those named; `None` where a text can name none.
    Named(Vec<Option<TenantRef>>),
    /// Those that match, of whom there must be so many.
    Matching(Box<TenantFilter>, Option<i64>),
}

fn read_status(fields: &mut Fields) -> Vec<Status> {
    let mut found = Vec::new();
    for (place, word) in fields.texts("status", Status::ALL.len()).unwrap_or_default().iter().enumerate() {
        match Status::parse(word) {
            Some(status) => found.push(status),
            None => fields.refuse_at("status", Some(place), "unknown_value", "is no state of a tenant"),
        }
    }
    found
}

fn read_labels(fields: &mut Fields) -> BTreeMap<String, String> {
    let mut inside = fields.inside("labels");
    let mut labels = BTreeMap::new();
    for name in inside.names() {
        if inside.is_null(&name) {
            inside.refuse(&name, "type", "must be a text");
        }
        let Some(value) = inside.text(&name) else { continue };
        match check_name(&name) {
            Ok(()) if value.contains('\0') => inside.refuse(&name, "character", "must not hold the character NUL"),
            Ok(()) => {
                labels.insert(name, value);
            }
            Err(error) => inside.refuse(&name, error.code(), error),
        }
    }
    fields.absorb(inside);
    labels
}

fn read_pool(fields: &mut Fields) -> Option<Uuid> {
    let text = fields.text("pool_id")?;
    Uuid::try_parse(&text).inspect_err(|_| fields.refuse("pool_id", "uuid", "must be a UUID")).ok()
}

fn read_filter(fields: &mut Fields) -> TenantFilter {
    let mut inside = fields.inside("filter");
    let filter = TenantFilter {
        tier: read_tier(&mut inside),
        status: read_status(&mut inside),
        pool: read_pool(&mut inside),
        plan: read_name(&mut inside, "plan"),
        server: read_name(&mut inside, "server"),
        labels: read_labels(&mut inside),
        search: read_search(&mut inside),
        limit: u32::try_from(MAX_TENANTS).unwrap_or(u32::MAX),
        ..TenantFilter::default()
    };
    fields.absorb(inside);
    filter
}

fn read_chosen(fields: &mut Fields, is_counted: bool) -> Option<Chosen> {
    let is_named = fields.is_given("tenants") && !fields.is_null("tenants");
    let is_matching = fields.is_given("filter") && !fields.is_null("filter");
    let tenants = fields.texts("tenants", MAX_TENANTS);
    let filter = read_filter(fields);
    let most = i64::try_from(MAX_TENANTS).unwrap_or(i64::MAX);
    let expected = fields.whole("expect_count", 1..=most);
    match (is_named, is_matching) {
        (true, true) => fields.refuse("filter", "both", "does not go together with tenants"),
        (false, false) => fields.refuse("tenants", "required", "is required where there is no filter"),
        (false, true) if is_counted && expected.is_none() => {
            let message = "is required to do this by a filter; a dry run tells the number";
            fields.refuse("expect_count", "required", message);
        }
        (true, false) if expected.is_some() => {
            fields.refuse("expect_count", "without_filter", "goes with a filter only");
        }
        (true, false) => return Some(Chosen::Named(tenants?.iter().map(|text| tenant_ref(text)).collect())),
        (false, true) => return Some(Chosen::Matching(Box::new(filter), expected)),
    }
    None
}

fn read(mut fields: Fields, is_dry: bool) -> Result<(NewBatch, Chosen), Refusal> {
    let verb = fields.required_text("verb").and_then(|word| {
        let verb = BatchVerb::parse(&word);
        if verb.is_none() {
            let words: Vec<&str> = BatchVerb::ALL.iter().map(|verb| verb.as_str()).collect();
            fields.refuse("verb", "unknown_value", format!("must be one of {}", words.join(", ")));
        }
        verb
    });
    let chosen = read_chosen(&mut fields, !is_dry && verb.is_some_and(BatchVerb::is_destructive));
    let force = fields.flag("force");
    if force.is_some() && verb.is_some_and(|verb| verb != BatchVerb::Delete) {
        fields.refuse("force", "verb", "goes with the verb delete only");
    }
    let is_pool_given = fields.is_given("pool_id") && !fields.is_null("pool_id");
    let pool = read_pool(&mut fields).map(PoolId::from_uuid);
    match verb {
        Some(BatchVerb::Move) if !is_pool_given => fields.refuse("pool_id", "required", "is required for a move"),
        Some(verb) if verb != BatchVerb::Move && is_pool_given => {
            fields.refuse("pool_id", "verb", "goes with the verb move only");
        }
        _ => {}
    }
    let parallelism = fields.whole("parallelism", 1..=i64::from(MAX_PARALLELISM));
    let max_failures = fields.whole("max_failures", 1..=i64::try_from(MAX_TENANTS).unwrap_or(i64::MAX));
    fields.finish()?;
    let wish =
        verb.and_then(|verb| BatchWish::new(verb, force.unwrap_or(false), pool)).ok_or_else(Refusal::internal)?;
    let new = NewBatch { wish, parallelism: parallelism.unwrap_or(DEFAULT_PARALLELISM), max_failures };
    Ok((new, chosen.ok_or_else(Refusal::internal)?))
}

/// The tenants that are meant, or why they are not who was meant.
async fn choose(change: &mut Change, chosen: Chosen) -> Result<Vec<TenantId>, Refusal> {
    let mut fields = Fields::default();
    match chosen {
        Chosen::Named(named) => match change.named_tenants(&named).await? {
            Ok(tenants) => return Ok(tenants),
            Err(places) => {
                for place in places {
                    fields.refuse_at("tenants", Some(place), "tenant_not_found", "names no tenant");
                }
            }
        },
        Chosen::Matching(mut filter, expected) => {
            filter.reach = change.reach().clone();
            let (tenants, count) = change.matching_tenants(&filter).await?;
            if expected.is_some_and(|expected| expected != count) {
                let detail = format!("the filter matches {count} tenants, not as many as expect_count says");
                return Err(Refusal::new(StatusCode::CONFLICT, "count_differs", "Another number of tenants", detail));
            }
            match usize::try_from(count) {
                // Done about nobody, all would seem well.
                Ok(0) => fields.refuse("filter", "no_match", "matches no tenant"),
                Ok(count) if count <= MAX_TENANTS => return Ok(tenants),
                _ => {
                    let message = format!("matches {count} tenants; {MAX_TENANTS} is the most at once");
                    fields.refuse("filter", "too_many", message);
                }
            }
        }
    }
    Err(fields.finish().err().unwrap_or_else(Refusal::internal))
}

/// Wish the same of many tenants
///
/// Each wish is as if it had been made on its tenant alone, under the same rules; workers open them one after the other. What
/// cannot be wished of a tenant is refused for that tenant only. A dry run answers which tenants would be taken and which
/// refused. Look at the batch in the location header until it has ended.
#[utoipa::path(
    post,
    path = "/api/gateway/tenants:batch",
    operation_id = "create_batch",
    tag = "tenants",
    security(("api_key" = ["tenants:write"]), ("session" = ["tenants:write"])),
    request_body = CreateBatch,
    responses(
        (status = 202, description = "Accepted", body = Batch, headers(("location" = String, description = "The batch"))),
        (status = 409, description = "The filter matches another number of tenants than expect_count says", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong, or name what is not there", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn create_batch(
    State(state): State<AppState>,
    permit: Permit<TenantsWrite>,
    mut call: Call,
) -> Result<Response, Early> {
    let (new, chosen) = read(std::mem::take(&mut call.body), call.is_dry_run())?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let tenants = choose(&mut change, chosen).await?;
    let (record, tenants) = change.create_batch(&new, &tenants).await?;
    let batch = shown(record, Some(tenants));
    let effect = Effect::new(StatusCode::ACCEPTED, format!("batch:{}", batch.id), &batch)?;
    let effect = effect.changing(None::<&Value>, Some(&told(&batch)?))?;
    let effect = effect.at(Some(format!("/api/gateway/batches/{}", batch.id)));
    call.finish(&state, &permit.caller, change, effect).await
}
