//! The checklist behind `gateway doctor`: whether everything around the gateway is as it must be to go live.
//!
//! # Guarantees
//! - It only looks: nothing is written, sent or changed anywhere. The mail server is logged in to and given no mail.
//! - Every check is told, also one that could not be made, with a stable code.
//! - Nothing that it tells holds a secret.
//!
//! Looking is apart from judging: what is judged is plain data, and judging it is pure.

pub mod access;
pub mod console;
pub mod control;
pub mod engine;
pub mod mail;
pub mod redis;
pub mod report;
pub mod servers;
pub mod settings;
pub mod traefik;
pub mod workers;

use jiff::SignedDuration;

use crate::config::{ConfigError, Environment, Settings};
use crate::doctor::report::Report;
use crate::store::Store;

/// Connections to the control database: its parts are read one after the other.
const CONNECTIONS: u32 = 1;
/// How long a certificate must last at least: enough for somebody to see that it is not renewed, and to mend that.
const CERTIFICATE_LASTS: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What the settings are judged as.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// As production, whatever they say themselves.
    pub as_production: bool,
    /// What production refuses of them.
    pub refused: Vec<ConfigError>,
    /// What may be right in production and seldom is.
    pub doubted: Vec<ConfigError>,
}

/// What all parts look at the world with.
#[derive(Debug)]
struct Look<'a> {
    settings: &'a Settings,
    is_production: bool,
    /// The control database; `None` where it does not answer or is not migrated.
    store: Option<Store>,
}

/// Looks at everything.
pub async fn examine(settings: &Settings, judged: &Judged) -> Report {
    let is_production = judged.as_production || settings.environment == Environment::Production;
    let mut found = settings::judge(settings, is_production, judged);
    let (of_control, store) = control::look(settings).await;
    found.extend(of_control);
    let look = Look { settings, is_production, store };
    // One after the other over the connection that is there: a database that is slow to take others is not away.
    found.extend(access::look(&look).await);
    found.extend(workers::look(&look).await);
    found.extend(servers::look(&look).await);
    let (redis, traefik, engine, mail, console) = tokio::join!(
        redis::look(&look),
        traefik::look(&look),
        engine::look(&look),
        mail::look(&look),
        console::look(&look),
    );
    for part in [redis, traefik, engine] {
        found.extend(part);
    }
    found.extend([mail, console]);
    if let Some(store) = look.store {
        store.close().await;
    }
    Report::of(is_production, found)
}
