//! What the Redis of the routes tells of itself: what it keeps, what it throws away, whom it tells, and who else uses it.

use std::collections::BTreeMap;

use fred::interfaces::ClientLike;
use fred::types::InfoKind;

use crate::domain::failure::Failure;
use crate::infra::routes::{RouteTree, classify};

/// Names of foreign keys that are remembered; the others are only counted.
const REMEMBERED: usize = 3;

/// The Redis of the routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisState {
    /// Its release, such as `7.0.15`.
    pub release: String,
    /// Whether it writes every change to disk.
    pub appends: bool,
    /// Whether the last writing to disk went well.
    pub is_written: bool,
    /// What it does when memory runs out, such as `noeviction`.
    pub eviction: String,
    /// The value of `notify-keyspace-events`; `None` where the user may not ask.
    pub events: Option<String>,
    /// Keys in the database that are neither Traefik's tree nor the gateway's.
    pub foreign: usize,
    /// The first of them.
    pub foreign_names: Vec<String>,
}

impl RouteTree {
    /// Reads what Redis tells of itself, and the name of every key.
    ///
    /// # Errors
    /// A classified failure; then nothing is known.
    pub async fn state(&self) -> Result<RedisState, Failure> {
        let info: String =
            self.client.info(Some(InfoKind::Default)).await.map_err(|e| classify("ask Redis about itself", e))?;
        let fields = read_info(&info);
        let field = |name: &str| fields.get(name).copied().unwrap_or_default().to_owned();
        let (foreign, foreign_names) = self.foreign_keys().await?;
        Ok(RedisState {
            release: field("redis_version"),
            appends: field("aof_enabled") == "1",
            is_written: field("aof_last_write_status") == "ok" && field("aof_last_bgrewrite_status") == "ok",
            eviction: field("maxmemory_policy"),
            events: self.events().await?,
            foreign,
            foreign_names,
        })
    }

    /// `notify-keyspace-events`; `None` where the user may not ask, as the one of the deployment may not.
    async fn events(&self) -> Result<Option<String>, Failure> {
        let asked: Result<Vec<String>, _> = self
            .client
            .custom(fred::cmd!("CONFIG"), vec!["GET".to_owned(), "notify-keyspace-events".to_owned()])
            .await
            .map_err(|e| classify("ask Redis for its settings", e));
        match asked {
            Ok(pair) => Ok(pair.into_iter().nth(1)),
            Err(failure) if failure.code == "redis_refuses" || failure.code == "redis_error" => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// How many keys are neither below Traefik's root nor the gateway's own, and the first of their names.
    async fn foreign_keys(&self) -> Result<(usize, Vec<String>), Failure> {
        let tree = format!("{}/", self.root);
        let mut names: Vec<String> = Vec::new();
        let mut count = 0;
        self.each_key("*", None, |key| {
            let name = String::from_utf8_lossy(key.as_bytes()).into_owned();
            if !name.starts_with(&tree) && !name.starts_with("gateway/") {
                count += 1;
                if names.len() < REMEMBERED {
                    names.push(name);
                }
            }
        })
        .await?;
        names.sort();
        Ok((count, names))
    }
}

/// The fields of an answer to INFO.
fn read_info(text: &str) -> BTreeMap<&str, &str> {
    text.lines().filter_map(|line| line.trim_end().split_once(':')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_and_headings_left_out() {
        let fields = read_info("# Memory\r\nmaxmemory_policy:noeviction\r\n\r\nrun:a:b\r\n");
        assert_eq!(fields, BTreeMap::from([("maxmemory_policy", "noeviction"), ("run", "a:b")]));
    }
}
