//! The private Traefik: configuration from the templates in `traefik/`, and its default certificate.

use std::path::PathBuf;
use std::time::Duration;

use nix::sys::signal::Signal;
use secrecy::ExposeSecret;

use crate::dev::account::{self, Account};
use crate::dev::child::StopManner;
use crate::dev::error::DevError;
use crate::dev::layout::{Layout, write_private};
use crate::dev::redis;
use crate::dev::secrets::Secrets;
use crate::dev::spawn::Program;
use crate::dev::state::Ports;

/// Name of the entry point of tenants.
pub(super) const ENTRY_POINT: &str = "web";
const STATIC: &str = include_str!("../../../traefik/traefik.yml");
const DYNAMIC: &str = include_str!("../../../traefik/dynamic.yml");

/// Traefik finishes open requests on SIGTERM, at most for the second its configuration says.
pub(super) const STOP: StopManner = StopManner { signal: Signal::SIGTERM, limit: Duration::from_secs(4) };

/// Replaces `${NAME}` by its value, quoted for YAML.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| {
        // A JSON string is a YAML string.
        text.replace(&format!("${{{name}}}"), &serde_json::Value::from(value.as_str()).to_string())
    })
}

/// Writes configuration and certificate and returns the program.
///
/// # Errors
/// When a file cannot be written or no certificate can be made.
pub(super) fn configure(
    layout: &Layout,
    executable: PathBuf,
    account: Option<&Account>,
    ports: &Ports,
    secrets: &Secrets,
) -> Result<Program, DevError> {
    let (certificate, key) = certificate(layout)?;
    let account = account::if_reachable(account, &[layout.root(), &executable]);
    let dynamic = layout.traefik().join("dynamic.yml");
    let configuration = layout.traefik().join("traefik.yml");
    let text = fill(
        STATIC,
        &[
            ("ENTRY_ADDRESS", format!("127.0.0.1:{}", ports.traefik)),
            ("API_ADDRESS", format!("127.0.0.1:{}", ports.traefik_api)),
            ("REDIS_ADDRESS", format!("127.0.0.1:{}", ports.redis)),
            ("REDIS_USERNAME", redis::TRAEFIK_USER.to_owned()),
            ("REDIS_PASSWORD", secrets.redis_traefik.expose_secret().to_owned()),
            ("REDIS_ROOT_KEY", redis::ROOT_KEY.to_owned()),
            ("DYNAMIC_FILE", dynamic.display().to_string()),
        ],
    );
    write_private(&configuration, text.as_bytes())?;
    let files = [("CERTIFICATE", certificate.clone()), ("PRIVATE_KEY", key.clone())];
    let text = fill(DYNAMIC, &files.map(|(name, path)| (name, path.display().to_string())));
    write_private(&dynamic, text.as_bytes())?;
    account::give_directory(account, &layout.traefik())?;
    account::give_directory(account, &layout.certs())?;
    let mut argument = std::ffi::OsString::from("--configFile=");
    argument.push(configuration);
    Ok(Program {
        name: "traefik",
        executable,
        arguments: vec![argument],
        environment: Vec::new(),
        account: account.cloned(),
        death_signal: Signal::SIGKILL,
        log: layout.log("traefik"),
    })
}

/// The default certificate and its key, made at the first start.
fn certificate(layout: &Layout) -> Result<(PathBuf, PathBuf), DevError> {
    let (certificate, key) = (layout.certs().join("default.crt"), layout.certs().join("default.key"));
    if !certificate.exists() || !key.exists() {
        let names = vec!["localhost".to_owned(), "*.localhost".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).map_err(DevError::Certificate)?;
        write_private(&key, made.signing_key.serialize_pem().as_bytes())?;
        write_private(&certificate, made.cert.pem().as_bytes())?;
    }
    Ok((certificate, key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dev::{secrets, state::State};

    #[test]
    fn values_are_quoted() {
        assert_eq!(
            fill("a: ${A}\nb: ${B}", &[("A", "x\"y\n".into()), ("B", "1".into())]),
            "a: \"x\\\"y\\n\"\nb: \"1\""
        );
    }

    #[test]
    fn templates_are_filled_completely_and_the_certificate_is_kept() {
        let directory = tempfile::tempdir().unwrap();
        let layout = Layout::new(directory.path()).unwrap();
        layout.create().unwrap();
        let secrets = secrets::load(&layout).unwrap();
        let ports = State::draw(0).ports;
        let program = configure(&layout, "/t".into(), None, &ports, &secrets).unwrap();
        let argument = program.arguments[0].to_str().unwrap();
        assert!(argument.ends_with("traefik/traefik.yml"), "{argument}");
        let key = std::fs::read(layout.certs().join("default.key")).unwrap();
        configure(&layout, "/t".into(), None, &ports, &secrets).unwrap();
        assert_eq!(std::fs::read(layout.certs().join("default.key")).unwrap(), key);
        for name in ["traefik.yml", "dynamic.yml"] {
            let text = std::fs::read_to_string(layout.traefik().join(name)).unwrap();
            let filled = text.lines().filter(|line| !line.trim_start().starts_with('#'));
            assert!(!filled.clone().any(|line| line.contains("${")), "{text}");
        }
    }
}
