//! Traefik's tree in Redis: read some keys, and change some in one MULTI that ends in one notification.
//!
//! Traefik's provider re-reads the whole tree on every keyspace event. The last command of each change publishes one
//! such event by hand, on the channel of a key below the root; with keyspace events switched off in Redis that makes one
//! reload per change, and it works as well where they are on.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fred::clients::{Client, Transaction};
use fred::interfaces::{ClientLike, KeysInterface, PubsubInterface, TransactionInterface};
use fred::types::config::{Config, ConnectionConfig, PerformanceConfig, ReconnectPolicy};
use fred::types::scan::ScanType;
use secrecy::{ExposeSecret, SecretString};

use crate::domain::failure::Failure;
use crate::infra::render::Keys;

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Keys asked for at once when the whole tree is read.
const PAGE: u32 = 1_000;
/// Where the fences stand, outside of any root of Traefik.
const FENCES: &str = "gateway/fence";

/// A tenant's fence in Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredFence {
    /// Its value; `None` when it is not a number.
    pub fence: Option<i64>,
    /// Whether it goes away by itself, as those of removed tenants do.
    pub expires: bool,
}

/// Writes Traefik's tree. Cloning shares the connection.
#[derive(Clone)]
pub struct RouteTree {
    client: Client,
    root: String,
    channel: String,
}

impl std::fmt::Debug for RouteTree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RouteTree").field("root", &self.root).finish_non_exhaustive()
    }
}

fn classify(doing: &str, error: fred::error::Error) -> Failure {
    // Redis begins its refusals with a code, as HTTP answers with a status.
    let failure = match error.details().split_whitespace().next().unwrap_or_default() {
        "NOAUTH" | "WRONGPASS" | "NOPERM" | "DENIED" => {
            Failure::permanent("redis_refuses", format!("could not {doing}: Redis refuses the login or the command"))
        }
        code @ ("OOM" | "READONLY" | "MISCONF" | "LOADING" | "BUSY" | "MASTERDOWN" | "NOREPLICAS" | "EXECABORT") => {
            Failure::retryable("redis_not_writable", format!("could not {doing}: Redis cannot take it now ({code})"))
        }
        _ => Failure::retryable("redis_unreachable", format!("could not {doing}: Redis does not answer")),
    };
    failure.because(error)
}

impl RouteTree {
    /// Connects; reconnects by itself later.
    ///
    /// # Errors
    /// A classified failure when Redis cannot be reached now or the URL is not one.
    pub async fn connect(url: &SecretString, root: &str) -> Result<Self, Failure> {
        let tree = Self::new(url, root)?;
        tree.client.init().await.map_err(|e| classify("connect to Redis", e))?;
        Ok(tree)
    }

    /// Begins to connect and does not wait for it: what is asked while there is no connection fails.
    ///
    /// # Errors
    /// A permanent failure when the URL is not one.
    pub fn connect_later(url: &SecretString, root: &str) -> Result<Self, Failure> {
        let tree = Self::new(url, root)?;
        // Ends with the last clone of the client.
        drop(tree.client.connect());
        Ok(tree)
    }

    fn new(url: &SecretString, root: &str) -> Result<Self, Failure> {
        let config = Config::from_url(url.expose_secret())
            .map_err(|e| Failure::permanent("redis_url", "redis_url is not a Redis URL").because(e))?;
        let database = config.database.unwrap_or(0);
        let mut connection =
            ConnectionConfig { connection_timeout: TIMEOUT, max_command_attempts: 1, ..ConnectionConfig::default() };
        connection.max_command_buffer_len = 10_000;
        let performance = PerformanceConfig { default_command_timeout: TIMEOUT, ..PerformanceConfig::default() };
        let reconnect = ReconnectPolicy::new_exponential(0, 50, 2_000, 2);
        let client = Client::new(config, Some(performance), Some(connection), Some(reconnect));
        Ok(Self { client, root: root.to_owned(), channel: format!("__keyspace@{database}__:{root}/rev") })
    }

    fn full(&self, key: &str) -> String {
        format!("{}/{key}", self.root)
    }

    /// The values of those keys that exist.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn read<'a>(&self, keys: impl IntoIterator<Item = &'a str>) -> Result<Keys, Failure> {
        let names: Vec<&str> = keys.into_iter().collect();
        let full: Vec<String> = names.iter().map(|key| self.full(key)).collect();
        let values: Vec<Option<String>> =
            self.client.mget(full).await.map_err(|e| classify("read Traefik's keys", e))?;
        Ok(names.into_iter().zip(values).filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
    }

    /// Every key below the root that holds a text, without the root. Keys that come or go meanwhile may be there or not;
    /// all others are exact.
    ///
    /// # Errors
    /// A classified failure; then nothing is known.
    pub async fn read_all(&self) -> Result<Keys, Failure> {
        let prefix = format!("{}/", self.root);
        let mut all = Keys::new();
        for names in self.scan(&prefix).await?.chunks(PAGE as usize) {
            let values: Vec<Option<String>> =
                self.client.mget(names.to_vec()).await.map_err(|e| classify("read Traefik's keys", e))?;
            let named = names.iter().filter_map(|name| name.strip_prefix(&prefix));
            all.extend(named.zip(values).filter_map(|(name, value)| Some((name.to_owned(), value?))));
        }
        Ok(all)
    }

    /// Every fence by the name below `gateway/fence/`, which is a tenant's id.
    ///
    /// # Errors
    /// A classified failure; then nothing is known.
    pub async fn read_fences(&self) -> Result<BTreeMap<String, StoredFence>, Failure> {
        let doing = "read the tenants' fences";
        let prefix = format!("{FENCES}/");
        let mut all = BTreeMap::new();
        for names in self.scan(&prefix).await?.chunks(PAGE as usize) {
            let values: Vec<Option<String>> = self.client.mget(names.to_vec()).await.map_err(|e| classify(doing, e))?;
            let pipeline = self.client.pipeline();
            for name in names {
                let _: () = pipeline.pttl(name.as_str()).await.map_err(|e| classify(doing, e))?;
            }
            let left: Vec<i64> = pipeline.all().await.map_err(|e| classify(doing, e))?;
            for ((name, value), left) in names.iter().zip(values).zip(left) {
                let (Some(name), Some(value)) = (name.strip_prefix(&prefix), value) else { continue };
                // Redis says -1 of a key that stays and -2 of one that has just gone.
                all.insert(name.to_owned(), StoredFence { fence: value.parse().ok(), expires: left != -1 });
            }
        }
        Ok(all)
    }

    /// The names of all keys that begin so, each once.
    async fn scan(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        let mut pattern = String::with_capacity(prefix.len() + 1);
        for c in prefix.chars() {
            if matches!(c, '*' | '?' | '[' | ']' | '^' | '\\') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        pattern.push('*');
        let mut found = BTreeSet::new();
        let mut cursor = "0".to_owned();
        loop {
            let page = self.client.scan_page(cursor, pattern.as_str(), Some(PAGE), Some(ScanType::String)).await;
            let (next, names): (String, Vec<String>) = page.map_err(|e| classify("list keys", e))?;
            found.extend(names);
            if next == "0" {
                return Ok(found.into_iter().collect());
            }
            cursor = next;
        }
    }

    /// Removes and sets keys in one transaction and tells Traefik once. A router's rule is removed first and set last.
    ///
    /// # Errors
    /// A classified failure. All or nothing was changed; after a lost answer it is not known which.
    pub async fn change(&self, set: &Keys, remove: &[&str]) -> Result<(), Failure> {
        let doing = "write Traefik's keys";
        let transaction = self.client.multi();
        self.queue(&transaction, set, remove).await.map_err(|e| classify(doing, e))?;
        let _replies: Vec<fred::types::Value> = transaction.exec(true).await.map_err(|e| classify(doing, e))?;
        Ok(())
    }

    async fn queue(&self, transaction: &Transaction, set: &Keys, remove: &[&str]) -> Result<(), fred::error::Error> {
        let is_rule = |key: &str| key.ends_with("/rule");
        for key in remove.iter().filter(|key| is_rule(key)).chain(remove.iter().filter(|key| !is_rule(key))) {
            let _: () = transaction.del(self.full(key)).await?;
        }
        for (key, value) in
            set.iter().filter(|(key, _)| !is_rule(key)).chain(set.iter().filter(|(key, _)| is_rule(key)))
        {
            let _: () = transaction.set(self.full(key), value.as_str(), None, None, false).await?;
        }
        transaction.publish::<(), _, _>(self.channel.as_str(), "set").await
    }
}
