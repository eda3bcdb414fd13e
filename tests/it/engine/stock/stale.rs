//! Stock of migrations that changed: never taken, and gone once no worker wants it any more.

use super::{RICH, Shop};
use crate::support::{PATIENCE, run, wait_for};

const CHANGED: &[(&str, &str)] = &[RICH[0], RICH[1], ("0003_later.sql", "create table later ()")];

#[test]
fn changed_migrations_have_a_template_of_their_own_and_the_old_one_goes() {
    run(async {
        let shop = Shop::open(RICH).await;
        let worker = shop.worker("auto", 2, &[]);
        shop.until_stocked(1, 2).await;
        assert_eq!(worker.stop(), Some(0));
        let old = shop.stock().await;
        let old_template = old.iter().find(|(name, _)| name.starts_with("tmpl_")).unwrap().0.clone();

        super::write(shop.migrations.path(), CHANGED);
        let worker = shop.worker("auto", 1, &[]);
        // Workers of the release before may be at work yet: theirs stays.
        shop.until_stocked(2, 3).await;
        let (id, from) = shop.provision("new-one").await;
        assert_eq!((from.as_str(), shop.ask(id, "SELECT count(*)::text FROM later").await.as_str()), ("spare", "0"));
        shop.until_stocked(2, 3).await;

        // An hour later nobody has asked for the old one.
        shop.forget(&old_template).await;
        assert_eq!(shop.provision("next-one").await.1, "spare");
        // There may be as many while one of the old ones still stands in for one that is not made yet.
        wait_for("the old ones to go", PATIENCE, || async {
            let stock = shop.stock().await;
            let is_gone = |name: &String| old.iter().all(|(gone, _)| gone != name);
            if stock.iter().all(|(name, _)| is_gone(name)) { Ok(()) } else { Err(format!("{stock:?}")) }
        })
        .await;
        shop.until_stocked(1, 1).await;
        worker.assert_calm(&[]);
        assert_eq!(worker.stop(), Some(0));

        // A server that is to be emptied keeps nothing.
        let server = |state: &'static str| {
            sqlx::query("UPDATE gateway.database_server SET state = $1")
                .bind(state)
                .execute(&shop.instance.stack.control)
        };
        server("draining").await.unwrap();
        let worker = shop.worker("auto", 1, &[]);
        shop.until_stocked(0, 0).await;
        assert_eq!(worker.stop(), Some(0));
        server("active").await.unwrap();

        // Where copies are not wanted any more, they go like those of other migrations.
        let worker = shop.worker("auto", 1, &[]);
        shop.until_stocked(1, 1).await;
        assert_eq!(worker.stop(), Some(0));
        let template = shop.stock().await.into_iter().find(|(name, _)| name.starts_with("tmpl_")).unwrap().0;
        shop.forget(&template).await;
        let worker = shop.worker("never", 1, &[]);
        shop.until_stocked(0, 0).await;
        assert_eq!(shop.provision("last-one").await.1, "nothing");
        worker.assert_calm(&[]);
        assert_eq!(worker.stop(), Some(0));
    });
}
