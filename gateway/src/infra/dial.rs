//! Into a tenant's database: as its app would, and as its owner to look at what the app must not see. Changes nothing.

use secrecy::{ExposeSecret, SecretString};
use sqlx::{ConnectOptions, Connection};

use crate::domain::failure::Failure;
use crate::domain::ids::TenantId;
use crate::domain::names;
use crate::infra::schema::TenantMigrations;
use crate::infra::tenant_server::{CONNECT_TIMEOUT, TenantServer, classify, connect, fence_beside};

/// How a login ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialled {
    /// It is in.
    In,
    /// Name and password are right, but the app itself holds all connections it may have.
    Full,
    /// The server lets nobody in so; the SQLSTATE says why.
    Refused(String),
}

/// What a tenant's database says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inside {
    /// Whether every migration is applied with its present text and the app has its rights; else why not.
    pub migrations: Result<(), &'static str>,
    /// Highest fence it took note of; `None` when it keeps none.
    pub fence: Option<i64>,
}

impl TenantServer {
    /// Logs in as the tenant's app.
    ///
    /// # Errors
    /// A classified failure when the server gives no answer to the question.
    pub async fn dial(&self, tenant: TenantId, password: &SecretString) -> Result<Dialled, Failure> {
        let options = self.options.clone().database(&names::database(tenant)).username(&names::login_role(tenant));
        let options = options.password(password.expose_secret());
        let connected = tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await;
        match connected.unwrap_or_else(|elapsed| Err(sqlx::Error::Io(elapsed.into()))) {
            Ok(connection) => {
                // The session is over either way.
                let _ = connection.close().await;
                Ok(Dialled::In)
            }
            Err(error) => {
                let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
                match code.as_deref() {
                    Some("53300") => Ok(Dialled::Full),
                    Some(code @ ("28P01" | "28000" | "3D000" | "42501" | "55000")) => {
                        Ok(Dialled::Refused(code.to_owned()))
                    }
                    _ => Err(classify("log in as the tenant's app", error)),
                }
            }
        }
    }

    /// Whether a password is that of the tenant's login. The server looks at it before anything else, so that every other reason
    /// to let nobody in says that it was right.
    ///
    /// # Errors
    /// A classified failure when the server gives no answer to the question.
    pub(super) async fn takes_password(&self, tenant: TenantId, password: &SecretString) -> Result<bool, Failure> {
        let dialled = self.dial(tenant, password).await?;
        Ok(!matches!(dialled, Dialled::Refused(code) if code == "28P01" || code == "28000"))
    }

    /// Looks into the tenant's database as its owner, in a session that cannot write.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn look_inside(&self, tenant: TenantId, migrations: &TenantMigrations) -> Result<Inside, Failure> {
        let doing = "look into the tenant's database";
        let options = self.options.clone().database(&names::database(tenant)).options([
            ("role", names::owner_role(tenant).as_str()),
            ("default_transaction_read_only", "on"),
            ("lock_timeout", "5s"),
        ]);
        let mut connection = connect(&options, doing).await?;
        let migrations = match migrations.is_applied(&mut connection, tenant).await {
            Ok(true) => Ok(()),
            Ok(false) => Err("missing"),
            Err(failure) if failure.code == "migration_changed" => Err("changed"),
            Err(failure) => return Err(failure),
        };
        let fence = concat!("SELECT greatest((SELECT fence FROM gateway.fence), ", fence_beside!(), ")");
        let fence: Result<Option<i64>, sqlx::Error> = sqlx::query_scalar(fence).fetch_one(&mut connection).await;
        let fence = match fence {
            Ok(fence) => fence,
            Err(error) => match error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() {
                // No such table or schema: nobody ever wrote a fence here.
                Some("42P01" | "3F000") => None,
                _ => return Err(classify(doing, error)),
            },
        };
        let _ = connection.close().await;
        Ok(Inside { migrations, fence })
    }
}
