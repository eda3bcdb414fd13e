//! Control databases of a test's own on the shared stack, copied from one that is migrated once in each run.

use gateway::store::migrate::migrate;
use secrecy::SecretString;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

use super::login::ease_login;
use super::stack::Stack;

/// What the others are copied from. Its name is taken when it is whole.
const TEMPLATE: &str = "control_template";
/// The advisory lock of whoever makes it, on the database `postgres`: tests run as processes of their own.
const MAKING: i64 = 7_077_001;

/// Makes a migrated control database, which is another control plane than all others.
pub(crate) async fn control_database(stack: &Stack, name: &str) -> PgConnectOptions {
    let mut connection = stack.server("postgres").await;
    ensure_template(stack, &mut connection).await;
    execute(&mut connection, format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await;
    // A copy has neither the rights of the one that it is of, nor may it have its id, which labels what is outside.
    execute(&mut connection, format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC")).await;
    connection.close().await.unwrap();
    let options = stack.server_options().database(name);
    let mut copy = options.connect().await.unwrap();
    execute(&mut copy, "UPDATE gateway.installation SET id = gen_random_uuid(), created_at = now()".to_owned()).await;
    copy.close().await.unwrap();
    options
}

async fn ensure_template(stack: &Stack, connection: &mut PgConnection) {
    sqlx::query("SELECT pg_advisory_lock($1)").bind(MAKING).execute(&mut *connection).await.unwrap();
    let there = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)").bind(TEMPLATE);
    let is_there: bool = there.fetch_one(&mut *connection).await.unwrap();
    if !is_there {
        let (role, password) = stack.administrator();
        ease_login(connection, &role, &password).await;
        let making = format!("{TEMPLATE}_making");
        execute(connection, format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)")).await;
        execute(connection, format!("CREATE DATABASE {making}")).await;
        let url = stack.server_options().database(&making).to_url_lossy();
        migrate(&SecretString::from(url.to_string())).await.unwrap();
        // Whoever is connected keeps it from being copied.
        execute(connection, format!("ALTER DATABASE {making} ALLOW_CONNECTIONS false")).await;
        execute(connection, format!("ALTER DATABASE {making} RENAME TO {TEMPLATE}")).await;
    }
    sqlx::query("SELECT pg_advisory_unlock($1)").bind(MAKING).execute(connection).await.unwrap();
}

async fn execute(connection: &mut PgConnection, statement: String) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(connection).await.unwrap();
}
