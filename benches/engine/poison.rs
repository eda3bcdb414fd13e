//! What one bad tenant costs a hundred others that become due with it: one that hangs, because a session that is not ours
//! holds its lock on the database server, and one that fails for good, because a role that is not ours has its name.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, raw_sql};
use uuid::Uuid;

use crate::stack::{Stack, median};

/// The others.
const CROWD: i32 = 100;
const ROUNDS: usize = 11;
const PATIENCE: Duration = Duration::from_secs(300);
const ACTIVE: &str = "SELECT count(*) FROM gateway.tenant WHERE starts_with(key, $1) AND status = 'active'";
const LEFT: &str = "SELECT count(*) FROM gateway.tenant WHERE starts_with(key, $1) AND status <> 'deleted'";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Poison {
    None,
    Hangs,
    Fails,
}

pub(crate) async fn measure(stack: &Stack) {
    let worker = stack.worker(&[]);
    run(stack, Poison::None, "warm").await;
    let kinds = [Poison::None, Poison::Hangs, Poison::Fails];
    let mut seconds = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        for turn in 0..kinds.len() {
            let at = (turn + round) % kinds.len();
            seconds[at].push(run(stack, kinds[at], &format!("p{round}{turn}")).await);
        }
    }
    worker.stop();
    println!(
        "{CROWD} tenants due at once, one worker; seconds until all of them are active; medians of {ROUNDS} rounds, in turns"
    );
    println!("| beside them | seconds | throughput of the {CROWD} |\n|---|---|---|");
    let without = seconds[0].clone();
    for (kind, seconds) in kinds.into_iter().zip(&mut seconds) {
        let mut ratios: Vec<f64> = without.iter().zip(&*seconds).map(|(without, with)| without / with).collect();
        let beside = match kind {
            Poison::None => "nothing",
            Poison::Hangs => "a tenant that hangs",
            Poison::Fails => "a tenant that fails for good",
        };
        println!("| {beside} | {:.2} | {:.2} |", median(seconds), median(&mut ratios));
    }
}

/// Seconds until the crowd is active; everything is gone again afterwards.
async fn run(stack: &Stack, poison: Poison, prefix: &str) -> f64 {
    let bad = Uuid::new_v4();
    let mut server = stack.server("postgres").await;
    put_in_the_way(&mut server, poison, bad).await;
    let mut connection = stack.control.acquire().await.unwrap();
    let mut insert = connection.begin().await.unwrap();
    if poison != Poison::None {
        // The first to be claimed.
        sqlx::query(
            "INSERT INTO gateway.tenant (id, key, company_name, due_at) VALUES ($1, $2, 'Bad', now() - interval '1 s')",
        )
        .bind(bad)
        .bind(format!("bad-{prefix}"))
        .execute(&mut *insert)
        .await
        .unwrap();
    }
    sqlx::query("INSERT INTO gateway.tenant (key, company_name) SELECT $1 || '-' || n, 'Good ' || n FROM generate_series(1, $2) n")
        .bind(prefix)
        .bind(CROWD)
        .execute(&mut *insert)
        .await
        .unwrap();
    insert.commit().await.unwrap();
    let seconds = stack.until(ACTIVE, &format!("{prefix}-"), i64::from(CROWD), PATIENCE).await.as_secs_f64();
    let status: Option<String> = sqlx::query_scalar("SELECT status FROM gateway.tenant WHERE id = $1")
        .bind(bad)
        .fetch_optional(&stack.control)
        .await
        .unwrap();
    match poison {
        Poison::None => assert_eq!(status, None),
        // Waiting still, or after a failure that may pass: either way not there.
        Poison::Hangs => assert!(matches!(status.as_deref(), Some("provisioning" | "pending")), "{status:?}"),
        Poison::Fails => assert_eq!(status.as_deref(), Some("error")),
    }
    if poison == Poison::Fails {
        raw_sql(AssertSqlSafe(format!("DROP ROLE {}", owner_role(bad)))).execute(&mut server).await.unwrap();
    }
    server.close().await.unwrap();
    sqlx::query("UPDATE gateway.tenant SET status = 'deleting' WHERE status NOT IN ('deleting', 'purging', 'deleted')")
        .execute(&stack.control)
        .await
        .unwrap();
    stack.until(LEFT, "", 0, PATIENCE).await;
    seconds
}

fn owner_role(tenant: Uuid) -> String {
    format!("t_{}_owner", tenant.simple())
}

async fn put_in_the_way(server: &mut PgConnection, poison: Poison, bad: Uuid) {
    match poison {
        Poison::None => {}
        Poison::Hangs => {
            // The lock that a run takes: the lower half of the tenant's id.
            let lock = bad.as_u64_pair().1.cast_signed();
            sqlx::query("SELECT pg_advisory_lock($1)").bind(lock).execute(server).await.unwrap();
        }
        Poison::Fails => {
            raw_sql(AssertSqlSafe(format!("CREATE ROLE {}", owner_role(bad)))).execute(server).await.unwrap();
        }
    }
}
