//! Traefik hears of every change: of many at once, and again where it missed one.

use std::time::{Duration, Instant};

use fred::clients::SubscriberClient;
use fred::interfaces::{ClientLike, EventInterface, KeysInterface, PubsubInterface};
use fred::types::KeyspaceEvent;
use fred::types::config::Config;
use futures::future::join_all;
use gateway::domain::ids::{Fence, TenantId};
use gateway::domain::lease::Lease;
use gateway::infra::render::Keys;
use gateway::infra::routes::RouteTree;
use tokio::sync::broadcast::Receiver;
use uuid::Uuid;

use crate::support::stack::Stack;
use crate::support::{run, unique_key};

/// How long Traefik is said to take: longer than thirty changes take.
const BUSY: Duration = Duration::from_secs(2);
const BURST: u128 = 30;

/// What is told on the channel of a tree.
struct Heard {
    client: SubscriberClient,
    messages: Receiver<KeyspaceEvent>,
}

impl Heard {
    async fn listen(stack: &Stack, root: &str) -> Self {
        let client = SubscriberClient::new(Config::from_url(&stack.text("redis_url")).unwrap(), None, None, None);
        client.init().await.unwrap();
        let messages = client.keyspace_event_rx();
        client.subscribe(channel(root)).await.unwrap();
        Self { client, messages }
    }

    /// How often Traefik was told since the last call.
    async fn count(&mut self, stack: &Stack, root: &str) -> usize {
        let redis = stack.redis().await;
        redis.publish::<(), _, _>(channel(root), "so far").await.unwrap();
        redis.quit().await.unwrap();
        let mut count = 0;
        while self.messages.recv().await.unwrap().operation != "so far" {
            count += 1;
        }
        count
    }
}

fn channel(root: &str) -> String {
    format!("__keyspace@0__:{root}/rev")
}

async fn change(tree: &RouteTree, number: u128) {
    let tenant = TenantId::from_uuid(Uuid::from_u128(number));
    let lease = Lease::new(tenant, Fence::from_i64(1), Instant::now(), Duration::from_secs(60));
    let keys = Keys::from([(format!("http/routers/{number}/rule"), "Host(`a.example`)".to_owned())]);
    tree.change(&lease, &keys, &[], false).await.unwrap();
}

#[test]
fn many_changes_are_told_at_once_while_traefik_is_busy() {
    run(async {
        let stack = Stack::shared().await;
        let root = unique_key("notice");
        let tree = RouteTree::connect(&stack.text("redis_url").into(), &root).await.unwrap();
        let mut heard = Heard::listen(&stack, &root).await;

        // Traefik has shown everything that it was told: each change is told by itself, at once.
        for number in 1..=3 {
            change(&tree, number).await;
        }
        assert_eq!(heard.count(&stack, &root).await, 3);

        tree.note_shown(BUSY);
        let began = Instant::now();
        join_all((1..=BURST).map(|number| change(&tree, number))).await;
        let took = began.elapsed();
        // Whoever returns was told of, so that one notification stands for all of them.
        assert_eq!(heard.count(&stack, &root).await, 1, "the burst took {took:?}");
        assert!(took > BUSY / 2 && took < BUSY * 2, "{took:?}");

        // It was quick again.
        tree.note_shown(Duration::ZERO);
        change(&tree, 1).await;
        assert_eq!(heard.count(&stack, &root).await, 1);

        // Nothing is told again as long as it need not be lost.
        let long_ago = Instant::now().checked_sub(BUSY * 10).unwrap();
        for since in [Instant::now(), long_ago] {
            assert!(!tree.tell_again(since).await.unwrap(), "it was told a moment ago");
        }
        // One that has told it nothing: once, however many wait.
        let heir = RouteTree::connect(&stack.text("redis_url").into(), &root).await.unwrap();
        let told = [heir.tell_again(long_ago).await.unwrap(), heir.tell_again(long_ago).await.unwrap()];
        assert_eq!((told, heard.count(&stack, &root).await), ([true, false], 1));

        heard.client.quit().await.unwrap();
        let redis = stack.redis().await;
        for pattern in [format!("{root}/*"), format!("gateway/*/{root}*")] {
            for name in stack.redis_keys(&pattern).await {
                redis.del::<(), _>(name).await.unwrap();
            }
        }
        redis.quit().await.unwrap();
    });
}
