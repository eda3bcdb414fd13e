//! What a tenant's own credentials cannot do, tried with them on the real server.

use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Row};

use crate::support::stack::Stack;
use crate::support::{run, unique_key};

async fn credentials(stack: &Stack, key: &str) -> Value {
    let (status, body) = stack.api("POST", &format!("/api/gateway/tenants/{key}/reveal-credentials"), None).await;
    assert_eq!(status, 200, "{body}");
    body
}

fn options(stack: &Stack, credentials: &Value) -> PgConnectOptions {
    stack
        .server_options()
        .database(credentials["database"].as_str().unwrap())
        .username(credentials["username"].as_str().unwrap())
        .password(credentials["password"].as_str().unwrap())
}

/// SQLSTATE of a statement that must fail.
async fn refused(connection: &mut PgConnection, sql: String) -> String {
    let error = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.clone())).execute(connection).await.expect_err(&sql);
    error.as_database_error().unwrap_or_else(|| panic!("{sql}: {error}")).code().unwrap().into_owned()
}

#[test]
fn a_tenant_stays_in_its_own_database() {
    run(async {
        let stack = Stack::shared().await;
        let (a, b) = (unique_key("wall-a"), unique_key("wall-b"));
        stack.insert(&a, "A").await;
        stack.insert(&b, "B").await;
        stack.settled(&a, &["active"]).await;
        stack.settled(&b, &["active"]).await;
        let (a, b) = (credentials(&stack, &a).await, credentials(&stack, &b).await);
        let own = options(&stack, &a);

        for database in [b["database"].as_str().unwrap(), "postgres", "template1", "gateway"] {
            let error = own.clone().database(database).connect().await.expect_err(database);
            assert_eq!(error.as_database_error().unwrap().code().as_deref(), Some("42501"), "{database}: {error}");
        }
        let wrong = own.clone().password("wrong").connect().await.expect_err("a wrong password");
        assert_eq!(wrong.as_database_error().unwrap().code().as_deref(), Some("28P01"));

        let mut inside = own.connect().await.unwrap();
        let name = a["database"].as_str().unwrap();
        let login = a["username"].as_str().unwrap();
        let owner = login.replace("_app", "_owner");
        for sql in [
            format!("DROP DATABASE {name}"),
            format!("ALTER DATABASE {name} CONNECTION LIMIT 1000"),
            format!("ALTER DATABASE {name} OWNER TO {login}"),
            format!("SET ROLE {owner}"),
            format!("GRANT {owner} TO {login}"),
            format!("ALTER ROLE {login} CONNECTION LIMIT 1000"),
            "CREATE ROLE intruder".to_owned(),
            "CREATE DATABASE intruder".to_owned(),
            "CREATE TABLE intruder (x int)".to_owned(),
            "DROP TABLE note".to_owned(),
            "SELECT * FROM gateway.schema_migration".to_owned(),
            "SET temp_file_limit = -1".to_owned(),
            "COPY (SELECT 1) TO PROGRAM 'true'".to_owned(),
            "SELECT pg_read_file('/etc/passwd')".to_owned(),
            "SELECT rolpassword FROM pg_authid".to_owned(),
        ] {
            let code = refused(&mut inside, sql.clone()).await;
            assert!(["42501", "0LP01"].contains(&code.as_str()), "{sql}: {code}");
        }
        sqlx::query("INSERT INTO note (body) VALUES ('mine')").execute(&mut inside).await.unwrap();
    });
}

#[test]
fn a_tenant_holds_no_more_connections_than_its_limit() {
    run(async {
        let stack = Stack::shared().await;
        let key = unique_key("limit");
        let id = stack.insert(&key, "Limit").await;
        stack.settled(&key, &["active"]).await;
        let row = sqlx::query("SELECT rolconnlimit, rolcanlogin, rolsuper FROM pg_roles WHERE rolname = $1")
            .bind(format!("{}_app", crate::support::world::base(id)))
            .fetch_one(&mut stack.server("postgres").await)
            .await
            .unwrap();
        let limit: i32 = row.get("rolconnlimit");
        assert!(row.get::<bool, _>("rolcanlogin") && !row.get::<bool, _>("rolsuper"));
        let own = options(&stack, &credentials(&stack, &key).await);
        let mut held = Vec::new();
        let refused = loop {
            match own.connect().await {
                Ok(connection) => held.push(connection),
                Err(error) => break error,
            }
            assert!(held.len() <= usize::try_from(limit).unwrap(), "the limit of {limit} is not enforced");
        };
        assert_eq!(refused.as_database_error().unwrap().code().as_deref(), Some("53300"), "{refused}");
    });
}
