//! `.env.example` and the compose file say the same of the settings as the code.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::load;
use crate::config::source::defaults;

const EXAMPLE: &str = include_str!("../../../.env.example");
const COMPOSE: &str = include_str!("../../../docker-compose.gateway.yml");

/// Names of settings in a line, `# ` before it or not, with the value where it has one.
fn setting(line: &str) -> Option<(String, Option<&str>)> {
    let (name, value) = line
        .strip_prefix("# ")
        .unwrap_or(line)
        .split_once('=')
        .map_or_else(|| (line.strip_prefix("# ").unwrap_or(line), None), |(name, value)| (name, Some(value)));
    let name = name.strip_prefix("GATEWAY_")?;
    name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_').then(|| (name.to_lowercase(), value))
}

#[test]
fn the_example_holds_every_setting_once_with_its_default() {
    let defaults = defaults();
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for line in EXAMPLE.lines() {
        let Some((name, value)) = setting(line) else { continue };
        let plain = name.strip_suffix("_file").filter(|name| defaults.contains_key(*name)).unwrap_or(&name);
        let Some(default) = defaults.get(plain) else {
            wrong.push(format!("{name} is not a setting"));
            continue;
        };
        if !seen.insert(plain.to_owned()) {
            wrong.push(format!("{name} stands there twice"));
        }
        // What is not in a comment is a choice of the example.
        if line.starts_with('#') && plain == name && value.is_some_and(|value| value != default) {
            wrong.push(format!("{name} is {default} by default"));
        }
    }
    wrong.extend(defaults.keys().filter(|name| !seen.contains(*name)).map(|name| format!("{name} is missing")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_example_is_accepted_as_it_stands() {
    let chosen = EXAMPLE.lines().filter(|line| line.starts_with("GATEWAY_")).filter_map(|line| line.split_once('='));
    let mut environment: BTreeMap<String, String> =
        chosen.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    environment.insert("GATEWAY_DATABASE_URL".into(), "postgres://u@h/d".into());
    environment.insert("GATEWAY_SECRET_KEYS".into(), "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into());
    load(&environment).unwrap();
}

/// The lines of one service, or of one block of what several share.
fn block(name: &str) -> Vec<&'static str> {
    let mut lines = COMPOSE.lines().skip_while(|line| line.trim_start() != name);
    let first = lines.next().unwrap();
    let depth = |line: &str| line.len() - line.trim_start().len();
    lines.take_while(|line| line.is_empty() || depth(line) > depth(first)).collect()
}

/// Settings that a block gives to its processes.
fn given(lines: &[&str]) -> BTreeSet<String> {
    let names = lines.iter().filter_map(|line| line.trim().strip_prefix("GATEWAY_")?.split_once(':'));
    names.map(|(name, _)| name.to_lowercase()).collect()
}

#[test]
fn the_compose_file_names_settings_that_there_are() {
    let defaults = defaults();
    let known = |name: &String| {
        defaults.contains_key(name) || name.strip_suffix("_file").is_some_and(|name| defaults.contains_key(name))
    };
    for name in ["x-settings: &settings", "migrate:", "serve:", "worker:"] {
        let unknown: Vec<_> = given(&block(name)).into_iter().filter(|name| !known(name)).collect();
        assert!(unknown.is_empty(), "{name} {unknown:?}");
    }
}

#[test]
fn only_the_worker_gets_what_makes_tenants() {
    let makes = ["tenant_database_url_file", "tenant_database_urls_file", "docker_host", "redis_url_file"];
    let worker = given(&block("worker:"));
    assert!(makes.iter().all(|name| worker.contains(*name)), "{worker:?}");
    for name in ["x-settings: &settings", "migrate:", "serve:"] {
        let (lines, given) = (block(name), given(&block(name)));
        assert!(!makes.iter().any(|name| given.contains(*name)), "{name} {given:?}");
        assert!(!lines.iter().any(|line| line.contains("docker.sock") || line.contains("tenant_database")), "{name}");
    }
}
