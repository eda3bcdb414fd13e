//! Traefik's tree in Redis: read some keys, and change some in one script.
//!
//! Traefik's provider re-reads the whole tree on every keyspace event. Each change is followed by one such event that is
//! published by hand, on the channel of a key below the root: by its last command, or by [`crate::infra::notice`] for several.
//! With keyspace events switched off in Redis that makes one reload for each, and it works as well where they are on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use fred::clients::Client;
use fred::error::ErrorKind;
use fred::interfaces::{ClientLike, KeysInterface, LuaInterface};
use fred::types::Value;
use fred::types::config::{Config, ConnectionConfig, PerformanceConfig, ReconnectPolicy};
use futures::future::try_join_all;
use secrecy::{ExposeSecret, SecretString};

use crate::domain::failure::Failure;
use crate::domain::ids::{Fence, TenantId};
use crate::domain::lease::Lease;
use crate::infra::notice::Notices;
use crate::infra::render::{Keys, sentinel_key};

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(3);
/// What the keys that remember fences begin with, outside of any root of Traefik; the root follows, since one root serves
/// one control plane.
const FENCES: &str = "gateway/fence/";
/// How long the fence of a tenant without a route is remembered. A worker that stalled for longer than that is stopped by
/// the end of its lease alone.
const FENCE_SECONDS: u32 = 86_400;
/// What the keys that count the changes of a tree begin with; the root follows.
const COUNTS: &str = "gateway/tree/";
/// Compares the fence and makes the change, in one. The first key is the fence's, the count's where none applies, the second the
/// count's, the third the sentinel's, the count's where a later change is to set it; the others are first those to delete, then
/// those to set. Values: fence, its seconds or 0, channel or nothing where Traefik is told later, how many to delete, what to set.
/// Answers the higher fence it has seen or 0, and the count, which is the sentinel's value too, 0 where nothing counts. A count is
/// not begun here: that there is no number says that the tree was lost.
const CHANGE: &str = r"
if KEYS[1] ~= KEYS[2] then
    local seen = tonumber(redis.call('GET', KEYS[1]) or '0') or 0
    if seen > tonumber(ARGV[1]) then return {seen, 0} end
    if ARGV[2] == '0' then redis.call('SET', KEYS[1], ARGV[1]) else redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) end
end
local gone = tonumber(ARGV[4])
for i = 4, gone + 3 do redis.call('DEL', KEYS[i]) end
for i = gone + 4, #KEYS do redis.call('SET', KEYS[i], ARGV[i - gone + 1]) end
if #KEYS == 3 and KEYS[1] ~= KEYS[2] then return {0, 0} end
local count = 0
if tonumber(redis.call('GET', KEYS[2]) or '') then count = redis.call('INCR', KEYS[2]) end
if KEYS[3] ~= KEYS[2] then redis.call('SET', KEYS[3], count) end
if ARGV[3] ~= '' then redis.call('PUBLISH', ARGV[3], 'set') end
return {0, count}
";

/// Removes a key that still has the value seen, and tells Traefik. Keys: it, the count's and the sentinel's. Values: that value,
/// the channel.
const REMOVE_SEEN: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
local count = 0
if tonumber(redis.call('GET', KEYS[2]) or '') then count = redis.call('INCR', KEYS[2]) end
redis.call('SET', KEYS[3], count)
redis.call('PUBLISH', ARGV[2], 'set')
return 1
";

/// Writes Traefik's tree. Cloning shares the connection.
#[derive(Clone)]
pub struct RouteTree {
    pub(super) client: Client,
    pub(super) root: String,
    pub(super) channel: String,
    pub(super) fences: String,
    pub(super) count: String,
    pub(super) counted: Arc<Counted>,
    pub(super) notices: Arc<Notices>,
}

/// What this process has seen of the count of a tree's changes.
#[derive(Debug, Default)]
pub(super) struct Counted {
    highest: AtomicI64,
    went_back: AtomicBool,
}

impl Counted {
    /// The highest count so far. Read before Redis is asked: an answer may overtake another.
    pub(super) fn highest(&self) -> i64 {
        self.highest.load(Ordering::SeqCst)
    }

    /// Takes note of a count that is at least `least`, unless the tree is an older one.
    pub(super) fn note(&self, count: i64, least: i64) {
        if count < least {
            self.went_back.store(true, Ordering::SeqCst);
        }
        self.highest.fetch_max(count, Ordering::SeqCst);
    }

    /// Whether a count was lower than it can be.
    pub(super) fn went_back(&self) -> bool {
        self.went_back.load(Ordering::SeqCst)
    }

    /// Begins anew, from a count above everything before.
    pub(super) fn begin(&self, count: i64) {
        self.went_back.store(false, Ordering::SeqCst);
        self.highest.fetch_max(count, Ordering::SeqCst);
    }
}

impl std::fmt::Debug for RouteTree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RouteTree").field("root", &self.root).finish_non_exhaustive()
    }
}

pub(super) fn classify(doing: &str, error: fred::error::Error) -> Failure {
    // Redis begins its refusals with a code, as HTTP answers with a status.
    let failure = match error.details().split_whitespace().next().unwrap_or_default() {
        "NOAUTH" | "WRONGPASS" | "NOPERM" | "DENIED" => {
            Failure::permanent("redis_refuses", format!("could not {doing}: Redis refuses the login or the command"))
        }
        code @ ("OOM" | "READONLY" | "MISCONF" | "LOADING" | "BUSY" | "MASTERDOWN" | "NOREPLICAS" | "EXECABORT") => {
            Failure::unavailable("redis_not_writable", format!("could not {doing}: Redis cannot take it now ({code})"))
        }
        _ if matches!(
            error.kind(),
            ErrorKind::IO | ErrorKind::Timeout | ErrorKind::Canceled | ErrorKind::Routing | ErrorKind::Tls
        ) =>
        {
            Failure::unavailable("redis_unreachable", format!("could not {doing}: Redis does not answer"))
        }
        _ => Failure::retryable("redis_error", format!("could not {doing}: Redis answers with an error")),
    };
    failure.because(error)
}

/// A tenant's keys, written once more under the fence of its last claim.
#[derive(Clone, Debug)]
pub struct Rewrite {
    /// The tenant.
    pub tenant: TenantId,
    /// The fence of its last claim.
    pub fence: Fence,
    /// Its own keys.
    pub set: Keys,
    /// Its own keys that are not wanted.
    pub remove: Vec<String>,
    /// That nothing leads to it any more, so that the memory of its fence may end too, a day later.
    pub last: bool,
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
        let fences = format!("{FENCES}{root}/");
        let (count, counted) = (format!("{COUNTS}{root}"), Arc::default());
        Ok(Self {
            client,
            root: root.to_owned(),
            fences,
            count,
            counted,
            notices: Arc::default(),
            channel: format!("__keyspace@{database}__:{root}/rev"),
        })
    }

    fn full(&self, key: &str) -> String {
        format!("{}/{key}", self.root)
    }

    pub(super) fn sentinel(&self) -> String {
        self.full(&sentinel_key())
    }

    /// The values of those keys that exist and hold a string.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn read<'a>(&self, keys: impl IntoIterator<Item = &'a str>) -> Result<Keys, Failure> {
        let names: Vec<&str> = keys.into_iter().collect();
        let full: Vec<String> = names.iter().map(|key| self.full(key)).collect();
        // Anybody may have written them: what is no text is read as if it were, and then differs from what is wanted.
        let values: Vec<Value> = self.client.mget(full).await.map_err(|e| classify("read Traefik's keys", e))?;
        let text = |value: Value| value.as_bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        Ok(names.into_iter().zip(values).filter_map(|(name, value)| Some((name.to_owned(), text(value)?))).collect())
    }

    /// Removes and sets keys of the lease's tenant at once and has Traefik told, unless a newer claim on the tenant has
    /// been here. A router's rule is removed first and set last. `last` says that nothing is published for the tenant any
    /// more, so that the memory of its fence may end too, a day later.
    ///
    /// # Errors
    /// `fenced`, `lease_over`, or a classified failure. All or nothing was changed; after a lost answer it is not known
    /// which, nor whether Traefik was told.
    pub async fn change(&self, lease: &Lease, set: &Keys, remove: &[&str], last: bool) -> Result<(), Failure> {
        let seconds = if last { FENCE_SECONDS } else { 0 };
        let mut keys = vec![self.fence_key(lease.tenant()), self.count.clone(), self.sentinel()];
        let mut values = vec![String::new(), seconds.to_string(), String::new(), remove.len().to_string()];
        self.queue(&mut keys, &mut values, set, remove);
        // Only the fence.
        let turn = if set.is_empty() && remove.is_empty() { None } else { Some(self.notices.turn()) };
        if let Some(turn) = &turn {
            values[2] = self.channel_of(turn);
        }
        values[0] = lease.require()?.to_string();
        let seen = self.make_change(keys, values).await?;
        if seen != 0 {
            return Err(Failure::fenced("Redis", Fence::from_i64(seen)));
        }
        match turn {
            Some(turn) => self.tell_of_change(turn).await,
            None => Ok(()),
        }
    }

    /// Writes the keys of tenants once more, each tenant's in one, and tells Traefik nothing, the count neither: change something
    /// shared afterwards. Gives the tenants that a newer claim has written; theirs are left as they are.
    ///
    /// # Errors
    /// A classified failure; some tenants' keys may be written then.
    pub async fn rewrite(&self, writes: &[Rewrite]) -> Result<Vec<TenantId>, Failure> {
        let doing = "write Traefik's keys";
        let write = |write: &Rewrite| {
            let remove: Vec<&str> = write.remove.iter().map(String::as_str).collect();
            let mut keys = vec![self.fence_key(write.tenant), self.count.clone(), self.count.clone()];
            let seconds = if write.last { FENCE_SECONDS } else { 0 };
            let mut values =
                vec![write.fence.to_string(), seconds.to_string(), String::new(), remove.len().to_string()];
            self.queue(&mut keys, &mut values, &write.set, &remove);
            self.client.eval::<(i64, i64), _, _, _>(CHANGE, keys, values)
        };
        let answers = try_join_all(writes.iter().map(write)).await.map_err(|e| classify(doing, e))?;
        Ok(writes.iter().zip(answers).filter(|(_, (seen, _))| *seen != 0).map(|(write, _)| write.tenant).collect())
    }

    /// What the keys of this control plane's fences begin with; a tenant's id follows.
    #[must_use]
    pub fn fence_prefix(&self) -> &str {
        &self.fences
    }

    pub(super) fn fence_key(&self, tenant: TenantId) -> String {
        format!("{}{tenant}", self.fences)
    }

    /// Sets and removes keys that belong to no tenant; without any, only the sentinel.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn change_shared(&self, set: &Keys, remove: &[&str]) -> Result<(), Failure> {
        let mut keys = vec![self.count.clone(), self.count.clone(), self.sentinel()];
        let mut values = vec![String::new(), String::new(), self.channel.clone(), remove.len().to_string()];
        self.queue(&mut keys, &mut values, set, remove);
        self.make_change(keys, values).await.map(|_| ())
    }

    /// Carries the script out and takes note of the count. Gives the higher fence it has seen, or 0.
    async fn make_change(&self, keys: Vec<String>, values: Vec<String>) -> Result<i64, Failure> {
        let least = self.counted.highest() + 1;
        let (seen, count): (i64, i64) =
            self.client.eval(CHANGE, keys, values).await.map_err(|e| classify("write Traefik's keys", e))?;
        if count > 0 {
            self.counted.note(count, least);
        }
        Ok(seen)
    }

    /// Removes a key that no tenant owns, if it still has the value seen: one below the root, named without it, or a fence
    /// by its whole name. Says whether it did.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn remove_unowned(&self, name: &str, seen: &str) -> Result<bool, Failure> {
        let key = if name.starts_with(FENCES) { name.to_owned() } else { self.full(name) };
        let values = vec![seen.to_owned(), self.channel.clone()];
        let keys = vec![key, self.count.clone(), self.sentinel()];
        let removed: Result<i64, _> = self.client.eval(REMOVE_SEEN, keys, values).await;
        Ok(removed.map_err(|e| classify("remove a key that no tenant owns", e))? == 1)
    }

    pub(super) fn queue(&self, keys: &mut Vec<String>, values: &mut Vec<String>, set: &Keys, remove: &[&str]) {
        let is_rule = |key: &str| key.ends_with("/rule");
        let rules_first = remove.iter().filter(|key| is_rule(key)).chain(remove.iter().filter(|key| !is_rule(key)));
        keys.extend(rules_first.map(|key| self.full(key)));
        for (key, value) in
            set.iter().filter(|(key, _)| !is_rule(key)).chain(set.iter().filter(|(key, _)| is_rule(key)))
        {
            keys.push(self.full(key));
            values.push(value.clone());
        }
    }
}
