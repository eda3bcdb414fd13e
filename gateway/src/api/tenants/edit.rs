//! `PATCH /api/gateway/tenants/{id_or_key}`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsWrite};
use crate::api::call::{Call, Early};
use crate::api::extract::{Fields, TenantPath};
use crate::api::problem::Refusal;
use crate::api::tenants::{accepted, changed};
use crate::api::types::{EditTenant, Problem, Tenant};
use crate::domain::labels::LabelsPatch;
use crate::domain::plan::PlanName;
use crate::domain::tenant::CompanyName;
use crate::store::tenants::TenantEdit;

/// Longest notes, in characters.
const MAX_NOTES: usize = 10_000;

/// Notes in a body: null empties them.
pub(super) fn read_notes(fields: &mut Fields) -> Option<String> {
    if !fields.is_given("notes") {
        return None;
    }
    let text = fields.text("notes").unwrap_or_default();
    if text.chars().count() > MAX_NOTES {
        fields.refuse("notes", "length", format!("may have {MAX_NOTES} characters at most"));
    }
    if text.contains('\0') {
        fields.refuse("notes", "character", "must not hold the character NUL");
    }
    Some(text)
}

/// The name of a plan in a body.
pub(super) fn read_plan(fields: &mut Fields) -> Option<PlanName> {
    let text = fields.text("plan")?;
    let name = PlanName::parse(&text);
    if name.is_none() {
        fields.refuse("plan", "no_such_plan", "names no plan");
    }
    name
}

/// Labels in a body: null removes one.
pub(super) fn read_labels(fields: &mut Fields) -> LabelsPatch {
    let mut patch = LabelsPatch::default();
    let mut inside = fields.inside("labels");
    for name in inside.names() {
        let is_null = inside.is_null(&name);
        let value = inside.text(&name);
        if value.is_none() && !is_null {
            continue;
        }
        if let Err(error) = patch.set(&name, value) {
            inside.refuse(&name, error.code(), error);
        }
    }
    fields.absorb(inside);
    patch
}

fn read(mut fields: Fields) -> Result<TenantEdit, Refusal> {
    let company_name = if fields.is_given("company_name") { fields.required_text("company_name") } else { None };
    let company_name = company_name.and_then(|text| {
        CompanyName::parse(&text).inspect_err(|error| fields.refuse("company_name", error.code(), error)).ok()
    });
    if fields.is_null("plan") {
        fields.refuse("plan", "required", "cannot be removed; every tenant has one");
    }
    let plan = read_plan(&mut fields);
    if fields.is_null("route_pinned") {
        fields.refuse("route_pinned", "required", "must be true or false");
    }
    let route_pinned = fields.flag("route_pinned");
    let labels = read_labels(&mut fields);
    let edit = TenantEdit { company_name, notes: read_notes(&mut fields), labels, plan, route_pinned };
    fields.finish()?;
    Ok(edit)
}

/// Edit a tenant
///
/// Changes its name, its notes and its labels, which needs no work, and its plan and whether its route is pinned, as a JSON
/// merge patch: what is left out stays, null removes. Where a change opens an operation, the answer is 202 and the location
/// header leads there. A new name shows on pages at once, in a container's environment when it is next made. Give if-match
/// with the etag of an earlier answer, so as not to overwrite what somebody else changed meanwhile.
#[utoipa::path(
    patch,
    path = "/api/gateway/tenants/{id_or_key}",
    operation_id = "edit_tenant",
    tag = "tenants",
    security(("api_key" = ["tenants:write"]), ("session" = ["tenants:write"])),
    params(("id_or_key" = String, Path, description = "Id or key of the tenant")),
    request_body(content((EditTenant = "application/merge-patch+json"), (EditTenant = "application/json"))),
    responses(
        (status = 200, description = "The tenant as it is now", body = Tenant),
        (status = 202, description = "The tenant as it is now; an operation makes the change true", body = Tenant, headers(("location" = String, description = "The operation"))),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is deleted", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn edit_tenant(
    State(state): State<AppState>,
    permit: Permit<TenantsWrite>,
    TenantPath(which): TenantPath,
    mut call: Call,
) -> Result<Response, Early> {
    let edit = read(std::mem::take(&mut call.body))?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let (before, after) = change.edit_tenant(&which, &edit).await?.ok_or_else(Refusal::no_such_tenant)?;
    let effect = if after.version.generation == before.version.generation {
        changed(&state, StatusCode::OK, Some(before), after)?
    } else {
        accepted(&state, Some(before), after)?
    };
    call.finish(&state, &permit.caller, change, effect).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_removes_and_what_is_left_out_stays() {
        let edit = read(Fields::of_json(json!({"notes": null, "labels": {"a": "1", "b": null}}))).unwrap();
        assert_eq!((edit.company_name.is_none(), edit.notes.as_deref()), (true, Some("")));
        let mut labels = [("b".to_owned(), "2".to_owned()), ("c".to_owned(), "3".to_owned())].into();
        edit.labels.apply(&mut labels).unwrap();
        assert_eq!(labels, [("a".to_owned(), "1".to_owned()), ("c".to_owned(), "3".to_owned())].into());
        assert!(read(Fields::of_json(json!({}))).unwrap().notes.is_none());
    }

    #[test]
    fn every_wrong_field_is_named() {
        let body = json!({"company_name": null, "notes": 1, "labels": {"A": "x", "ok": 1, "long": "x".repeat(201)}, "key": "b", "route_pinned": null});
        let refused = read(Fields::of_json(body)).unwrap_err();
        let mut wrong: Vec<&str> = refused.errors().iter().map(|error| &*error.pointer).collect();
        wrong.sort_unstable();
        assert_eq!(
            wrong,
            ["/company_name", "/key", "/labels/A", "/labels/long", "/labels/ok", "/notes", "/route_pinned"]
        );
    }
}
