//! Where settings come from: defaults, a file, the environment and files the environment names.

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::ConfigError;

/// The commented defaults; also the list of every name there is.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// Variables of clients and of the development stack that share the prefix and are not settings of a server.
const FOREIGN: &[&str] = &["URL", "API_KEY", "CONFIG"];
const FOREIGN_PREFIXES: &[&str] = &["DEV_", "TEST_", "FAILPOINT"];

/// Values by setting name, and what was wrong while collecting them.
pub(super) struct Collected {
    pub(super) values: BTreeMap<String, String>,
    pub(super) errors: Vec<ConfigError>,
}

fn as_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(yes) => Some(yes.to_string()),
        toml::Value::Datetime(_) | toml::Value::Array(_) | toml::Value::Table(_) => None,
    }
}

/// Names and default values, in the order of their names.
pub(super) fn defaults() -> BTreeMap<String, String> {
    let table: toml::Table = DEFAULTS.parse().unwrap_or_default();
    table.iter().filter_map(|(name, value)| Some((name.clone(), as_text(value)?))).collect()
}

fn add_file(collected: &mut Collected, path: &Path) {
    let shown = path.display();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            collected.errors.push(ConfigError::new("config", format!("cannot read {shown}: {error}")));
            return;
        }
    };
    let table = match text.parse::<toml::Table>() {
        Ok(table) => table,
        Err(error) => {
            collected.errors.push(ConfigError::new("config", format!("{shown} is not TOML: {}", error.message())));
            return;
        }
    };
    for (name, value) in &table {
        match (collected.values.get_mut(name), as_text(value)) {
            (Some(slot), Some(text)) => *slot = text,
            (Some(_), None) => collected.errors.push(ConfigError::new(name, "must be a text, a number or true/false")),
            (None, _) => collected.errors.push(ConfigError::new(name, format!("is not a setting (in {shown})"))),
        }
    }
}

fn read_value_file(path: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read the file it names: {error}"))?;
    Ok(text.strip_suffix('\n').map_or(text.as_str(), |t| t.strip_suffix('\r').unwrap_or(t)).to_owned())
}

fn add_environment(collected: &mut Collected, environment: &BTreeMap<String, String>) {
    for (variable, value) in environment {
        let Some(rest) = variable.strip_prefix("GATEWAY_") else { continue };
        let plain = rest.strip_suffix("_FILE");
        let foreign = |name: &str| FOREIGN.contains(&name) || FOREIGN_PREFIXES.iter().any(|p| name.starts_with(p));
        if foreign(rest) || plain.is_some_and(foreign) {
            continue;
        }
        let name = rest.to_lowercase();
        if let Some(slot) = collected.values.get_mut(&name) {
            value.clone_into(slot);
            continue;
        }
        let Some(name) = plain.map(str::to_lowercase).filter(|name| collected.values.contains_key(name)) else {
            collected.errors.push(ConfigError::new(&name, format!("is not a setting ({variable} in the environment)")));
            continue;
        };
        if environment.contains_key(&format!("GATEWAY_{}", name.to_uppercase())) {
            collected.errors.push(ConfigError::new(&name, format!("is set twice: as itself and as {variable}")));
            continue;
        }
        match read_value_file(value) {
            Ok(text) => {
                collected.values.insert(name, text);
            }
            Err(why) => collected.errors.push(ConfigError::new(&name, why)),
        }
    }
}

/// Collects values from all sources; later ones win.
pub(super) fn collect(environment: &BTreeMap<String, String>) -> Collected {
    let mut collected = Collected { values: defaults(), errors: Vec::new() };
    if let Some(path) = environment.get("GATEWAY_CONFIG").filter(|p| !p.is_empty()) {
        add_file(&mut collected, Path::new(path));
    }
    add_environment(&mut collected, environment);
    collected
}
