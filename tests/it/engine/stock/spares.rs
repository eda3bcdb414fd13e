//! Spares: taken once, by whoever comes first, and whole or not at all.

use std::collections::BTreeSet;
use std::time::Instant;

use gateway::domain::ids::{Fence, InstallationId, TenantId};
use gateway::domain::lease::Lease;
use gateway::domain::operation::StepKind;
use gateway::infra::tenant_server::TenantServer;
use gateway::provision::failpoint::Point;
use sqlx::Connection;
use uuid::Uuid;

use super::{RICH, Shop};
use crate::support::{PATIENCE, history, run, unique_key, wait_for};

/// Tenants that come at once, and spares that are there for them.
const TENANTS: usize = 5;
const SPARES: u32 = 5;

#[test]
fn each_spare_becomes_one_tenants_when_many_are_wanted_at_once() {
    run(async {
        let shop = Shop::open(RICH).await;
        let stack = &shop.instance.stack;
        let workers = [shop.worker("auto", SPARES, &[]), shop.worker("auto", SPARES, &[])];
        shop.until_stocked(1, SPARES as usize).await;
        let first: BTreeSet<String> = shop.stock().await.into_iter().map(|(name, _)| name).collect();
        let keys: Vec<String> = (0..TENANTS).map(|_| unique_key("rush")).collect();
        sqlx::query("INSERT INTO gateway.tenant (key, company_name) SELECT key, key FROM unnest($1::text[]) key")
            .bind(&keys)
            .execute(&stack.control)
            .await
            .unwrap();
        let mut ids: Vec<Uuid> = Vec::new();
        for key in &keys {
            let id = stack.settled(key, &["active"]).await;
            stack.assert_complete(key, id, false).await;
            history::assert_clean(&stack.control, key).await;
            ids.push(id);
        }
        let taken: Vec<String> = sqlx::query_scalar(
            "SELECT result ->> 'from' FROM gateway.step_attempt WHERE tenant_id = ANY ($1) AND starts_with(result ->> 'from', 'spare_')",
        )
        .bind(&ids)
        .fetch_all(&stack.control)
        .await
        .unwrap();
        let different: BTreeSet<String> = taken.iter().cloned().collect();
        assert_eq!(different.len(), taken.len(), "a spare was taken twice: {taken:?}");
        let standing: BTreeSet<String> = first.into_iter().filter(|name| name.starts_with("spare_")).collect();
        assert!(standing.is_subset(&different), "spares that were ready were left: {standing:?} {different:?}");
        // The stock fills up again by itself.
        shop.until_stocked(1, SPARES as usize).await;
        let migrations = ("GATEWAY_TENANT_MIGRATIONS_DIR", shop.migrations.path().to_str().unwrap());
        shop.instance.verify(&[super::GRACE, migrations], &ids).await;
        for worker in workers {
            worker.assert_calm(&[]);
            assert_eq!(worker.stop(), Some(0));
        }
    });
}

#[test]
fn a_worker_that_dies_while_it_takes_a_spare_leaves_it_whole_or_takes_it() {
    run(async {
        let shop = Shop::open(RICH).await;
        let stack = &shop.instance.stack;
        let keeper = shop.worker("auto", 1, &[]);
        shop.until_stocked(1, 1).await;
        let (id, from) = shop.provision("calm-one").await;
        assert_eq!(from, "spare");
        let calm = shop.snapshot("calm-one", id).await;
        for point in Point::ALL {
            shop.until_stocked(1, 1).await;
            let (key, id) = shop.finished_by(&keeper, 1, StepKind::Role, point).await;
            assert_eq!(shop.snapshot(&key, id).await, calm, "{point:?}");
        }
        // A request of the dead that arrives late: the tenant was made without it, and the spare stays one.
        shop.until_stocked(1, 1).await;
        let spare = shop.stock().await.remove(0).0;
        assert!(spare.starts_with("spare_"));
        keeper.freeze();
        let proxy = shop.dies_with_a_request_on_its_way(1, b"RENAME TO", Some("late-one")).await;
        keeper.thaw();
        let id = stack.settled("late-one", &["active"]).await;
        let before = shop.snapshot("late-one", id).await;
        assert_eq!(before, calm);
        proxy.release();
        wait_for("the late request to be answered", PATIENCE, || async {
            if proxy.hits() > 1 { Ok(()) } else { Err("no answer yet".to_owned()) }
        })
        .await;
        assert_eq!(shop.snapshot("late-one", id).await, before);
        shop.until_stocked(1, 1).await;
        keeper.assert_calm(&[]);
        assert_eq!(keeper.stop(), Some(0));
    });
}

#[test]
fn nobody_of_an_older_claim_enters_what_a_spare_became() {
    run(async {
        let shop = Shop::open(RICH).await;
        let stack = &shop.instance.stack;
        let worker = shop.worker("auto", 1, &[]);
        shop.until_stocked(1, 1).await;
        let (id, from) = shop.provision("fresh").await;
        assert_eq!(from, "spare");
        let fence: i64 = sqlx::query_scalar("SELECT fence FROM gateway.tenant WHERE id = $1")
            .bind(id)
            .fetch_one(&stack.control)
            .await
            .unwrap();
        let url = secrecy::SecretString::from(stack.text("database_url"));
        let server = TenantServer::new(&url, InstallationId::from_uuid(Uuid::new_v4())).unwrap();
        let enter = async |fence: i64| {
            let lease = Lease::new(TenantId::from_uuid(id), Fence::from_i64(fence), Instant::now(), PATIENCE);
            server.as_owner(&lease).await
        };
        // Nobody has been in it, so it can only be the one that it was taken under.
        let older = enter(fence - 1).await.unwrap_err();
        assert_eq!((older.code, older.fenced_by), ("fenced", Some(Fence::from_i64(fence))));
        for newer in [fence, fence + 2] {
            enter(newer).await.unwrap().close().await.unwrap();
        }
        let older = enter(fence + 1).await.unwrap_err();
        assert_eq!((older.code, older.fenced_by), ("fenced", Some(Fence::from_i64(fence + 2))));
        worker.assert_calm(&[]);
        assert_eq!(worker.stop(), Some(0));
    });
}

#[test]
fn the_password_of_a_spare_is_the_tenants_where_it_can_be_told() {
    run(async {
        let shop = Shop::open(RICH).await;
        let stack = &shop.instance.stack;
        let worker = shop.worker("auto", 1, &[]);
        let verifier = async |login: &str| -> String {
            let mut server = stack.server("postgres").await;
            let found = sqlx::query_scalar("SELECT rolpassword FROM pg_authid WHERE rolname = $1").bind(login);
            let found = found.fetch_one(&mut server).await.unwrap();
            server.close().await.unwrap();
            found
        };
        let recomment = async |login: &str, pattern: &str, by: &str| {
            let comment = format!("regexp_replace(shobj_description(oid, 'pg_authid'), '{pattern}', '{by}')");
            let sql = format!(
                "SELECT format('COMMENT ON ROLE %I IS %L', rolname, {comment}) FROM pg_roles WHERE rolname = '{login}'"
            );
            shop.run(format!("DO $$ BEGIN EXECUTE ({sql}); END $$")).await;
        };
        for (case, keeps) in [("as-made", true), ("changed", false), ("unmarked", false), ("other-key", false)] {
            shop.until_stocked(1, 1).await;
            let spare = shop.stock().await.remove(0).0;
            let login = format!("{spare}_app");
            match case {
                "changed" => shop.run(format!("ALTER ROLE {login} PASSWORD 'by hand'")).await,
                // As a release before left it, and as a worker left it whose key nobody holds any more.
                "unmarked" => recomment(&login, " key .*", "").await,
                "other-key" => recomment(&login, " key [^ ]+", " key other").await,
                _ => {}
            }
            let before = verifier(&login).await;
            let (id, from) = shop.provision(case).await;
            assert_eq!(from, "spare", "{case}");
            // The app logs in with what the row says.
            stack.assert_complete(case, id, false).await;
            let after = verifier(&format!("{}_app", crate::support::world::base(id))).await;
            assert_eq!(after == before, keeps, "{case}");
        }
        worker.assert_calm(&[]);
        assert_eq!(worker.stop(), Some(0));
    });
}

#[test]
fn a_spare_that_others_may_enter_becomes_nobodys() {
    run(async {
        let shop = Shop::open(RICH).await;
        let worker = shop.worker("auto", 1, &[]);
        shop.until_stocked(1, 1).await;
        let spare = shop.stock().await.remove(0).0;
        shop.run(format!("GRANT CONNECT ON DATABASE {spare} TO PUBLIC")).await;
        let (id, from) = shop.provision("wary").await;
        assert_eq!(from, "template");
        shop.instance.stack.assert_complete("wary", id, false).await;
        worker.assert_calm(&[]);
        assert_eq!(worker.stop(), Some(0));
    });
}

#[test]
fn a_spare_that_nobody_finished_is_cleared_away() {
    run(async {
        let shop = Shop::open(RICH).await;
        let first = shop.worker("auto", 0, &[]);
        shop.until_stocked(1, 0).await;
        assert_eq!(first.stop(), Some(0));
        let _held = shop.dies_with_a_request_on_its_way(2, b"REASSIGN", None).await;
        let half = shop.stock().await.into_iter().find(|(name, _)| name.starts_with("spare_")).unwrap();
        assert!(!half.1, "{half:?}");
        let heir = shop.worker("auto", 2, &[]);
        shop.until_stocked(1, 2).await;
        assert!(shop.stock().await.iter().all(|(name, _)| *name != half.0), "{} was not made anew", half.0);
        heir.assert_calm(&[]);
        assert_eq!(heir.stop(), Some(0));
    });
}
