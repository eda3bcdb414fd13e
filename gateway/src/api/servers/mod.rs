//! `/api/gateway/database-servers`: one file per verb.

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
use crate::api::problem::Refusal;
use crate::api::types::DatabaseServer;
use crate::store::servers::{ServerEdit, ServerRecord, ServerRef};

/// What is shown of a server.
fn shown(record: ServerRecord) -> DatabaseServer {
    DatabaseServer {
        id: record.id.as_uuid(),
        name: record.name,
        address: record.address,
        state: record.state,
        capacity: record.capacity,
        region: record.region,
        tenants: record.tenants,
        created_at: record.created_at,
    }
}

fn no_such_server() -> Refusal {
    let detail = "there is no database server with this id or name";
    Refusal::new(StatusCode::NOT_FOUND, "database_server_not_found", "No such database server", detail)
}

/// The server a path names. What cannot be a name names none.
fn server_ref(text: &str) -> Result<ServerRef, Refusal> {
    (!text.contains('\0')).then(|| ServerRef::parse(text)).ok_or_else(no_such_server)
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
    let (before, after) = (shown(before), shown(after));
    let effect = Effect::new(StatusCode::OK, format!("database_server:{}", after.id), &after)?;
    call.finish(state, caller, change, effect.changing(Some(&before), Some(&after))?).await
}
