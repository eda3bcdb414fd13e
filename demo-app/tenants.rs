//! Whose request this is, and the pool of that tenant's own database.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use axum::http::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::OnceCell;
use url::Url;
use uuid::Uuid;

use crate::web::Failure;

const POOL_SIZE: u32 = 3;
const POOL_IDLE: Duration = Duration::from_secs(30);
const ACQUIRE: Duration = Duration::from_secs(5);
/// Tenants held at once; three connections each stay within what one database server gives to one pool member.
const CACHE_SIZE: usize = 32;
/// Longest use of credentials without asking again, so that a renamed company is seen.
const CACHE_AGE: Duration = Duration::from_secs(300);
const ASK_TIMEOUT: Duration = Duration::from_secs(5);

/// The tenants this process serves.
pub(crate) struct Tenants {
    kind: Kind,
}

enum Kind {
    Dedicated { id: Uuid, key: String, database: Arc<Database> },
    Shared(Box<Gateway>),
}

/// The tenant of one request.
pub(crate) struct Tenant {
    pub(crate) id: Uuid,
    pub(crate) key: String,
}

/// A tenant's database, ready to use.
pub(crate) struct Database {
    pub(crate) company_name: String,
    pub(crate) pool: PgPool,
}

struct Gateway {
    client: reqwest::Client,
    base: String,
    api_key: SecretString,
    cache: Mutex<HashMap<Uuid, Cached>>,
}

struct Cached {
    cell: Arc<OnceCell<Arc<Database>>>,
    made: Instant,
    used: Instant,
}

#[derive(Deserialize)]
struct Credentials {
    #[serde(deserialize_with = "secret")]
    database_url: SecretString,
    company_name: String,
}

impl Tenants {
    /// One tenant, whose database is given.
    pub(crate) fn dedicated(id: Uuid, key: String, company_name: String, url: &SecretString) -> anyhow::Result<Self> {
        let pool = pool(url).context("DATABASE_URL is not a database URL")?;
        Ok(Self { kind: Kind::Dedicated { id, key, database: Arc::new(Database { company_name, pool }) } })
    }

    /// Every tenant; databases are asked for at the gateway.
    pub(crate) fn shared(gateway: &str, api_key: SecretString) -> anyhow::Result<Self> {
        let url = Url::parse(gateway).context("GATEWAY_URL")?;
        let mut builder =
            reqwest::Client::builder().timeout(ASK_TIMEOUT).redirect(reqwest::redirect::Policy::none()).no_proxy();
        if url.scheme() == "http" {
            // An empty container has no certificates to load, and none are needed here.
            builder = builder.tls_certs_only([]);
        }
        let gateway = Gateway {
            client: builder.build().context("the HTTP client cannot be made")?,
            base: gateway.trim_end_matches('/').to_owned(),
            api_key,
            cache: Mutex::default(),
        };
        Ok(Self { kind: Kind::Shared(Box::new(gateway)) })
    }

    /// `dedicated` or `shared`.
    pub(crate) fn mode(&self) -> &'static str {
        match self.kind {
            Kind::Dedicated { .. } => "dedicated",
            Kind::Shared(_) => "shared",
        }
    }

    /// The tenant a request is for.
    pub(crate) fn identify(&self, headers: &HeaderMap) -> Result<Tenant, Failure> {
        let named = single(headers, "x-tenant-id");
        match &self.kind {
            Kind::Dedicated { id, key, .. } => match named {
                Some(text) if Uuid::parse_str(text).ok() != Some(*id) => Err(Failure::new(
                    StatusCode::MISDIRECTED_REQUEST,
                    "wrong_tenant",
                    "This container belongs to another tenant.",
                )),
                _ => Ok(Tenant { id: *id, key: key.clone() }),
            },
            Kind::Shared(_) => {
                let id = named.and_then(|text| Uuid::parse_str(text).ok()).ok_or(Failure::new(
                    StatusCode::BAD_REQUEST,
                    "tenant_missing",
                    "The request does not say whose it is: X-Tenant-Id must hold one tenant's id.",
                ))?;
                let key = single(headers, "x-tenant-key").map_or_else(|| id.to_string(), ToOwned::to_owned);
                Ok(Tenant { id, key })
            }
        }
    }

    /// Runs `work` on the tenant's database. When the credentials turn out to be old (the login is refused or the
    /// database is gone, so nothing was done), they are asked for again and the work is tried once more.
    pub(crate) async fn with_database<T, F>(
        &self,
        tenant: &Tenant,
        work: impl Fn(Arc<Database>) -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, sqlx::Error>>,
    {
        let gateway = match &self.kind {
            Kind::Dedicated { database, .. } => {
                return work(Arc::clone(database)).await.map_err(|error| Failure::database(&error));
            }
            Kind::Shared(gateway) => gateway,
        };
        let database = gateway.database(tenant.id).await?;
        match work(Arc::clone(&database)).await {
            Err(error) if is_outdated(&error) => {
                tracing::info!(tenant = %tenant.id, "credentials are out of date");
                gateway.forget(tenant.id, &database);
                let database = gateway.database(tenant.id).await?;
                work(database).await.map_err(|error| Failure::database(&error))
            }
            outcome => outcome.map_err(|error| Failure::database(&error)),
        }
    }
}

impl Gateway {
    /// The tenant's database; several requests at once ask the gateway once.
    async fn database(&self, id: Uuid) -> Result<Arc<Database>, Failure> {
        let cell = self.slot(id);
        cell.get_or_try_init(|| self.ask(id)).await.map(Arc::clone)
    }

    fn slot(&self, id: Uuid) -> Arc<OnceCell<Arc<Database>>> {
        let now = Instant::now();
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.retain(|_, cached| now.duration_since(cached.made) < CACHE_AGE);
        if cache.len() >= CACHE_SIZE && !cache.contains_key(&id) {
            let oldest = cache.iter().min_by_key(|(_, cached)| cached.used).map(|(id, _)| *id);
            // Requests that use the pool hold it; its connections close when the last of them is done.
            oldest.map(|id| cache.remove(&id));
        }
        let cached = cache.entry(id).or_insert_with(|| Cached { cell: Arc::default(), made: now, used: now });
        cached.used = now;
        Arc::clone(&cached.cell)
    }

    /// Drops the entry if it still is the one that failed.
    fn forget(&self, id: Uuid, failed: &Arc<Database>) {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.get(&id).and_then(|cached| cached.cell.get()).is_some_and(|held| Arc::ptr_eq(held, failed)) {
            cache.remove(&id);
        }
    }

    async fn ask(&self, id: Uuid) -> Result<Arc<Database>, Failure> {
        let unreachable = |error: reqwest::Error| {
            tracing::warn!(tenant = %id, error = %error.without_url(), "the gateway gave no credentials");
            Failure::new(StatusCode::BAD_GATEWAY, "gateway_unreachable", "The gateway did not answer.")
        };
        let url = format!("{}/api/gateway/tenants/{id}/reveal-credentials", self.base);
        let answer =
            self.client.post(url).bearer_auth(self.api_key.expose_secret()).send().await.map_err(unreachable)?;
        let status = answer.status();
        if status == StatusCode::NOT_FOUND {
            return Err(Failure::new(StatusCode::NOT_FOUND, "tenant_unknown", "There is no such tenant."));
        }
        if status == StatusCode::CONFLICT {
            return Err(Failure::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "tenant_not_ready",
                "This tenant has no database now.",
            ));
        }
        if status != StatusCode::OK {
            tracing::warn!(tenant = %id, status = status.as_u16(), "the gateway refused credentials");
            return Err(Failure::new(
                StatusCode::BAD_GATEWAY,
                "gateway_refused",
                "The gateway refused the credentials of this tenant.",
            ));
        }
        let credentials: Credentials = answer.json().await.map_err(unreachable)?;
        let pool = pool(&credentials.database_url).ok_or(Failure::new(
            StatusCode::BAD_GATEWAY,
            "gateway_refused",
            "The gateway's answer names no database.",
        ))?;
        Ok(Arc::new(Database { company_name: credentials.company_name, pool }))
    }
}

/// A pool that opens its first connection when it is first used. The parser's error would repeat the URL, so none is given.
fn pool(url: &SecretString) -> Option<PgPool> {
    let options = PgConnectOptions::from_str(url.expose_secret()).ok()?.application_name("demo-app");
    let pool = PgPoolOptions::new()
        .max_connections(POOL_SIZE)
        .min_connections(0)
        .idle_timeout(POOL_IDLE)
        .acquire_timeout(ACQUIRE);
    Some(pool.connect_lazy_with(options))
}

/// Errors that are met while connecting and mean that the credentials are not today's: `invalid_password` and
/// `invalid_authorization_specification` (the role is gone or may not log in), `invalid_catalog_name` (no database).
fn is_outdated(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("28P01" | "28000" | "3D000"))
}

fn secret<'de, D: Deserializer<'de>>(input: D) -> Result<SecretString, D::Error> {
    String::deserialize(input).map(SecretString::from)
}

fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    const ID: &str = "00000000-0000-0000-0000-000000000001";

    #[tokio::test]
    async fn a_pool_member_takes_the_tenant_from_one_clear_header() {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let tenants = Tenants::shared("http://127.0.0.1:1", SecretString::from("key")).unwrap();
        assert_eq!(tenants.identify(&headers(&[("x-tenant-id", ID), ("x-tenant-key", "acme")])).unwrap().key, "acme");
        for unclear in
            [headers(&[]), headers(&[("x-tenant-id", "acme")]), headers(&[("x-tenant-id", ID), ("x-tenant-id", ID)])]
        {
            assert_eq!(tenants.identify(&unclear).err().unwrap().status, StatusCode::BAD_REQUEST);
        }
        let tenant = tenants.identify(&headers(&[("x-tenant-id", ID)])).unwrap();
        let failure = tenants.with_database(&tenant, |_| async { Ok(()) }).await.err().unwrap();
        assert_eq!((failure.status, failure.code), (StatusCode::BAD_GATEWAY, "gateway_unreachable"));
    }

    #[tokio::test]
    async fn a_dedicated_container_refuses_another_tenants_request() {
        let url = SecretString::from("postgres://u:p@127.0.0.1:1/d");
        let tenants = Tenants::dedicated(Uuid::from_u128(1), "acme".into(), "Acme".into(), &url).unwrap();
        assert!(tenants.identify(&headers(&[])).is_ok());
        assert!(tenants.identify(&headers(&[("x-tenant-id", ID)])).is_ok());
        let other = headers(&[("x-tenant-id", "00000000-0000-0000-0000-000000000002")]);
        assert_eq!(tenants.identify(&other).err().unwrap().status, StatusCode::MISDIRECTED_REQUEST);
    }

    #[tokio::test]
    async fn the_cache_is_bounded() {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let tenants = Tenants::shared("http://127.0.0.1:1", SecretString::from("key")).unwrap();
        let Kind::Shared(gateway) = &tenants.kind else { panic!() };
        for id in 0..200 {
            gateway.slot(Uuid::from_u128(id));
        }
        assert_eq!(gateway.cache.lock().unwrap().len(), CACHE_SIZE);
        assert!(gateway.cache.lock().unwrap().contains_key(&Uuid::from_u128(199)));
    }
}
