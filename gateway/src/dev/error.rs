//! What can go wrong with the development stack.

use std::path::{Path, PathBuf};

/// Exit code when another process runs the stack of this data directory.
pub const EXIT_RUNNING: u8 = 3;

/// A failure inside the hosted gateway, told by the program that hosts it.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct HostedError {
    /// What failed, as a sentence without its end.
    pub what: String,
    /// Why.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Why the stack did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum DevError {
    /// A file or directory.
    #[error("cannot {what} {}", .path.display())]
    File {
        /// A verb.
        what: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file that is ours and does not parse.
    #[error("{} does not parse; `gateway dev reset` starts over", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A variable of the environment.
    #[error("the settings are wrong")]
    Settings(#[source] crate::config::ConfigErrors),
    /// A program is not installed.
    #[error("{program} was not found: {hint}")]
    Missing {
        /// Which.
        program: &'static str,
        /// How to get it.
        hint: String,
    },
    /// Another process runs this stack.
    #[error("already running")]
    Running,
    /// Said in full by the text.
    #[error("{0}")]
    Refused(String),
    /// A child could not be started at all.
    #[error("cannot start {name}")]
    Spawn {
        /// Which.
        name: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A child ended again and again.
    #[error("{name} ended {times} times within a minute (last: {status}); its last lines, from {}:\n{tail}", .log.display())]
    GaveUp {
        /// Which.
        name: &'static str,
        /// How often.
        times: usize,
        /// How it ended last.
        status: String,
        /// Its log.
        log: PathBuf,
        /// The end of its log.
        tail: String,
    },
    /// A part did not answer in time.
    #[error("{name} did not answer within {seconds} s; see {}", .log.display())]
    NotReady {
        /// Which.
        name: &'static str,
        /// The limit.
        seconds: u64,
        /// Its log.
        log: PathBuf,
    },
    /// Docker Engine.
    #[error("Docker Engine: cannot {what}")]
    Docker {
        /// A verb.
        what: &'static str,
        /// Why.
        #[source]
        source: bollard::errors::Error,
    },
    /// The certificate.
    #[error("cannot make the default certificate")]
    Certificate(#[source] rcgen::Error),
    /// The control database.
    #[error("cannot create the control database")]
    Database(#[source] sqlx::Error),
    /// The HTTP client of the probes.
    #[error("cannot make an HTTP client")]
    Client(#[source] reqwest::Error),
    /// The hosted gateway.
    #[error("the gateway failed")]
    Hosted(#[source] HostedError),
    /// The hosted gateway ended although nobody asked.
    #[error("the gateway ended by itself; see {}", .0.display())]
    HostedEnded(PathBuf),
    /// Told on the terminal already.
    #[error(transparent)]
    Told(Box<DevError>),
}

impl DevError {
    /// Makes the function that turns an I/O error on `path` into this type.
    pub(super) fn file(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { what, path, source }
    }

    /// The message followed by those of its causes.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut next = std::error::Error::source(self);
        while let Some(error) = next {
            text.push_str(": ");
            text.push_str(&error.to_string());
            next = error.source();
        }
        text
    }
}
