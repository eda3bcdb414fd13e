//! `POST /api/gateway/tenants/{id_or_key}/reveal-credentials`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::api::AppState;
use crate::api::auth::{CredentialsReveal, Permit};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::TenantPath;
use crate::api::problem::Refusal;
use crate::api::types::{Credentials, Problem};
use crate::domain::names;
use crate::store::access::TenantLogin;
use crate::store::tenants::TenantRef;

/// PostgreSQL's port, which a URL may leave out.
const DEFAULT_PORT: u16 = 5432;

#[derive(Debug, thiserror::Error)]
#[error("the address of the tenant's database server is not host:port")]
struct BadAddress;

fn credentials(login: TenantLogin, password: &SecretString) -> Result<Credentials, BadAddress> {
    let database = names::database(login.tenant_id);
    let username = names::login_role(login.tenant_id);
    let mut url = Url::parse(&format!("postgres://{}/{database}", login.address)).map_err(|_| BadAddress)?;
    url.set_username(&username).map_err(|()| BadAddress)?;
    url.set_password(Some(password.expose_secret())).map_err(|()| BadAddress)?;
    Ok(Credentials {
        host: url.host_str().ok_or(BadAddress)?.to_owned(),
        port: url.port().unwrap_or(DEFAULT_PORT),
        database_url: url.into(),
        database,
        username,
        password: password.expose_secret().to_owned(),
        company_name: login.company_name,
    })
}

/// Reveal how a tenant's app reaches its database
///
/// For the app itself, with a key of this scope alone. The answer is a secret and must not be kept in a cache on disk.
/// That of a dry run holds no password.
#[utoipa::path(
    post,
    path = "/api/gateway/tenants/{id_or_key}/reveal-credentials",
    operation_id = "reveal_credentials",
    tag = "tenants",
    security(("api_key" = ["credentials:reveal"]), ("session" = ["credentials:reveal"])),
    params(("id_or_key" = String, Path, description = "Id or key of the tenant")),
    responses(
        (status = 200, description = "The credentials", body = Credentials, headers(("cache-control" = String, description = "no-store"))),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It has no database yet, or no longer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn reveal_credentials(
    State(state): State<AppState>,
    permit: Permit<CredentialsReveal>,
    TenantPath(which): TenantPath,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let caller = &permit.caller;
    let tenant = state.store.tenant_within(&which, caller.reach()).await?.ok_or_else(Refusal::no_such_tenant)?;
    let Some(login) = state.store.tenant_login(&TenantRef::Id(tenant.id)).await? else {
        let detail = "the tenant has no database yet, or no longer; see its status";
        return Err(Refusal::new(StatusCode::CONFLICT, "not_allocated", "Not allocated", detail).into());
    };
    let place = format!("tenant/password/{}", login.tenant_id);
    let password = state.settings.key_ring.open(&place, &login.password);
    let password = password.map_err(|error| Refusal::internal().because(&error))?;
    // Every answer of the API says cache-control: no-store; see the log layer. The audit log tells that it was asked for
    // before it is answered.
    // A dry run leaves no entry there, so it tells no secret.
    let password = if call.is_dry_run() { SecretString::default() } else { password };
    let revealed = credentials(login, &password).map_err(|error| Refusal::internal().because(&error))?;
    let change = call.begin(&state, caller).await?;
    change.require_version(tenant.version)?;
    let effect = Effect::new(StatusCode::OK, format!("tenant:{}", tenant.id), &revealed)?;
    call.finish(&state, caller, change, effect).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::TenantId;
    use crate::domain::seal::Sealed;

    fn revealed(address: &str, password: &str) -> Result<Credentials, BadAddress> {
        let login = TenantLogin {
            tenant_id: TenantId::from_uuid(uuid::Uuid::nil()),
            company_name: "Acme".into(),
            address: address.into(),
            password: Sealed::from_stored(String::new()),
        };
        credentials(login, &SecretString::from(password.to_owned()))
    }

    #[test]
    fn the_url_holds_the_parts() {
        let shown = revealed("db.example:6432", "p@s/s").ok().unwrap();
        let id = "t_00000000000000000000000000000000";
        assert_eq!(shown.database_url, format!("postgres://{id}_app:p%40s%2Fs@db.example:6432/{id}"));
        assert_eq!((&*shown.host, shown.port, &*shown.password), ("db.example", 6432, "p@s/s"));
        assert_eq!(revealed("[::1]:5432", "x").ok().unwrap().host, "[::1]");
        assert!(revealed("", "x").is_err());
    }
}
