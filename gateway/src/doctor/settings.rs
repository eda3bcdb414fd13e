//! The settings themselves. What production refuses is said where settings are read, and only told here.

use crate::config::{ConfigError, Environment, Settings};
use crate::doctor::Judged;
use crate::doctor::report::{Check, Finding};

/// Judges the settings by what reading them as production gave.
#[must_use]
pub fn judge(settings: &Settings, is_production: bool, judged: &Judged) -> Vec<Finding> {
    let environment = match (settings.environment, is_production) {
        (Environment::Production, _) => Finding::ok(Check::Environment, "production"),
        (Environment::Development, false) => Finding::ok(Check::Environment, "development, and judged as such"),
        (Environment::Development, true) => Finding::problem(
            Check::Environment,
            "development, in which wrong settings pass",
            "set GATEWAY_ENV=production for every process",
        ),
    };
    let told = |errors: &[ConfigError]| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let rules = if !judged.refused.is_empty() {
        Finding::problem(
            Check::Settings,
            format!("production refuses: {}", told(&judged.refused)),
            "correct each of them; `gateway config reference` says what they mean",
        )
    } else if !judged.doubted.is_empty() {
        Finding::warning(
            Check::Settings,
            told(&judged.doubted),
            "right in few places; `gateway config reference` says what they mean",
        )
    } else {
        let found = if is_production { "nothing that production refuses" } else { "read without an error" };
        Finding::ok(Check::Settings, found)
    };
    vec![environment, rules]
}
