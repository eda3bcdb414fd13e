//! `/api/gateway/plans`: one file per verb.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod edit;
pub(super) mod get;
pub(super) mod list;

use axum::http::StatusCode;

use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::api::types::Plan;
use crate::domain::plan::PlanName;
use crate::store::plans::PlanRecord;

/// Longest title, in characters.
const MAX_TITLE: usize = 200;

/// What is shown of a plan.
fn shown(record: PlanRecord) -> Plan {
    let limits = record.limits;
    Plan {
        name: record.name,
        title: record.title,
        tier: record.tier,
        connection_limit: limits.connections,
        statement_timeout_seconds: limits.statement_timeout_seconds,
        idle_in_transaction_timeout_seconds: limits.idle_in_transaction_timeout_seconds,
        memory_mib: limits.memory_mib,
        cpus: limits.cpus,
        pids: limits.pids,
        network: record.network,
        tenants: record.tenants,
        created_at: record.created_at,
        updated_at: record.updated_at,
    }
}

fn no_such_plan() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "plan_not_found", "No such plan", "there is no plan with this name")
}

/// The plan a path names. What is no name names none.
fn plan_name(text: &str) -> Result<PlanName, Refusal> {
    PlanName::parse(text).ok_or_else(no_such_plan)
}

fn check_title(fields: &mut Fields, title: Option<String>) -> Option<String> {
    let title = title?.trim().to_owned();
    if title.is_empty() || title.chars().count() > MAX_TITLE {
        fields.refuse("title", "length", format!("must have 1 to {MAX_TITLE} characters"));
    }
    if title.chars().any(char::is_control) {
        fields.refuse("title", "character", "must not hold control characters");
    }
    Some(title)
}

/// A limit that is a whole number; `None` where it is missing, null, or wrong and noted.
pub(super) fn whole(fields: &mut Fields, name: &str, (least, most): (i32, i32)) -> Option<i32> {
    fields.whole(name, i64::from(least)..=i64::from(most))
}
