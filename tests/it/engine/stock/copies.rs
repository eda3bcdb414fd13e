//! Copies of the template, and what stands in their way.

use gateway::domain::operation::StepKind;
use gateway::provision::failpoint::Point;
use sqlx::{Connection, Executor};

use super::{RICH, Shop};
use crate::support::{history, run, unique_key};

#[test]
fn a_copy_and_a_spare_are_what_the_migrations_make() {
    run(async {
        let shop = Shop::open(RICH).await;
        let mut worlds = Vec::new();
        for (copies, spares, origin) in [("never", 0, "nothing"), ("auto", 0, "template"), ("auto", 1, "spare")] {
            let worker = shop.worker(copies, spares, &[]);
            if copies == "auto" {
                shop.until_stocked(1, spares as usize).await;
            }
            let key = unique_key("copy");
            let (id, from) = shop.provision(&key).await;
            assert_eq!(from, origin);
            shop.instance.stack.assert_complete(&key, id, false).await;
            assert_eq!(
                shop.ask(id, "SELECT string_agg(colour::text, ' ' ORDER BY id) FROM app.thing").await,
                "green green"
            );
            let rights = "SELECT (has_table_privilege(current_database() || '_app', 'app.thing', 'UPDATE')
                                  AND has_function_privilege(current_database() || '_app', 'twice(integer)', 'EXECUTE'))::text";
            assert_eq!(shop.ask(id, rights).await, "true", "{origin}");
            worlds.push((origin, shop.snapshot(&key, id).await));
            history::assert_clean(&shop.instance.stack.control, &key).await;
            worker.assert_calm(&[]);
            assert_eq!(worker.stop(), Some(0));
        }
        for (origin, world) in &worlds[1..] {
            assert_eq!(*world, worlds[0].1, "{origin}");
        }
    });
}

#[test]
fn a_copy_that_was_left_half_taken_over_is_finished() {
    run(async {
        let shop = Shop::open(RICH).await;
        let stack = &shop.instance.stack;
        let keeper = shop.worker("auto", 0, &[]);
        shop.until_stocked(1, 0).await;
        let (id, _) = shop.provision("calm-one").await;
        let calm = shop.snapshot("calm-one", id).await;
        keeper.freeze();
        // Between the copy and the change of its owner.
        let _held = shop.dies_with_a_request_on_its_way(0, b"REASSIGN", Some("half-one")).await;
        keeper.thaw();
        let id = stack.settled("half-one", &["active"]).await;
        assert_eq!(shop.snapshot("half-one", id).await, calm);
        // And around the record of the step.
        for point in Point::ALL {
            let (key, id) = shop.finished_by(&keeper, 0, StepKind::Database, point).await;
            assert_eq!(shop.snapshot(&key, id).await, calm, "{point:?}");
        }
        keeper.assert_calm(&[]);
        assert_eq!(keeper.stop(), Some(0));
    });
}

#[test]
fn who_sits_in_a_template_stops_nobody() {
    run(async {
        let shop = Shop::open(RICH).await;
        let worker = shop.worker("auto", 0, &[]);
        shop.until_stocked(1, 0).await;
        let template = shop.stock().await.remove(0).0;
        // Whoever keeps the stock clears an open template away as soon as it sees it.
        let kept = shop.keep_stock().await;
        shop.run(format!("ALTER DATABASE {template} ALLOW_CONNECTIONS true")).await;
        let mut squatter = shop.instance.stack.server(&template).await;
        shop.run(format!("ALTER DATABASE {template} ALLOW_CONNECTIONS false")).await;
        kept.close().await;
        // PostgreSQL waits five seconds for the squatter to leave, and then the migrations run.
        assert_eq!(shop.provision("beside-one").await.1, "nothing");
        squatter.execute("SELECT 1").await.unwrap();
        squatter.close().await.unwrap();
        assert_eq!(shop.provision("after-one").await.1, "template");
        // Opened by hand it is no template any more: somebody may have changed it. A new one takes its place.
        let kept = shop.keep_stock().await;
        shop.run(format!("ALTER DATABASE {template} ALLOW_CONNECTIONS true")).await;
        let squatter = shop.instance.stack.server(&template).await;
        assert_eq!(shop.provision("opened-one").await.1, "nothing");
        kept.close().await;
        shop.until_stocked(1, 0).await;
        drop(squatter);
        assert_eq!(shop.provision("again-one").await.1, "template");
        worker.assert_calm(&[]);
        assert_eq!(worker.stop(), Some(0));
    });
}

#[test]
fn what_belongs_to_somebody_else_is_left_alone() {
    run(async {
        let shop = Shop::open(RICH).await;
        let worker = shop.worker("auto", 0, &[]);
        shop.until_stocked(1, 0).await;
        assert_eq!(worker.stop(), Some(0));
        let template = shop.stock().await.remove(0).0;
        shop.run(format!("DROP DATABASE {template}")).await;
        shop.run(format!("COMMENT ON ROLE {template} IS 'mine'")).await;
        shop.run(format!("CREATE DATABASE {template} OWNER {template}")).await;
        let worker = shop.worker("auto", 1, &[]);
        worker.until_said(&["no stock can be kept on a database server"]).await;
        assert_eq!(shop.provision("plain-one").await.1, "nothing");
        assert_eq!(shop.stock().await, [(template, false)]);
        worker.assert_calm(&[]);
        assert_eq!(worker.stop(), Some(0));
    });
}

/// What a copy would share among tenants, or lack, with what is said of it.
const UNFIT: &[(&str, &str)] = &[
    ("create table secret as select gen_random_uuid() as value", "the rows of public.secret"),
    ("do $$ begin execute format('create table about_%s ()', current_database()); end $$", "the relation public.about_"),
    (
        "do $$ begin execute format('create table a (b text default %L)', current_database()); end $$",
        "the default of public.a.1",
    ),
    (
        "do $$ begin execute format('alter database %I set work_mem = ''8MB''', current_database()); end $$",
        "set parameters",
    ),
    ("select lo_create(0)", "large objects"),
    ("alter default privileges revoke execute on functions from public", "name the owner"),
    ("grant all on schema public to current_user", "name the owner"),
    ("create function label() returns trigger language plpgsql as $$ begin return new; end $$;
      do $$ begin execute format('create trigger label before insert on note for each row execute function label(%L)', current_database()); end $$",
     "the trigger label of public.note"),
];

#[test]
fn what_a_copy_would_share_is_made_anew_for_each_tenant() {
    run(async {
        let shop = Shop::open(RICH).await;
        for (sql, why) in UNFIT {
            let more = [RICH, &[("0003_unfit.sql", *sql)]].concat();
            super::write(shop.migrations.path(), &more);
            let worker = shop.worker("auto", 1, &[]);
            worker.until_said(&["goes through the migrations by itself"]).await;
            assert!(worker.text().contains(why), "{sql}: {}", worker.text());
            assert_eq!(shop.stock().await, [], "{sql}");
            assert_eq!(shop.stock_roles().await, 0, "{sql}");
            assert_eq!(shop.provision(&unique_key("unfit")).await.1, "nothing", "{sql}");
            worker.assert_calm(&[]);
            assert_eq!(worker.stop(), Some(0));
        }
        // Whoever says that it does not matter gets copies of what two runs leave different, and of nothing else.
        super::write(shop.migrations.path(), &[RICH, &[("0003_unfit.sql", UNFIT[0].0)]].concat());
        let worker = shop.worker("always", 0, &[]);
        shop.until_stocked(1, 0).await;
        let mut secrets = Vec::new();
        for _ in 0..2 {
            let (id, from) = shop.provision(&unique_key("same")).await;
            assert_eq!(from, "template");
            secrets.push(shop.ask(id, "SELECT value::text FROM secret").await);
        }
        assert_eq!(secrets[0], secrets[1]);
        worker.assert_calm(&[]);
        assert_eq!(worker.stop(), Some(0));
    });
}
