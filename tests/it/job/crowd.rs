//! Two workers and fifty rows at once.

use sqlx::Row;

use crate::support::instance::Instance;
use crate::support::run;

#[test]
fn two_workers_share_fifty_rows_and_do_each_once() {
    run(async {
        let instance = Instance::without_worker(&[]).await;
        let stack = &instance.stack;
        let workers = [instance.worker(&[]), instance.worker(&[])];
        sqlx::query("INSERT INTO gateway.tenant (key, company_name) SELECT 'crowd-' || n, 'Crowd ' || n FROM generate_series(1, 50) n")
            .execute(&stack.control)
            .await
            .unwrap();
        for n in 1..=50 {
            let key = format!("crowd-{n}");
            let id = stack.settled(&key, &["active"]).await;
            stack.assert_effects_once(id).await;
        }
        let once = sqlx::query(
            "SELECT count(*) AS attempts, count(DISTINCT (tenant_id, step)) AS steps, count(DISTINCT worker) AS workers,
                    count(*) FILTER (WHERE state IN ('started', 'failed')) AS bad FROM gateway.step_attempt",
        )
        .fetch_one(&stack.control)
        .await
        .unwrap();
        assert_eq!(once.get::<i64, _>("attempts"), 400);
        assert_eq!(once.get::<i64, _>("steps"), 400);
        assert_eq!(once.get::<i64, _>("bad"), 0);
        assert_eq!(once.get::<i64, _>("workers"), 2, "both workers took part");
        let subnets: i64 =
            sqlx::query_scalar("SELECT count(DISTINCT subnet) FROM gateway.subnet WHERE tenant_id IS NOT NULL")
                .fetch_one(&stack.control)
                .await
                .unwrap();
        assert_eq!(subnets, 50);
        let id = stack.settled("crowd-25", &["active"]).await;
        stack.assert_complete("crowd-25", id, false).await;
        drop(workers);
        let last = instance.worker(&[]);
        let gone = sqlx::query("UPDATE gateway.tenant SET status = 'deleting'").execute(&stack.control).await.unwrap();
        assert_eq!(gone.rows_affected(), 50);
        for n in 1..=50 {
            let key = format!("crowd-{n}");
            let id = stack.settled(&key, &["deleted"]).await;
            if n % 10 == 0 {
                stack.assert_gone(&key, id).await;
            }
        }
        drop(last);
    });
}
