//! `POST /api/gateway/plans`

use axum::extract::State;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::{Fields, read_network, read_own_name, read_tier};
use crate::api::plans::{check_title, shown, whole};
use crate::api::problem::Refusal;
use crate::api::types::{CreatePlan, Plan, Problem};
use crate::domain::plan::{CONNECTIONS, CPUS, MEMORY_MIB, NewPlan, PIDS, PlanLimits, PlanName, TIMEOUT_SECONDS};

fn read(mut fields: Fields) -> Result<NewPlan, Refusal> {
    let name = read_own_name(&mut fields, PlanName::parse);
    let title = fields.required_text("title");
    let title = check_title(&mut fields, title);
    let tier = read_tier(&mut fields);
    let network = read_network(&mut fields).unwrap_or_default();
    let seeded = PlanLimits::default();
    let mut timeout = |name: &str, default: i32| whole(&mut fields, name, TIMEOUT_SECONDS).unwrap_or(default);
    let limits = PlanLimits {
        statement_timeout_seconds: timeout("statement_timeout_seconds", seeded.statement_timeout_seconds),
        idle_in_transaction_timeout_seconds: timeout(
            "idle_in_transaction_timeout_seconds",
            seeded.idle_in_transaction_timeout_seconds,
        ),
        connections: whole(&mut fields, "connection_limit", CONNECTIONS),
        memory_mib: whole(&mut fields, "memory_mib", MEMORY_MIB),
        cpus: fields.fraction("cpus", CPUS),
        pids: whole(&mut fields, "pids", PIDS),
    };
    fields.finish()?;
    let (name, title) = name.zip(title).ok_or_else(Refusal::internal)?;
    Ok(NewPlan { name, title, tier, limits, network })
}

/// Make a plan
///
/// The limits that tenants of one kind have in common, and what Docker network they have. A limit that is left out is as the
/// settings of the worker say; without network each tenant has its own. A plan for dedicated tenants takes no other, as their
/// containers are on their networks.
#[utoipa::path(
    post,
    path = "/api/gateway/plans",
    operation_id = "create_plan",
    tag = "fleet",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    request_body = CreatePlan,
    responses(
        (status = 201, description = "Made", body = Plan, headers(("location" = String, description = "The plan"))),
        (status = 409, description = "The name is taken", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn create_plan(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    mut call: Call,
) -> Result<Response, Early> {
    let new = read(std::mem::take(&mut call.body))?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let record = change.create_plan(&new).await?;
    let version = record.version;
    let plan = shown(record);
    let effect = Effect::made(format!("plan:{}", plan.name), &plan)?.versioned(version);
    let place = format!("/api/gateway/plans/{}", plan.name);
    call.finish(&state, &permit.caller, change, effect.at(Some(place))).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::plan::PlanNetwork;

    #[test]
    fn every_wrong_field_is_named_and_what_is_left_out_is_open() {
        let body = json!({ "name": "Gold", "title": "", "tier": "x", "connection_limit": 0, "cpus": 0, "pids": "9",
                           "statement_timeout_seconds": 1.5, "network": "host" });
        let refused = read(Fields::of_json(body)).unwrap_err();
        let mut wrong: Vec<&str> = refused.errors().iter().map(|error| &*error.pointer).collect();
        wrong.sort_unstable();
        let all = [
            "/connection_limit",
            "/cpus",
            "/name",
            "/network",
            "/pids",
            "/statement_timeout_seconds",
            "/tier",
            "/title",
        ];
        assert_eq!(wrong, all);
        let new = read(Fields::of_json(json!({ "name": "gold", "title": " Gold " }))).unwrap();
        assert_eq!((new.title.as_str(), new.limits), ("Gold", PlanLimits::default()));
        assert_eq!(new.network, PlanNetwork::PerTenant);
        let new = read(Fields::of_json(json!({ "name": "gold", "title": "Gold", "network": "none" }))).unwrap();
        assert_eq!(new.network, PlanNetwork::None);
    }
}
