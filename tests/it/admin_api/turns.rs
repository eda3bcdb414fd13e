//! What workers share by turns and by locks, beside those who change the same: each test lets one run into the other.

use super::with_api;

#[test]
fn a_right_that_nobody_waits_for_any_more_is_held_by_nobody() {
    with_api(|api| async move {
        let other = api.another().await;
        let held = api.store.publish_turn().await.unwrap();
        tokio::select! {
            _ = api.store.publish_turn() => panic!("there is one right"),
            () = api.until_waiting() => {}
        }
        held.release().await;
        let next = other.store.publish_turn().await;
        next.expect("whoever gave up left nothing behind").release().await;
        other.store.close().await;
    });
}
