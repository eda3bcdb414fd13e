//! `PATCH /api/gateway/plans/{name}`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::{Fields, read_network};
use crate::api::plans::{check_title, no_such_plan, plan_name, shown, whole};
use crate::api::problem::Refusal;
use crate::api::types::{EditPlan, Plan, Problem};
use crate::domain::plan::{CONNECTIONS, CPUS, MEMORY_MIB, PIDS, PlanEdit, PlanLimits, TIMEOUT_SECONDS};

fn read(mut fields: Fields) -> Result<PlanEdit, Refusal> {
    let title = if fields.is_given("title") { fields.required_text("title") } else { None };
    let seeded = PlanLimits::default();
    let mut timeout = |name: &str, default: i32| {
        fields.patch(name, |fields| whole(fields, name, TIMEOUT_SECONDS)).map(|given| given.unwrap_or(default))
    };
    let statement_timeout_seconds = timeout("statement_timeout_seconds", seeded.statement_timeout_seconds);
    let idle_in_transaction_timeout_seconds =
        timeout("idle_in_transaction_timeout_seconds", seeded.idle_in_transaction_timeout_seconds);
    let mut limit = |name: &str, range| fields.patch(name, |fields| whole(fields, name, range));
    let edit = PlanEdit {
        statement_timeout_seconds,
        idle_in_transaction_timeout_seconds,
        connections: limit("connection_limit", CONNECTIONS),
        memory_mib: limit("memory_mib", MEMORY_MIB),
        pids: limit("pids", PIDS),
        cpus: fields.patch("cpus", |fields| fields.fraction("cpus", CPUS)),
        // What null gives back is the network that a plan has which says nothing of it.
        network: fields.patch("network", read_network).map(Option::unwrap_or_default),
        title: check_title(&mut fields, title),
    };
    fields.finish()?;
    Ok(edit)
}

/// Change a plan
///
/// As a JSON merge patch: what is left out stays, null gives a limit back to the settings and each tenant its own network.
/// Where limits or the network change, the work of its tenants is done again, behind what people wait for: roles and
/// containers get the new limits, networks are made or removed. Connections of an app that are open stay open.
#[utoipa::path(
    patch,
    path = "/api/gateway/plans/{name}",
    operation_id = "edit_plan",
    tag = "fleet",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    params(("name" = String, Path, description = "Name of the plan")),
    request_body(content((EditPlan = "application/merge-patch+json"), (EditPlan = "application/json"))),
    responses(
        (status = 200, description = "The plan as it is now", body = Plan),
        (status = 404, description = "No such plan", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It has changed since the version in if-match", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn edit_plan(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    Path(name): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    let edit = read(std::mem::take(&mut call.body))?;
    let name = plan_name(&name)?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let (before, after) = change.edit_plan(&name, &edit).await?.ok_or_else(no_such_plan)?;
    let version = after.version;
    let (before, after) = (shown(before), shown(after));
    let effect = Effect::changed(format!("plan:{name}"), &before, &after)?.versioned(version);
    call.finish(&state, &permit.caller, change, effect).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::plan::PlanNetwork;

    #[test]
    fn null_gives_back_and_what_is_left_out_stays() {
        let edit =
            read(Fields::of_json(json!({ "connection_limit": null, "pids": 64, "statement_timeout_seconds": null })));
        let edit = edit.unwrap();
        assert_eq!((edit.connections, edit.pids, edit.memory_mib), (Some(None), Some(Some(64)), None));
        assert_eq!((edit.statement_timeout_seconds, edit.title), (Some(60), None));
        assert_eq!(edit.network, None);
        for (given, wanted) in [(json!("per-pool"), PlanNetwork::PerPool), (json!(null), PlanNetwork::PerTenant)] {
            let edit = read(Fields::of_json(json!({ "network": given }))).unwrap();
            assert_eq!(edit.network, Some(wanted));
        }
        assert!(read(Fields::of_json(json!({ "network": "host" }))).is_err());
        assert!(read(Fields::of_json(json!({ "title": null }))).is_err());
        assert!(read(Fields::of_json(json!({ "tier": "shared" }))).is_err(), "it never changes");
    }
}
