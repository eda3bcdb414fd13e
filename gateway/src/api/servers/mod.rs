//! `/api/gateway/database-servers`: one file per verb.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod drain;
pub(super) mod edit;
pub(super) mod get;
pub(super) mod list;
pub(super) mod start;

use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::api::types::DatabaseServer;
use crate::domain::server::{MAX_CAPACITY, MAX_WEIGHT, OVERCOMMIT, ServerAddress, ServerState};
use crate::store::servers::{ServerEdit, ServerRecord, ServerRef};

/// Longest region, in characters.
const MAX_REGION: usize = 60;

/// What is shown of a server.
fn shown(record: ServerRecord) -> DatabaseServer {
    let measure = record.measure;
    DatabaseServer {
        id: record.id.as_uuid(),
        from_settings: record.is_of_settings(),
        name: record.name,
        address: record.address,
        state: record.state,
        capacity: record.capacity,
        weight: record.weight,
        overcommit: record.overcommit,
        region: record.region,
        tenants: record.tenants,
        reached_at: record.reached_at,
        problem: record.problem,
        max_connections: measure.map(|measure| measure.max_connections),
        reserved_connections: measure.map(|measure| measure.reserved_connections),
        databases: measure.map(|measure| measure.databases),
        database_bytes: measure.and_then(|measure| measure.databases_bytes),
        created_at: record.created_at,
    }
}

fn no_such_server() -> Refusal {
    let detail = "there is no database server with this id or name";
    Refusal::new(StatusCode::NOT_FOUND, "database_server_not_found", "No such database server", detail)
}

/// The server a path names. What is neither an id nor a name names none.
fn server_ref(text: &str) -> Result<ServerRef, Refusal> {
    ServerRef::parse(text).ok_or_else(no_such_server)
}

fn read_address(fields: &mut Fields, text: Option<String>) -> Option<ServerAddress> {
    let text = text?;
    let address = ServerAddress::parse(&text);
    if address.is_none() {
        fields.refuse("address", "address", "must be host:port, an IPv6 address in brackets");
    }
    address
}

fn read_state(fields: &mut Fields) -> Option<ServerState> {
    let text = fields.text("state")?;
    let state = ServerState::parse(&text);
    if state.is_none() {
        let words: Vec<&str> = ServerState::ALL.iter().map(|state| state.as_str()).collect();
        fields.refuse("state", "unknown_value", format!("must be one of {}", words.join(", ")));
    }
    state
}

fn read_capacity(fields: &mut Fields) -> Option<i32> {
    fields.whole("capacity", 0..=i64::from(MAX_CAPACITY))
}

fn read_weight(fields: &mut Fields) -> Option<i32> {
    fields.whole("weight", 1..=i64::from(MAX_WEIGHT))
}

fn read_overcommit(fields: &mut Fields) -> Option<f64> {
    fields.fraction("overcommit", OVERCOMMIT)
}

fn read_region(fields: &mut Fields) -> String {
    let region = fields.text("region").unwrap_or_default().trim().to_owned();
    if region.chars().count() > MAX_REGION {
        fields.refuse("region", "length", format!("may have {MAX_REGION} characters at most"));
    }
    if region.chars().any(char::is_control) {
        fields.refuse("region", "character", "must not hold control characters");
    }
    region
}

/// Changes a server.
async fn change(
    state: &AppState,
    caller: &Caller,
    which: &str,
    mut call: Call,
    edit: &ServerEdit,
) -> Result<Response, Early> {
    let which = server_ref(which)?;
    let mut change = call.begin(state, caller).await?;
    let (before, after) = change.edit_server(&which, edit).await?.ok_or_else(no_such_server)?;
    let version = after.version;
    let (before, after) = (shown(before), shown(after));
    let effect = Effect::changed(format!("database_server:{}", after.id), &before, &after)?.versioned(version);
    call.finish(state, caller, change, effect).await
}
