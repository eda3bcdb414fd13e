//! What is shown when all parts answer.

use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use crate::dev::environment::quoted;
use crate::dev::hosted::{Environment, FirstRun};
use crate::dev::spawn::find_on_path;

/// What the banner tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    /// The data directory.
    pub data_dir: &'a Path,
    /// The settings.
    pub environment: &'a Environment,
    /// The owner.
    pub first_run: &'a FirstRun,
    /// The engine, or why there is none.
    pub network: &'a str,
    /// Whether this process provisions tenants.
    pub with_worker: bool,
    /// How to call our programs.
    pub programs: &'a Programs,
}

/// Our programs, as words that a shell in the working directory understands.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    /// The server and `gateway dev`.
    pub gateway: String,
    /// The client.
    pub gatewayctl: String,
}

impl Programs {
    /// Those beside our own executable; their plain names where nobody can tell.
    #[must_use]
    pub(super) fn find() -> Self {
        let own = std::env::current_exe().and_then(std::fs::canonicalize).ok();
        let here = std::env::current_dir().ok();
        let word = |name: &str| match &own {
            Some(own) => word_for(&own.with_file_name(name), find_on_path(name), here.as_deref()),
            None => name.to_owned(),
        };
        Self { gateway: word("gateway"), gatewayctl: word("gatewayctl") }
    }
}

/// The plain name if the search path leads to this file, else its path from the working directory, else all of it.
fn word_for(file: &Path, on_path: Option<PathBuf>, here: Option<&Path>) -> String {
    let found = on_path.and_then(|found| std::fs::canonicalize(found).ok());
    if let (true, Some(name)) = (found.as_deref() == Some(file), file.file_name()) {
        return name.to_string_lossy().into_owned();
    }
    let word = match here.and_then(|here| file.strip_prefix(here).ok()) {
        // Without a slash the shell would look along the search path.
        Some(inside) if inside.components().count() == 1 => Path::new(".").join(inside),
        Some(inside) => inside.to_owned(),
        None => file.to_owned(),
    };
    let word = word.to_string_lossy().into_owned();
    let is_plain = word.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-+@".contains(letter));
    if is_plain { word } else { quoted(&word) }
}

/// The banner, at most 16 lines. It holds the owner's password when it was made now, and the API key.
#[must_use]
pub(super) fn banner(facts: &Facts<'_>) -> String {
    let setting = |name: &str| facts.environment.get(name).map_or("", String::as_str);
    let admin = setting("GATEWAY_URL");
    let port = |url: &str| url.rsplit(':').next().unwrap_or_default().to_owned();
    let password = facts.first_run.owner_password.as_ref().map_or_else(
        || "(shown at the first start; set another: see operations.md, Passwords)".to_owned(),
        |password| format!("{}  (shown only now)", password.expose_secret()),
    );
    let worker = if facts.with_worker {
        "in this process".to_owned()
    } else {
        let gateway = &facts.programs.gateway;
        let data_dir = quoted(&facts.data_dir.display().to_string());
        format!("none here: eval \"$({gateway} dev status -o env --data-dir {data_dir})\" && {gateway} worker")
    };
    let rows = [
        ("Data", format!("{} (data is kept)", facts.data_dir.display())),
        ("Admin UI", admin.to_owned()),
        ("  user", facts.first_run.owner_email.clone()),
        ("  password", password),
        (
            "Tenants",
            format!("http://<key>.{}:{}", setting("GATEWAY_HOST_SUFFIX"), port(setting("GATEWAY_TRAEFIK_URL"))),
        ),
        ("Tenant port", format!("http://127.0.0.1:{}", setting("GATEWAY_PORT"))),
        (
            "Traefik",
            format!("{}  dashboard {}/dashboard/", setting("GATEWAY_TRAEFIK_URL"), setting("GATEWAY_TRAEFIK_API_URL")),
        ),
        ("Networks", facts.network.to_owned()),
        ("Worker", worker),
    ];
    let mut text = format!("\nGateway {} is ready\n", env!("CARGO_PKG_VERSION"));
    for (name, value) in rows {
        text.push_str(&format!("  {name:<12} {value}\n"));
    }
    text.push_str(&format!(
        "export GATEWAY_URL={} GATEWAY_API_KEY={}\n",
        quoted(admin),
        quoted(setting("GATEWAY_API_KEY"))
    ));
    text.push_str(&format!(
        "Try: {} tenant create initech --company Initech --wait\nCtrl-C stops everything.",
        facts.programs.gatewayctl
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(password: Option<&str>) -> String {
        let environment: Environment = [
            ("GATEWAY_URL", "http://127.0.0.1:8001"),
            ("GATEWAY_API_KEY", "gwk_secret"),
            ("GATEWAY_HOST_SUFFIX", "localhost"),
            ("GATEWAY_PORT", "8000"),
            ("GATEWAY_TRAEFIK_URL", "http://127.0.0.1:8080"),
            ("GATEWAY_TRAEFIK_API_URL", "http://127.0.0.1:21000"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        banner(&Facts {
            data_dir: Path::new("/srv/gateway"),
            environment: &environment,
            first_run: &FirstRun {
                instance: uuid::Uuid::nil(),
                owner_email: "owner@gateway.localhost".into(),
                owner_password: password.map(|text| text.to_owned().into()),
            },
            network: "none: no engine",
            with_worker: true,
            programs: &Programs {
                gateway: "target/debug/gateway".into(),
                gatewayctl: "target/debug/gatewayctl".into(),
            },
        })
    }

    #[test]
    fn a_program_is_named_so_that_the_line_can_be_pasted() {
        let directory = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(directory.path()).unwrap();
        let file = root.join("gatewayctl");
        std::fs::write(&file, "").unwrap();
        assert_eq!(word_for(&file, Some(file.clone()), Some(&root)), "gatewayctl");
        assert_eq!(word_for(&file, None, Some(&root)), "./gatewayctl");
        let inside = root.join("target/debug/gatewayctl");
        assert_eq!(word_for(&inside, Some(file.clone()), Some(&root)), "target/debug/gatewayctl");
        assert_eq!(word_for(Path::new("/opt/x/gatewayctl"), None, Some(&root)), "/opt/x/gatewayctl");
        assert_eq!(word_for(Path::new("/opt/a b/gatewayctl"), None, None), "'/opt/a b/gatewayctl'");
    }

    #[test]
    fn the_banner_is_short_and_names_what_is_needed() {
        let text = shown(Some("pa55"));
        assert!(text.lines().count() <= 16, "{text}");
        for wanted in [
            "pa55",
            "Try: target/debug/gatewayctl tenant create",
            "http://<key>.localhost:8080",
            "data is kept",
            "none: no engine",
            "GATEWAY_API_KEY='gwk_secret'",
        ] {
            assert!(text.contains(wanted), "{wanted} in {text}");
        }
    }

    #[test]
    fn a_later_start_has_no_password_to_show() {
        assert!(shown(None).contains("shown at the first start"));
    }
}
