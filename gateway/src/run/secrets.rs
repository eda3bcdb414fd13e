//! `gateway secrets`: the files that gateway/deploy/compose mounts into its containers.
//!
//! Each file belongs to the user that reads it inside, with mode 0600, as Compose gives files to containers as they are.
//! Secrets that appear in several files are made together: a set is there as a whole, or is made as a whole.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::run::{RunError, print};

/// The users of a deployment, with words in place of digests of their passwords.
const USERS: &str = include_str!("../../deploy/redis/users.acl");
/// Whom the health check of Redis logs in as.
const HEALTH_USER: &str = "user health on #@HEALTH_SHA256@ resetchannels -@all +ping\n";
/// Name under which workers and servers ask Traefik by TLS.
const TRAEFIK_NAMES: &[&str] = &["traefik"];
/// Names of the certificate that a first try is served with, until another takes its place.
const DEFAULT_NAMES: &[&str] = &["localhost", "*.localhost"];

/// Where to, and whose.
#[derive(Clone, Debug, Args)]
pub struct SecretsArguments {
    /// Directory of the files; made when missing
    pub directory: PathBuf,
    /// User that the gateway's containers and the app run as
    #[arg(long, value_name = "UID", default_value_t = 10001)]
    pub gateway_user: u32,
    /// User that PostgreSQL runs as
    #[arg(long, value_name = "UID", default_value_t = 999)]
    pub postgres_user: u32,
    /// User that Redis runs as
    #[arg(long, value_name = "UID", default_value_t = 999)]
    pub redis_user: u32,
    /// User that Traefik runs as
    #[arg(long, value_name = "UID", default_value_t = 0)]
    pub traefik_user: u32,
    /// User that Grafana runs as
    #[arg(long, value_name = "UID", default_value_t = 472)]
    pub grafana_user: u32,
    /// User that Prometheus runs as
    #[arg(long, value_name = "UID", default_value_t = 65534)]
    pub prometheus_user: u32,
}

/// One file: its name, its reader and what it holds.
struct Secret {
    name: &'static str,
    owner: u32,
    content: SecretString,
}

/// Files that are only of use together.
type Set = Vec<Secret>;

/// Writes each set that is missing, and names what it did.
///
/// # Errors
/// [`RunError::Refused`] for a set of which some files are missing, a file that cannot be given to its reader, or a directory
/// that cannot be written.
pub fn run(arguments: &SecretsArguments) -> Result<ExitCode, RunError> {
    let directory = &arguments.directory;
    let made = DirBuilder::new().recursive(true).mode(0o711).create(directory);
    made.map_err(|error| refuse("make", directory, &error))?;
    let mut said = String::new();
    for set in sets(arguments)? {
        let (there, missing): (Set, Set) = set.into_iter().partition(|secret| directory.join(secret.name).exists());
        let names = |of: &Set| of.iter().map(|secret| secret.name).collect::<Vec<_>>().join(", ");
        match (there.is_empty(), missing.is_empty()) {
            (false, true) => said.push_str(&format!("kept   {}\n", names(&there))),
            (false, false) => {
                let (there, missing) = (names(&there), names(&missing));
                let why = format!("{there} belong together with {missing}, missing in {}", directory.display());
                return Err(RunError::Refused(format!("{why}: bring those back, or take all of them away")));
            }
            (true, _) => {
                for secret in &missing {
                    write(directory, secret)?;
                }
                said.push_str(&format!("wrote  {}\n", names(&missing)));
            }
        }
    }
    print(&said);
    Ok(ExitCode::SUCCESS)
}

fn refuse(doing: &str, path: &Path, error: &io::Error) -> RunError {
    RunError::Refused(format!("cannot {doing} {}: {error}", path.display()))
}

/// Nobody else can read the file at any moment.
fn write(directory: &Path, secret: &Secret) -> Result<(), RunError> {
    let (path, fresh) = (directory.join(secret.name), directory.join(format!(".{}.new", secret.name)));
    let written = || -> io::Result<File> {
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&fresh)?;
        file.write_all(secret.content.expose_secret().as_bytes())?;
        file.sync_all()?;
        Ok(file)
    };
    let file = written().map_err(|error| refuse("write", &path, &error))?;
    let owner = file.metadata().map_err(|error| refuse("look at", &path, &error))?.uid();
    if owner != secret.owner {
        std::os::unix::fs::chown(&fresh, Some(secret.owner), None).map_err(|error| {
            let why = format!("cannot give {} to user {}: {error}", path.display(), secret.owner);
            RunError::Refused(format!("{why}; run this as root, or as root in a container of the gateway's image"))
        })?;
    }
    fs::rename(&fresh, &path).map_err(|error| refuse("write", &path, &error))
}

/// 256 bits as text that needs no quoting in URLs and configuration files.
fn draw() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

fn digest(password: &str) -> String {
    Sha256::digest(password.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A certificate that signs itself, and its key.
fn certify(names: &[&str]) -> Result<(String, String), RunError> {
    let made = rcgen::generate_simple_self_signed(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let made = made.map_err(|error| RunError::Refused(format!("no certificate can be made: {error}")))?;
    Ok((made.cert.pem(), made.signing_key.serialize_pem()))
}

fn sets(arguments: &SecretsArguments) -> Result<Vec<Set>, RunError> {
    let (gateway, postgres) = (arguments.gateway_user, arguments.postgres_user);
    let (redis, traefik) = (arguments.redis_user, arguments.traefik_user);
    let file = |name, owner, content: String| Secret { name, owner, content: content.into() };
    let (administrator, owner) = (draw(), draw());
    let (writer, counter, reader, health) = (draw(), draw(), draw(), draw());
    let users = [("GATEWAY", &writer), ("LIMITS", &counter), ("TRAEFIK", &reader), ("HEALTH", &health)];
    let users = users.iter().fold(format!("{USERS}{HEALTH_USER}"), |text, (user, password)| {
        text.replace(&format!("@{user}_SHA256@"), &digest(password))
    });
    let [operator, app, prometheus] = [draw(), draw(), draw()].map(|drawn| format!("gwk_{drawn}"));
    let api_keys = format!("operator:{operator}:*;app:{app}:credentials:reveal;prometheus:{prometheus}:fleet:read");
    let (inner, inner_key) = certify(TRAEFIK_NAMES)?;
    let (outer, outer_key) = certify(DEFAULT_NAMES)?;
    Ok(vec![
        vec![
            file("postgres_password", postgres, administrator.clone()),
            file(
                "tenant_database_url",
                gateway,
                format!("postgres://administrator:{administrator}@postgres:5432/postgres"),
            ),
        ],
        vec![
            file("database_password", postgres, owner.clone()),
            file("database_url", gateway, format!("postgres://gateway:{owner}@postgres:5432/gateway")),
        ],
        vec![
            file("users.acl", redis, users),
            file("redis_health_password", redis, health),
            file("redis_traefik_password", traefik, reader),
            file("redis_url", gateway, format!("redis://gateway:{writer}@redis:6379/0")),
            file("limits_redis_url", gateway, format!("redis://limits:{counter}@redis:6379/0")),
        ],
        vec![file("secret_keys", gateway, format!("k1:{}", STANDARD.encode(rand::random::<[u8; 32]>())))],
        vec![
            file("api_keys", gateway, api_keys),
            file("api_key", gateway, operator),
            file("app_api_key", gateway, app),
            file("prometheus_api_key", arguments.prometheus_user, prometheus),
        ],
        vec![
            file("traefik.crt", traefik, inner.clone()),
            file("traefik.key", traefik, inner_key),
            // What workers and servers trust.
            file("traefik_trust.crt", gateway, inner),
        ],
        vec![file("default.crt", traefik, outer), file("default.key", traefik, outer_key)],
        vec![file("tenant_database_urls", gateway, String::new())],
        vec![file("smtp_url", gateway, String::new())],
        vec![file("grafana_password", arguments.grafana_user, draw())],
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(directory: &Path) -> SecretsArguments {
        let me = nix::unistd::geteuid().as_raw();
        let directory = directory.join("secrets");
        SecretsArguments {
            directory,
            gateway_user: me,
            postgres_user: me,
            redis_user: me,
            traefik_user: me,
            grafana_user: me,
            prometheus_user: me,
        }
    }

    #[test]
    fn secrets_are_made_once_and_agree_with_each_other() {
        let place = tempfile::tempdir().unwrap();
        let arguments = arguments(place.path());
        run(&arguments).unwrap();
        let read = |name: &str| fs::read_to_string(arguments.directory.join(name)).unwrap();
        for entry in fs::read_dir(&arguments.directory).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(read("tenant_database_url").contains(&read("postgres_password")));
        assert!(read("database_url").contains(&read("database_password")));
        assert!(read("users.acl").contains(&format!("user traefik on #{}", digest(&read("redis_traefik_password")))));
        assert!(!read("users.acl").contains('@') || !read("users.acl").contains("SHA256"));
        assert!(read("api_keys").starts_with(&format!("operator:{}:*;", read("api_key"))));
        let settings =
            ["database_url", "redis_url", "limits_redis_url", "secret_keys", "api_keys", "tenant_database_url"];
        let environment = settings.map(|name| {
            (format!("GATEWAY_{}_FILE", name.to_uppercase()), arguments.directory.join(name).display().to_string())
        });
        crate::config::load(&environment.into()).unwrap();
        let before = read("redis_url");
        run(&arguments).unwrap();
        assert_eq!(read("redis_url"), before);
    }

    #[test]
    fn half_a_set_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let arguments = arguments(place.path());
        run(&arguments).unwrap();
        fs::remove_file(arguments.directory.join("redis_url")).unwrap();
        let refused = run(&arguments).unwrap_err().to_string();
        assert!(refused.contains("redis_url, missing"), "{refused}");
    }
}
