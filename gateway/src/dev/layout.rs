//! Paths inside the data directory, and files only their owner may read.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::dev::error::DevError;

/// A log larger than this is set aside when its writer starts.
const LOG_LIMIT: u64 = 16 << 20;

/// The data directory.
#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The layout of this directory, which need not exist.
    ///
    /// # Errors
    /// When the working directory is gone.
    pub fn new(data_dir: &Path) -> Result<Self, DevError> {
        let root = std::path::absolute(data_dir).map_err(DevError::file("resolve", data_dir))?;
        Ok(Self { root: fs::canonicalize(&root).unwrap_or(root) })
    }

    /// Makes the directories that are missing.
    ///
    /// # Errors
    /// When one cannot be made.
    pub fn create(&self) -> Result<(), DevError> {
        // Children under another account pass through the root; only secrets are closed to them.
        for (directory, mode) in [
            (self.root.clone(), 0o711),
            (self.secrets(), 0o700),
            (self.run(), 0o700),
            (self.logs(), 0o700),
            (self.certs(), 0o711),
            (self.redis(), 0o700),
            (self.traefik(), 0o700),
        ] {
            DirBuilder::new()
                .recursive(true)
                .mode(mode)
                .create(&directory)
                .map_err(DevError::file("make", &directory))?;
        }
        Ok(())
    }

    /// The directory itself, absolute.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Generated secrets, one a file.
    #[must_use]
    pub fn secrets(&self) -> PathBuf {
        self.root.join("secrets")
    }

    /// What concerns the running process.
    #[must_use]
    pub fn run(&self) -> PathBuf {
        self.root.join("run")
    }

    /// Held by the running process.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.run().join("lock")
    }

    /// What the running process tells others.
    #[must_use]
    pub fn instance(&self) -> PathBuf {
        self.run().join("instance.json")
    }

    /// What is drawn once.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.root.join("state.json")
    }

    /// Logs, one a part.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// The log of one part.
    #[must_use]
    pub fn log(&self, part: &str) -> PathBuf {
        self.logs().join(format!("{part}.log"))
    }

    /// Traefik's default certificate and its key.
    #[must_use]
    pub fn certs(&self) -> PathBuf {
        self.root.join("certs")
    }

    /// Where PostgreSQL lives unless its account cannot reach it.
    #[must_use]
    pub fn postgres(&self) -> PathBuf {
        self.root.join("pg")
    }

    /// Redis: configuration and data.
    #[must_use]
    pub fn redis(&self) -> PathBuf {
        self.root.join("redis")
    }

    /// Traefik's configuration.
    #[must_use]
    pub fn traefik(&self) -> PathBuf {
        self.root.join("traefik")
    }
}

/// Replaces a file in one step; only its owner may read it.
///
/// # Errors
/// When it cannot be written.
pub(super) fn write_private(path: &Path, content: &[u8]) -> Result<(), DevError> {
    let fresh = path.with_extension("new");
    // What is there may be a link that the account of a child put there: it is neither followed nor written to.
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(DevError::file("remove", &fresh)(error)),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)
        .map_err(DevError::file("write", &fresh))?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(DevError::file("write", &fresh))?;
    fs::rename(&fresh, path).map_err(DevError::file("write", path))
}

/// Opens a log for its writer, setting a large one aside.
///
/// # Errors
/// When it cannot be opened.
pub(super) fn open_log(path: &Path) -> Result<File, DevError> {
    if fs::metadata(path).is_ok_and(|found| found.len() > LOG_LIMIT) {
        fs::rename(path, path.with_extension("log.1")).map_err(DevError::file("set aside", path))?;
    }
    OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(DevError::file("open", path))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn private_files_do_not_follow_links() {
        let directory = tempfile::tempdir().unwrap();
        let (path, other) = (directory.path().join("secret"), directory.path().join("other"));
        fs::write(&other, "others").unwrap();
        std::os::unix::fs::symlink(&other, path.with_extension("new")).unwrap();
        write_private(&path, b"one").unwrap();
        assert_eq!(fs::read(&other).unwrap(), b"others");
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
    }

    #[test]
    fn private_files_are_closed_even_when_they_were_open() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        fs::write(path.with_extension("new"), "left over").unwrap();
        fs::set_permissions(path.with_extension("new"), fs::Permissions::from_mode(0o644)).unwrap();
        write_private(&path, b"one").unwrap();
        write_private(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn the_root_is_absolute() {
        assert!(Layout::new(Path::new("some/where")).unwrap().root().is_absolute());
    }
}
