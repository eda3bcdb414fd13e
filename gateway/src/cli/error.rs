//! How a command fails: a sentence, the next command to try, and an exit code.

use crate::api::types::Problem;

/// Why a command could not be done. The exit codes stand in the help.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The API refused.
    #[error("{}", told(.0))]
    Refused(Box<Problem>),
    /// The API cannot be reached.
    #[error("{url} does not answer")]
    Unreachable {
        /// Where it should be.
        url: String,
        /// Why.
        #[source]
        cause: reqwest::Error,
    },
    /// The answer is none of the API's.
    #[error("{url} answered with something that is not from the admin API ({what})")]
    Strange {
        /// Where it came from.
        url: String,
        /// What was wrong with it.
        what: String,
    },
    /// Arguments or environment are wrong.
    #[error("{0}")]
    Usage(String),
    /// The work ended otherwise than wanted.
    #[error("{message}")]
    Failed {
        /// What happened.
        message: String,
        /// What to try.
        next: String,
    },
    /// The work did not end in time.
    #[error("{message}")]
    TimedOut {
        /// What is still under way.
        message: String,
        /// What to try.
        next: String,
    },
    /// A local file or the terminal failed.
    #[error("{0}")]
    Local(String, #[source] std::io::Error),
}

fn told(problem: &Problem) -> String {
    let mut text = format!("{} ({}, request {})", problem.detail, problem.code, problem.instance);
    if problem.errors.len() > 1 {
        for error in &problem.errors {
            text.push_str(&format!("\n  {} {}", error.pointer.trim_start_matches('/'), error.message));
        }
    }
    text
}

impl CliError {
    /// As documented in the help.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Refused(problem) => match problem.status {
                404 => 3,
                401 | 403 => 4,
                400 | 409 | 410 | 412 | 413 | 415 | 422 => 5,
                _ => 1,
            },
            Self::TimedOut { .. } => 6,
            Self::Unreachable { .. } | Self::Strange { .. } | Self::Failed { .. } | Self::Local(..) => 1,
        }
    }

    fn next(&self) -> String {
        match self {
            Self::Refused(problem) => match &*problem.code {
                "tenant_active" => "gatewayctl tenant suspend <tenant>, or delete with --force".into(),
                "tenant_not_found" => "gatewayctl tenant list, with --status deleted for what is gone".into(),
                "not_cancellable" | "superseded" => "gatewayctl operation list --tenant <tenant>".into(),
                "not_shared" => "gatewayctl tenant show <tenant>".into(),
                "events_gone" => "gatewayctl event list, which begins with the oldest that is kept".into(),
                "operation_not_found" => "gatewayctl operation list".into(),
                "pool_not_found" | "pool_in_use" => "gatewayctl pool list".into(),
                "api_key_not_found" => "gatewayctl key list --ended".into(),
                "key_taken" => "gatewayctl tenant show <key>".into(),
                "host_taken" => "gatewayctl tenant list --search <host>".into(),
                "unauthenticated" => "set GATEWAY_API_KEY to a key of this gateway".into(),
                "missing_scope" => "use a key that has this scope".into(),
                "not_migrated" | "not_ready" => "gateway migrate, on the server".into(),
                "illegal_transition" | "nothing_to_retry" => "gatewayctl tenant show <tenant>".into(),
                _ if problem.status >= 500 => format!("look for {} in the server's log", problem.instance),
                _ => "gatewayctl --help".into(),
            },
            Self::Unreachable { .. } | Self::Strange { .. } => {
                "check --url or GATEWAY_URL, and that gateway serve runs".into()
            }
            Self::Usage(_) | Self::Local(..) => "gatewayctl --help".into(),
            Self::Failed { next, .. } | Self::TimedOut { next, .. } => next.clone(),
        }
    }

    /// The whole message: what happened, why, and what to try.
    pub(super) fn shown(&self) -> String {
        let mut text = format!("error: {self}");
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            let line = error.to_string();
            if !text.contains(&line) {
                text.push_str(&format!(": {line}"));
            }
            cause = error.source();
        }
        format!("{text}\n next: {}", self.next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_follow_the_status() {
        for (status, code) in [(404, 3), (401, 4), (403, 4), (409, 5), (422, 5), (500, 1), (503, 1), (429, 1)] {
            let problem = Problem {
                kind: String::new(),
                title: String::new(),
                status,
                detail: String::new(),
                code: String::new(),
                instance: String::new(),
                errors: Vec::new(),
            };
            assert_eq!(CliError::Refused(Box::new(problem)).exit_code(), code, "{status}");
        }
        assert_eq!(CliError::Usage(String::new()).exit_code(), 2);
        assert_eq!(CliError::TimedOut { message: String::new(), next: String::new() }.exit_code(), 6);
    }
}
