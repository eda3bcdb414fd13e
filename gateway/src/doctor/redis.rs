//! The Redis of the routes, and that of the limits.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;
use uuid::Uuid;

use crate::doctor::Look;
use crate::doctor::report::{Check, Finding};
use crate::domain::failure::Failure;
use crate::domain::ids::InstallationId;
use crate::infra::limits::{Limit, Limits};
use crate::infra::redis_state::RedisState;
use crate::infra::routes::RouteTree;

/// Asked about, and never taken from.
const LOOKED_AT: Limit = Limit { name: "doctor", burst: 1, interval: Duration::from_secs(1) };

/// Looks at both.
pub(super) async fn look(look: &Look<'_>) -> Vec<Finding> {
    let edge = &look.settings.edge;
    let mut found = routes(edge.redis_url.as_ref(), &edge.root_key).await;
    found.push(limits(look).await);
    found
}

async fn routes(url: Option<&SecretString>, root: &str) -> Vec<Finding> {
    let Some(url) = url else {
        let advice = "set redis_url: without it no worker starts";
        return vec![Finding::problem(Check::Redis, "redis_url is not set", advice)];
    };
    let read = async { RouteTree::connect(url, root).await?.state().await };
    match read.await {
        Ok(state) => judge(&state, &user(url)),
        Err(failure) => {
            let advice = "look whether Redis runs and whether redis_url names its host, port, user and password";
            vec![Finding::failed(Check::Redis, &failure, advice)]
        }
    }
}

/// The user that a URL names; `default` is Redis' own.
fn user(url: &SecretString) -> String {
    let url = Url::parse(url.expose_secret()).ok();
    url.map(|url| url.username().to_owned()).filter(|user| !user.is_empty()).unwrap_or_else(|| "default".to_owned())
}

fn judge(state: &RedisState, user: &str) -> Vec<Finding> {
    let login = if user == "default" {
        let advice =
            "give the gateway a user of its own (gateway/deploy/redis/users.acl), and forbid `default` to log in";
        Finding::warning(Check::RedisUser, "logs in as default, which may do everything", advice)
    } else {
        Finding::ok(Check::RedisUser, format!("logs in as {user}"))
    };
    let persistence = match (state.appends, state.is_written) {
        (true, true) => Finding::ok(Check::RedisPersistence, "appendonly yes, and the last writing went well"),
        (true, false) => Finding::problem(
            Check::RedisPersistence,
            "appendonly yes, and Redis could not write its file the last time",
            "read Redis' log; most often its disk is full",
        ),
        (false, _) => Finding::problem(
            Check::RedisPersistence,
            "appendonly no: after a restart of Redis and Traefik nobody is served before a worker has written all routes",
            "set appendonly yes in redis.conf",
        ),
    };
    let eviction = if state.eviction == "noeviction" {
        Finding::ok(Check::RedisEviction, "maxmemory-policy noeviction")
    } else {
        let found = format!("maxmemory-policy {}: Redis may throw a tenant's route away", state.eviction);
        Finding::problem(Check::RedisEviction, found, "set maxmemory-policy noeviction in redis.conf")
    };
    let events = match state.events.as_deref() {
        Some("") => Finding::ok(Check::RedisEvents, "off"),
        Some(events) => Finding::warning(
            Check::RedisEvents,
            format!("notify-keyspace-events {events}: Traefik reads the whole tree again for each key of a change"),
            "set notify-keyspace-events \"\" in redis.conf, and do not let Traefik's user use CONFIG",
        ),
        None => Finding::skipped(
            Check::RedisEvents,
            "the gateway's user may not ask, as it should be; as an operator: redis-cli CONFIG GET notify-keyspace-events",
        ),
    };
    let alone = if state.foreign == 0 {
        Finding::ok(Check::RedisAlone, "no key of anybody else")
    } else {
        let found = format!("{} keys of others, such as {}", state.foreign, state.foreign_names.join(", "));
        let advice = "give Traefik and the gateway a Redis of their own: Traefik walks through all keys at each change";
        Finding::warning(Check::RedisAlone, found, advice)
    };
    vec![Finding::ok(Check::Redis, format!("Redis {}", state.release)), login, persistence, eviction, events, alone]
}

async fn limits(look: &Look<'_>) -> Finding {
    let (check, edge) = (Check::LimitsRedis, &look.settings.edge);
    let Some(url) = &edge.limits_redis_url else {
        return Finding::problem(check, "neither limits_redis_url nor redis_url is set", "set limits_redis_url");
    };
    // What is looked at belongs to nobody, and nothing is counted.
    let nobody = InstallationId::from_uuid(Uuid::nil());
    let counted = async { Limits::connect(url, nobody).await?.look(LOOKED_AT, "").await.map(drop) };
    let counted: Result<(), Failure> = counted.await;
    match counted {
        Err(failure) => {
            let advice =
                "without it nobody can log in; its user needs what gateway/deploy/redis/users.acl gives to `limits`";
            Finding::failed(check, &failure, advice)
        }
        Ok(()) if look.is_production && edge.redis_url.as_ref().is_some_and(|routes| user(routes) == user(url)) => {
            Finding::warning(
                check,
                "counts, as the user who may write routes",
                "give the server the user `limits` of gateway/deploy/redis/users.acl in limits_redis_url",
            )
        }
        Ok(()) => Finding::ok(check, "counts"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::report::State;

    #[test]
    fn who_logs_in_is_read_from_the_url() {
        let named = |url: &str| user(&SecretString::from(url));
        assert_eq!(named("redis://gateway:hidden@h:1/0"), "gateway");
        assert_eq!(named("redis://:hidden@h:1/0"), "default");
        assert_eq!(named("redis://h"), "default");
    }

    #[test]
    fn a_file_that_cannot_be_written_is_a_problem() {
        let state = RedisState {
            release: "7".into(),
            appends: true,
            is_written: false,
            eviction: "noeviction".into(),
            events: None,
            foreign: 0,
            foreign_names: Vec::new(),
        };
        let states: Vec<State> = judge(&state, "gateway").iter().map(|finding| finding.state).collect();
        assert_eq!(states, [State::Ok, State::Ok, State::Problem, State::Ok, State::Skipped, State::Ok]);
    }
}
