//! Rate limits that hold over all processes: the generic cell rate algorithm in one Redis script, on Redis's own clock.
//!
//! Each limit keeps one number for each subject: when it will have recovered fully. Nothing is written for what is refused.

use std::time::Duration;

use fred::clients::Client;
use fred::interfaces::{ClientLike, KeysInterface, LuaInterface};
use fred::types::config::{Config, ConnectionConfig, PerformanceConfig, ReconnectPolicy};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::domain::failure::Failure;
use crate::domain::ids::InstallationId;
use crate::infra::routes::classify;

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(2);
/// What the keys begin with, outside of any root of Traefik.
const PREFIX: &str = "gateway/limit/";
/// Takes one from each limit, or from none. Keys: one for each limit; values: two for each, its interval in microseconds and
/// how many may come at once. Answers 0, or the microseconds until all of them allow it. One more key and value: a call that
/// was counted is remembered there for so many milliseconds, and then costs nothing.
const TAKE: &str = r"
local limits = math.floor(#ARGV / 2)
local once = KEYS[limits + 1]
if once and redis.call('GET', once) then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local wait, due = 0, {}
for i = 1, limits do
    local interval, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
    due[i] = math.max(tonumber(redis.call('GET', KEYS[i]) or 0), now) + interval
    wait = math.max(wait, due[i] - interval * burst - now)
end
if wait > 0 then return wait end
for i = 1, limits do
    redis.call('SET', KEYS[i], string.format('%.0f', due[i]), 'PX', string.format('%.0f', math.ceil((due[i] - now) / 1000)))
end
if once then redis.call('SET', once, 1, 'PX', ARGV[2 * limits + 1]) end
return 0
";
/// Says how long until one may be taken, and takes none. Key and values as for one limit.
const LOOK: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
return math.max(math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + interval - interval * burst - now, 0)
";
/// How long a call that was counted is remembered: as long as its answer is.
const ONCE: Duration = Duration::from_secs(24 * 3600);

/// So many at once, and one more after each interval.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Tells it from other limits on the same subjects; part of the key in Redis.
    pub name: &'static str,
    /// How many may come at once.
    pub burst: u32,
    /// How long until one more may come.
    pub interval: Duration,
}

/// Counts in Redis. Cloning shares the connection.
#[derive(Clone)]
pub struct Limits {
    client: Client,
    prefix: String,
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limits").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl Limits {
    /// Connects; reconnects by itself later. What is counted belongs to this control plane.
    ///
    /// # Errors
    /// A classified failure when Redis cannot be reached now or the URL is not one.
    pub async fn connect(url: &SecretString, installation: InstallationId) -> Result<Self, Failure> {
        let config = Config::from_url(url.expose_secret())
            .map_err(|e| Failure::permanent("redis_url", "limits_redis_url is not a Redis URL").because(e))?;
        let connection =
            ConnectionConfig { connection_timeout: TIMEOUT, max_command_attempts: 1, ..ConnectionConfig::default() };
        let performance = PerformanceConfig { default_command_timeout: TIMEOUT, ..PerformanceConfig::default() };
        let reconnect = ReconnectPolicy::new_exponential(0, 50, 2_000, 2);
        let client = Client::new(config, Some(performance), Some(connection), Some(reconnect));
        client.init().await.map_err(|e| classify("connect to the Redis of the limits", e))?;
        Ok(Self { client, prefix: format!("{PREFIX}{installation}/") })
    }

    /// Of a subject only a digest is kept: it may be an address of a person.
    fn key(&self, name: &str, subject: &str) -> String {
        let digest = Sha256::digest(subject.as_bytes());
        let digest: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("{}{name}/{digest}", self.prefix)
    }

    /// Takes one from each limit for its subject, or from none. `None` when it was taken, else how long to wait.
    ///
    /// # Errors
    /// A classified failure; then nothing is known, and what is limited must be refused.
    pub async fn take(&self, limits: &[(Limit, &str)]) -> Result<Option<Duration>, Failure> {
        self.take_once(limits, None).await
    }

    /// As [`Limits::take`]; the same call, by a name that nobody else's has, is counted once a day.
    ///
    /// # Errors
    /// As [`Limits::take`].
    pub async fn take_once(&self, limits: &[(Limit, &str)], call: Option<&str>) -> Result<Option<Duration>, Failure> {
        let keys = limits.iter().map(|(limit, subject)| self.key(limit.name, subject));
        let keys: Vec<String> = keys.chain(call.map(|call| self.key("once", call))).collect();
        let values = limits
            .iter()
            .flat_map(|(limit, _)| [limit.interval.as_micros().to_string(), limit.burst.to_string()])
            .chain(call.map(|_| ONCE.as_millis().to_string()));
        let values: Vec<String> = values.collect();
        let wait: u64 = self.client.eval(TAKE, keys, values).await.map_err(|e| classify("count a call", e))?;
        Ok((wait > 0).then(|| Duration::from_micros(wait)))
    }

    /// How long until one may be taken from a limit for a subject; `None` when it may be now. Takes none.
    ///
    /// # Errors
    /// A classified failure; then nothing is known.
    pub async fn look(&self, limit: Limit, subject: &str) -> Result<Option<Duration>, Failure> {
        let values = vec![limit.interval.as_micros().to_string(), limit.burst.to_string()];
        let key = vec![self.key(limit.name, subject)];
        let wait: u64 = self.client.eval(LOOK, key, values).await.map_err(|e| classify("look at counted calls", e))?;
        Ok((wait > 0).then(|| Duration::from_micros(wait)))
    }

    /// Gives back all that was taken from a limit for a subject.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn forget(&self, limit: Limit, subject: &str) -> Result<(), Failure> {
        let key = self.key(limit.name, subject);
        let _: u32 = self.client.del(key).await.map_err(|e| classify("forget counted calls", e))?;
        Ok(())
    }
}
