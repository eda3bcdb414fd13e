//! `POST /api/gateway/tenants`

use axum::extract::State;
use axum::response::Response;
use uuid::Uuid;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsWrite};
use crate::api::call::{Call, Early};
use crate::api::extract::{Fields, read_tier};
use crate::api::problem::Refusal;
use crate::api::tenants::accepted;
use crate::api::tenants::edit::{read_labels, read_notes, read_plan};
use crate::api::types::{CreateTenant, Problem, Tenant};
use crate::domain::host::{Host, HostSuffix};
use crate::domain::ids::PoolId;
use crate::domain::key::TenantKey;
use crate::domain::tenant::{CompanyName, NewTenant, Tier};
use crate::store::tenants::{TenantEdit, TenantRef};

/// Parses what was asked for. A host below the suffix belongs to the tenant with that key alone.
fn read(mut fields: Fields, suffix: &HostSuffix, console: Option<&Host>) -> Result<(NewTenant, TenantEdit), Refusal> {
    let key = fields
        .required_text("key")
        .and_then(|text| TenantKey::parse(&text).inspect_err(|error| fields.refuse("key", error.code(), error)).ok());
    let company_name = fields.required_text("company_name").and_then(|text| {
        CompanyName::parse(&text).inspect_err(|error| fields.refuse("company_name", error.code(), error)).ok()
    });
    let tier = read_tier(&mut fields).unwrap_or(Tier::Shared);
    let host = fields
        .text("host")
        .and_then(|text| Host::parse(&text).inspect_err(|error| fields.refuse("host", error.code(), error)).ok());
    if let (Some(host), Some(key)) = (&host, &key)
        && let Err(error) = host.check_claim(key, suffix, console)
    {
        fields.refuse("host", error.code(), error);
    }
    let pool_id = fields.text("pool_id").and_then(|text| {
        let id = Uuid::try_parse(&text).inspect_err(|_| fields.refuse("pool_id", "uuid", "must be a UUID"));
        id.ok().map(PoolId::from_uuid)
    });
    if pool_id.is_some() && tier == Tier::Dedicated {
        fields.refuse("pool_id", "tier", "goes with the tier shared only");
    }
    let plan = read_plan(&mut fields);
    let noted =
        TenantEdit { notes: read_notes(&mut fields), labels: read_labels(&mut fields), ..TenantEdit::default() };
    fields.finish()?;
    match (key, company_name) {
        (Some(key), Some(company_name)) => Ok((NewTenant { key, company_name, tier, host, pool_id, plan }, noted)),
        _ => Err(Refusal::internal()),
    }
}

/// Create a tenant
///
/// Writes it as pending; a worker makes it. Follow the operation in the location header.
#[utoipa::path(
    post,
    path = "/api/gateway/tenants",
    operation_id = "create_tenant",
    tag = "tenants",
    security(("api_key" = ["tenants:write"]), ("session" = ["tenants:write"])),
    request_body = CreateTenant,
    responses(
        (status = 202, description = "Accepted", body = Tenant, headers(("location" = String, description = "The operation that makes it"))),
        (status = 403, description = "The caller lacks the scope, calls cross-site, or would not see the tenant", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The key or the host is taken, or the pool takes no new tenants", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn create_tenant(
    State(state): State<AppState>,
    permit: Permit<TenantsWrite>,
    mut call: Call,
) -> Result<Response, Early> {
    let console = state.settings.http.admin_hostname.as_ref();
    let (new, noted) = read(std::mem::take(&mut call.body), &state.settings.tenants.host_suffix, console)?;
    let caller = &permit.caller;
    if !caller.reach().holds_new(new.pool_id) {
        let detail = "this key sees only some tenants, and the new one would not be among them";
        return Err(Refusal::outside_reach(detail).into());
    }
    let mut change = call.begin(&state, caller).await?;
    let mut tenant = change.create_tenant(&new).await?;
    if noted.notes.is_some() || !noted.labels.is_empty() {
        let edited = change.edit_tenant(&TenantRef::Id(tenant.id), &noted).await?;
        tenant = edited.map(|(_, after)| after).ok_or_else(Refusal::internal)?;
    }
    let effect = accepted(&state, None, tenant)?;
    call.finish(&state, caller, change, effect).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(body: serde_json::Value) -> Vec<(String, String)> {
        let suffix = HostSuffix::parse("apps.example.com").unwrap();
        match read(Fields::of_json(body), &suffix, None) {
            Ok(_) => Vec::new(),
            Err(refusal) => refusal.errors().iter().map(|e| (e.pointer.clone(), e.code.clone())).collect(),
        }
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn every_wrong_field_is_named() {
        let body = json!({"key": "Admin", "company_name": "", "tier": "gold", "host": "x", "pool_id": "7", "extra": 1});
        let wrong = [
            ("/key", "character"),
            ("/company_name", "length"),
            ("/tier", "unknown_value"),
            ("/host", "single_label"),
            ("/pool_id", "uuid"),
            ("/extra", "unknown"),
        ];
        assert_eq!(refused(body), pairs(&wrong));
        assert_eq!(refused(json!({})), pairs(&[("/key", "required"), ("/company_name", "required")]));
        assert_eq!(refused(json!({"key": 1, "company_name": "A"})), pairs(&[("/key", "type")]));
    }

    #[test]
    fn hosts_below_the_suffix_belong_to_their_key() {
        let body = |host: &str| json!({"key": "acme", "company_name": "A", "host": host});
        assert_eq!(refused(body("acme.apps.example.com")), []);
        assert_eq!(refused(body("shop.acme.example")), []);
        for foreign in ["other.apps.example.com", "a.acme.apps.example.com"] {
            assert_eq!(refused(body(foreign)), pairs(&[("/host", "foreign")]), "{foreign}");
        }
        assert_eq!(refused(body("apps.example.com")), pairs(&[("/host", "reserved")]), "the suffix is the operator's");
    }

    #[test]
    fn a_pool_does_not_serve_dedicated_tenants() {
        let body = json!({"key": "acme", "company_name": "A", "tier": "dedicated", "pool_id": Uuid::nil()});
        assert_eq!(refused(body), pairs(&[("/pool_id", "tier")]));
    }
}
