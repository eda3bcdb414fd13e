//! The settings of the gateway for this stack.

use std::path::Path;

use ipnet::Ipv4Net;
use secrecy::{ExposeSecret, SecretString};

use crate::dev::hosted::Environment;
use crate::dev::image;
use crate::dev::postgres::{ADMINISTRATOR, CONTROL_DATABASE};
use crate::dev::redis::{GATEWAY_USER, LIMITS_USER, OPERATOR_USER, ROOT_KEY};
use crate::dev::secrets::Secrets;
use crate::dev::state::State;
use crate::dev::traefik::ENTRY_POINT;

/// Settings a user may choose for a development stack; all others describe its parts and follow from them.
const CHOOSABLE: &[&str] = &[
    "APP_BACKEND_URL",
    "APP_HEALTH_PATH",
    "DEFAULT_POOL_HOST",
    "HOST_SUFFIX",
    "TENANT_CONNECTION_LIMIT",
    "TENANT_DATABASE_URLS",
    "TENANT_MIGRATIONS_DIR",
    "TRUSTED_PROXIES",
    "ENABLE_API_DOCS",
];
/// Beginnings of more such names.
const CHOOSABLE_GROUPS: &[&str] =
    &["WORKER_", "DELETE_", "RECONCILE_", "POOL_", "ORPHAN_", "SERIES_", "LOG_", "CORS_", "DOCKER_APP_", "SIGNUP_"];

/// What is known only after Docker was looked for.
#[derive(Clone, Debug, Default)]
pub(super) struct DockerFacts {
    /// Address of the engine.
    pub host: Option<String>,
    /// `host:port` of PostgreSQL for tenants' apps.
    pub database_address: String,
}

/// URL of the admin port.
#[must_use]
pub(super) fn admin_url(state: &State) -> String {
    format!("http://127.0.0.1:{}", 8001 + state.port_offset)
}

/// Computes all settings; what the user chose wins where that makes sense.
#[must_use]
pub(super) fn compute(
    state: &State,
    secrets: &Secrets,
    docker: &DockerFacts,
    data_dir: &Path,
    given: &Environment,
) -> Environment {
    let ports = state.ports;
    let block: Ipv4Net = state.network_block;
    let operator = secrets.operator_key.expose_secret();
    let database = |password: &str| {
        format!("postgres://{ADMINISTRATOR}:{password}@127.0.0.1:{}/{CONTROL_DATABASE}", ports.postgres)
    };
    let redis = |user: &str, password: &SecretString| {
        format!("redis://{user}:{}@127.0.0.1:{}/0", password.expose_secret(), ports.redis)
    };
    let mut settings: Environment = [
        ("ENV", "development".to_owned()),
        ("DATABASE_URL", database(secrets.postgres.expose_secret())),
        ("TENANT_DATABASE_ADDRESS", docker.database_address.clone()),
        ("REDIS_URL", redis(GATEWAY_USER, &secrets.redis_gateway)),
        ("LIMITS_REDIS_URL", redis(LIMITS_USER, &secrets.redis_limits)),
        ("DEV_REDIS_URL", redis(OPERATOR_USER, &secrets.redis_operator)),
        ("REDIS_TRAEFIK_ROOT_KEY", ROOT_KEY.to_owned()),
        ("SECRET_KEYS", secrets.key_ring.expose_secret().to_owned()),
        ("API_KEYS", format!("operator:{operator}:*;demo-app:{}:credentials:reveal", secrets.demo_key.expose_secret())),
        ("LISTEN_ADDRESS", "127.0.0.1".to_owned()),
        ("PORT", (8000 + state.port_offset).to_string()),
        ("ADMIN_LISTEN_ADDRESS", "127.0.0.1".to_owned()),
        ("ADMIN_PORT", (8001 + state.port_offset).to_string()),
        ("HOST_SUFFIX", "localhost".to_owned()),
        ("APP_BACKEND_URL", format!("http://127.0.0.1:{}", ports.demo_app)),
        ("APP_HEALTH_PATH", "/".to_owned()),
        ("TRAEFIK_ENTRYPOINT", ENTRY_POINT.to_owned()),
        ("TRAEFIK_URL", format!("http://127.0.0.1:{}", ports.traefik)),
        ("TRAEFIK_API_URL", format!("http://127.0.0.1:{}", ports.traefik_api)),
        ("TRAEFIK_METRICS_URL", format!("http://127.0.0.1:{}/metrics", ports.traefik_api)),
        ("TENANT_PORT_URL", format!("http://127.0.0.1:{}", 8000 + state.port_offset)),
        ("DOCKER_NETWORK_BLOCK", block.to_string()),
        ("NETWORK_MODE", if docker.host.is_some() { "per-tenant" } else { "none" }.to_owned()),
        ("ENABLE_API_DOCS", "true".to_owned()),
        ("URL", admin_url(state)),
        ("API_KEY", operator.to_owned()),
        ("DEV_DATA_DIR", data_dir.display().to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (format!("GATEWAY_{name}"), value))
    .collect();
    if let Some(host) = &docker.host {
        settings.insert("GATEWAY_DOCKER_HOST".to_owned(), host.clone());
        settings.insert("GATEWAY_DOCKER_APP_IMAGE".to_owned(), format!("{}:{}", image::IMAGE, image::TAG));
        settings.insert("GATEWAY_DOCKER_APP_PORT".to_owned(), image::PORT.to_string());
    }
    settings.extend(chosen(given, data_dir));
    settings
}

/// What the user chose. Settings taken over from another stack's `gateway dev status -o env` are not a choice.
fn chosen<'a>(given: &'a Environment, data_dir: &Path) -> impl Iterator<Item = (String, String)> + use<'a> {
    let printed = given.get("GATEWAY_DEV_DATA_DIR").is_some_and(|printed| {
        // The variable also names the directory of this stack, which says nothing about the others.
        given.contains_key("GATEWAY_SECRET_KEYS") || Path::new(printed) != data_dir
    });
    given
        .iter()
        .filter(move |(variable, value)| {
            let name = variable.strip_prefix("GATEWAY_").unwrap_or_default();
            let choosable = CHOOSABLE.contains(&name) || CHOOSABLE_GROUPS.iter().any(|group| name.starts_with(group));
            let copied = printed && name == "APP_BACKEND_URL";
            choosable && !copied && !value.is_empty()
        })
        .map(|(name, value)| (name.clone(), value.clone()))
}

/// `export` lines for a POSIX shell.
#[must_use]
pub(super) fn exports(settings: &Environment) -> String {
    settings.iter().map(|(name, value)| format!("export {name}={}\n", quoted(value))).collect()
}

/// A word for a POSIX shell, whatever it holds.
#[must_use]
pub(super) fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dev::layout::Layout;
    use crate::dev::secrets;

    fn computed(docker: &DockerFacts, given: &[(&str, &str)]) -> Environment {
        let directory = tempfile::tempdir().unwrap();
        let layout = Layout::new(directory.path()).unwrap();
        layout.create().unwrap();
        let secrets = secrets::load(&layout).unwrap();
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        compute(&State::draw(0), &secrets, docker, layout.root(), &given)
    }

    #[test]
    fn the_gateway_accepts_the_settings() {
        let without = DockerFacts { host: None, database_address: "127.0.0.1:1".into() };
        crate::config::load(&computed(&without, &[])).unwrap();
        let with = DockerFacts { host: Some("unix:///run/d.sock".into()), database_address: "172.17.0.1:25000".into() };
        let settings = crate::config::load(&computed(&with, &[])).unwrap();
        assert_eq!(settings.http.api_keys[1].scopes, ["credentials:reveal"]);
        assert_eq!(settings.docker.app_image.as_deref(), Some("gateway-demo-app:dev"));
    }

    #[test]
    fn choices_win_and_parts_do_not_change() {
        let given = [
            ("GATEWAY_APP_BACKEND_URL", "http://127.0.0.1:3000"),
            ("GATEWAY_WORKER_CONCURRENCY", "2"),
            ("GATEWAY_DATABASE_URL", "postgres://elsewhere/x"),
            ("GATEWAY_HOST_SUFFIX", ""),
        ];
        let settings = computed(&DockerFacts::default(), &given);
        assert_eq!(settings["GATEWAY_APP_BACKEND_URL"], "http://127.0.0.1:3000");
        assert_eq!(settings["GATEWAY_WORKER_CONCURRENCY"], "2");
        assert_eq!(settings["GATEWAY_HOST_SUFFIX"], "localhost");
        assert!(!settings["GATEWAY_DATABASE_URL"].contains("elsewhere"));
    }

    #[test]
    fn another_stacks_backend_is_not_taken_over() {
        let given = [
            ("GATEWAY_APP_BACKEND_URL", "http://127.0.0.1:3000"),
            ("GATEWAY_SECRET_KEYS", "x"),
            ("GATEWAY_DEV_DATA_DIR", "/another"),
        ];
        assert_ne!(computed(&DockerFacts::default(), &given)["GATEWAY_APP_BACKEND_URL"], given[0].1);
    }

    #[test]
    fn every_value_is_one_word_for_a_shell() {
        assert_eq!(quoted("it's $HOME; `x`"), "'it'\\''s $HOME; `x`'");
        let settings = [("GATEWAY_A".to_owned(), "b c".to_owned())].into();
        assert_eq!(exports(&settings), "export GATEWAY_A='b c'\n");
    }
}
