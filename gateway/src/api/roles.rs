//! `GET /api/gateway/roles`

use axum::Json;

use crate::api::auth::{Permit, UsersRead};
use crate::api::extract::QueryFields;
use crate::api::problem::Refusal;
use crate::api::types::{Problem, Role, RoleList, RoleScopes};

/// List the roles
///
/// With what each allows, from the one that may most.
#[utoipa::path(
    get,
    path = "/api/gateway/roles",
    operation_id = "list_roles",
    tag = "people",
    security(("api_key" = ["users:read"]), ("session" = ["users:read"])),
    responses(
        (status = 200, description = "The roles", body = RoleList),
        (status = 422, description = "There are no parameters", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list_roles(
    permit: Permit<UsersRead>,
    QueryFields(fields): QueryFields,
) -> Result<Json<RoleList>, Refusal> {
    fields.finish()?;
    let items = Role::ALL.iter().map(|role| RoleScopes {
        role: *role,
        scopes: role.scopes().iter().map(|scope| scope.as_str().to_owned()).collect(),
        assignable: permit.caller.may_as(*role),
    });
    Ok(Json(RoleList { items: items.collect() }))
}
