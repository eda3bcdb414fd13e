//! Finds the programs the stack is made of.

use std::path::{Path, PathBuf};

use crate::dev::args::DevArguments;
use crate::dev::error::DevError;
use crate::dev::layout::Layout;
use crate::dev::spawn::{find_on_path, is_executable};

/// The oldest PostgreSQL that works.
const OLDEST_POSTGRES: u32 = 15;
const DEBIAN_POSTGRES: &str = "/usr/lib/postgresql";
const INSTALL: &str = "`make setup` installs it";

/// Programs of PostgreSQL.
#[derive(Clone, Debug)]
pub(super) struct PostgresPrograms {
    /// Makes a data directory.
    pub initdb: PathBuf,
    /// The server.
    pub postgres: PathBuf,
    /// Its major version.
    pub major: u32,
}

/// All programs the stack cannot do without.
#[derive(Clone, Debug)]
pub(super) struct Binaries {
    /// PostgreSQL.
    pub postgres: PostgresPrograms,
    /// Redis.
    pub redis: PathBuf,
    /// Traefik.
    pub traefik: PathBuf,
    /// The demo app, beside our own executable.
    pub demo_app: PathBuf,
}

/// Finds all programs.
///
/// # Errors
/// [`DevError::Missing`] names the first that is missing and what installs it.
pub(super) fn find(arguments: &DevArguments, layout: &Layout) -> Result<Binaries, DevError> {
    find_on_path("setpriv").ok_or_else(|| missing("setpriv", "it is part of util-linux"))?;
    Ok(Binaries {
        postgres: postgres(arguments.postgres_bin.as_deref())?,
        redis: find_on_path("redis-server").ok_or_else(|| missing("redis-server", INSTALL))?,
        traefik: traefik(arguments.traefik_bin.as_deref(), layout)?,
        demo_app: demo_app()?,
    })
}

fn missing(program: &'static str, hint: impl Into<String>) -> DevError {
    DevError::Missing { program, hint: hint.into() }
}

/// The server's major version, from the name of its program as Debian keeps it or by asking it.
fn major_of(postgres: &Path) -> Option<u32> {
    let answer = std::process::Command::new(postgres).arg("--version").output().ok()?;
    parse_major(&String::from_utf8_lossy(&answer.stdout))
}

/// `postgres (PostgreSQL) 15.18 (Debian …)` is 15; `17beta1` is 17.
fn parse_major(version: &str) -> Option<u32> {
    let number = version.split_once(") ")?.1;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn postgres(given: Option<&Path>) -> Result<PostgresPrograms, DevError> {
    let candidates = match given {
        Some(directory) => vec![directory.to_owned()],
        None => {
            let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(DEBIAN_POSTGRES)
                .into_iter()
                .flatten()
                .flatten()
                .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
                .collect();
            versions.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
            let on_path = find_on_path("postgres").and_then(|file| Some(file.parent()?.to_owned()));
            versions.into_iter().map(|(_, directory)| directory).chain(on_path).collect()
        }
    };
    for directory in candidates {
        let (initdb, postgres) = (directory.join("initdb"), directory.join("postgres"));
        if !is_executable(&initdb) || !is_executable(&postgres) {
            continue;
        }
        // initdb looks for its files beside the real executable, not beside a link to it.
        let real = |path: PathBuf| std::fs::canonicalize(&path).unwrap_or(path);
        let (initdb, postgres) = (real(initdb), real(postgres));
        match major_of(&postgres) {
            Some(major) if major >= OLDEST_POSTGRES => return Ok(PostgresPrograms { initdb, postgres, major }),
            _ => {}
        }
    }
    let place = given.map_or_else(String::new, |path| format!(" in {}", path.display()));
    Err(missing("PostgreSQL", format!("initdb and postgres of version {OLDEST_POSTGRES} or newer{place}; {INSTALL}")))
}

fn traefik(given: Option<&Path>, layout: &Layout) -> Result<PathBuf, DevError> {
    if let Some(file) = given {
        return if is_executable(file) {
            std::path::absolute(file).map_err(DevError::file("resolve", file))
        } else {
            Err(missing("Traefik", format!("{} is not an executable", file.display())))
        };
    }
    let beside_data = layout.root().parent().map(|parent| parent.join(".venv/bin/traefik"));
    let beside_us = std::path::absolute(".venv/bin/traefik").ok();
    [beside_us, beside_data]
        .into_iter()
        .flatten()
        .find(|file| is_executable(file))
        .or_else(|| find_on_path("traefik"))
        .ok_or_else(|| missing("Traefik", INSTALL))
}

fn demo_app() -> Result<PathBuf, DevError> {
    let own = std::env::current_exe().map_err(DevError::file("find", Path::new("our own executable")))?;
    let file = own.with_file_name("demo-app");
    if is_executable(&file) {
        Ok(file)
    } else {
        Err(missing("demo-app", format!("expected at {}; `cargo build --bins` makes it", file.display())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(parse_major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 18beta2\n"), Some(18));
        assert_eq!(parse_major("nonsense"), None);
    }

    #[test]
    fn a_directory_without_postgres_is_refused_by_name() {
        let directory = tempfile::tempdir().unwrap();
        let error = postgres(Some(directory.path())).unwrap_err().to_string();
        assert!(error.contains(&directory.path().display().to_string()), "{error}");
    }
}
