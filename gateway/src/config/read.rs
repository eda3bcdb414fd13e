//! Reads typed values and keeps every error, so that all are reported at once.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::config::ConfigError;

/// Takes values by name; a wrong one is noted and replaced by a stand-in that is never used.
pub(super) struct Reader {
    values: BTreeMap<String, String>,
    pub(super) errors: Vec<ConfigError>,
    pub(super) warnings: Vec<ConfigError>,
}

impl Reader {
    pub(super) fn new(values: BTreeMap<String, String>, errors: Vec<ConfigError>) -> Self {
        Self { values, errors, warnings: Vec::new() }
    }

    pub(super) fn refuse(&mut self, name: &str, why: impl Into<String>) {
        self.errors.push(ConfigError::new(name, why));
    }

    /// Notes what may be right and seldom is.
    pub(super) fn warn(&mut self, name: &str, why: impl Into<String>) {
        self.warnings.push(ConfigError::new(name, why));
    }

    /// The value as text, without blanks at its ends.
    pub(super) fn text(&self, name: &str) -> String {
        debug_assert!(self.values.contains_key(name), "{name} stands in defaults.toml");
        self.values.get(name).map(|v| v.trim().to_owned()).unwrap_or_default()
    }

    /// `None` where the value is empty.
    pub(super) fn optional(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Parses a value that is set; notes why it does not parse.
    pub(super) fn parse_optional<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(&self.optional(name)?) {
            Ok(value) => Some(value),
            Err(why) => {
                self.refuse(name, why.to_string());
                None
            }
        }
    }

    /// Parses a value that must be set.
    pub(super) fn parse<T, E: Display>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        if self.optional(name).is_none() {
            self.refuse(name, "is required");
            return None;
        }
        self.parse_optional(name, parse)
    }

    /// A whole number within bounds.
    pub(super) fn number<T: FromStr + PartialOrd + Display + Copy>(&mut self, name: &str, least: T, most: T) -> T {
        match self.text(name).parse::<T>() {
            Ok(value) if value >= least && value <= most => value,
            _ => {
                self.refuse(name, format!("must be a number from {least} to {most}"));
                least
            }
        }
    }

    /// A time in seconds, fractions allowed.
    pub(super) fn seconds(&mut self, name: &str, least: f64, most: f64) -> Duration {
        Duration::from_secs_f64(self.number(name, least, most))
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        match self.text(name).as_str() {
            "true" | "1" | "yes" => true,
            "false" | "0" | "no" | "" => false,
            _ => {
                self.refuse(name, "must be true or false");
                false
            }
        }
    }

    /// A URL with one of the schemes. The value is not repeated in the error, as it may hold a password.
    pub(super) fn url(&mut self, name: &str, schemes: &[&str]) -> Option<Url> {
        self.parse_optional(name, |text| {
            Url::parse(text)
                .ok()
                .filter(|url| schemes.contains(&url.scheme()) && url.has_host())
                .ok_or_else(|| format!("must be a URL with scheme {} and a host", schemes.join(" or ")))
        })
    }

    /// A URL that carries a password.
    pub(super) fn secret_url(&mut self, name: &str, schemes: &[&str]) -> Option<SecretString> {
        self.url(name, schemes).map(|url| SecretString::from(String::from(url)))
    }

    /// Parts between commas, without empty ones.
    pub(super) fn list<T, E: Display>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, E>) -> Vec<T> {
        let text = self.text(name);
        let mut values = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match parse(part) {
                Ok(value) => values.push(value),
                Err(why) => self.refuse(name, format!("{part}: {why}")),
            }
        }
        values
    }
}
