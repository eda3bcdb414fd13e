//! How people reach the console, and the certificates that clients see.

use jiff::Timestamp;
use url::Url;

use crate::doctor::report::{Check, Finding};
use crate::doctor::{CERTIFICATE_LASTS, Look};
use crate::domain::failure::Failure;
use crate::infra::certificate::{self, SeenCertificate};

/// Looks at the console's URL as a browser would.
pub(super) async fn look(look: &Look<'_>) -> Finding {
    let url = &look.settings.http.console_url;
    let host = url.host_str().unwrap_or_default();
    if is_https(url) {
        return certificate(Check::Console, host, certificate::look(url, host).await);
    }
    let found = format!("{url} is not https: passwords and cookies pass in plain text");
    let advice = "set admin_hostname, or console_url to an https:// URL, and route it through Traefik";
    match look.is_production {
        true => Finding::problem(Check::Console, found, advice),
        false => Finding::ok(Check::Console, format!("{url}, in development")),
    }
}

/// Whether clients come by TLS.
pub(super) fn is_https(url: &Url) -> bool {
    url.scheme() == "https"
}

/// Judges what the server of `whom` shows.
pub(super) fn certificate(check: Check, whom: &str, seen: Result<SeenCertificate, Failure>) -> Finding {
    match seen {
        Ok(seen) => judge(check, whom, &seen, Timestamp::now()),
        Err(failure) => {
            let advice = "look whether Traefik answers there with TLS, and whether this machine may reach it";
            Finding::failed(check, &failure, advice)
        }
    }
}

fn judge(check: Check, whom: &str, seen: &SeenCertificate, now: Timestamp) -> Finding {
    let left = seen.ends_at.duration_since(now);
    let days = left.as_hours() / 24;
    if left.is_negative() {
        let found = format!("the certificate of {whom} ended {} days ago", -days);
        return Finding::problem(check, found, "renew it, and see why that did not happen by itself");
    }
    if let Some(fault) = &seen.fault {
        let found = format!("clients refuse the certificate of {whom} ({}): {fault}", seen.subject);
        let advice = "give Traefik a certificate of an authority that clients know: by ACME, or as a file";
        return Finding::problem(check, found, advice);
    }
    if left < CERTIFICATE_LASTS {
        let found = format!("the certificate of {whom} ends in {days} days");
        return Finding::problem(check, found, "renew it, and see why that did not happen by itself");
    }
    Finding::ok(check, format!("https, and the certificate of {whom} lasts {days} days"))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::doctor::report::State;

    #[test]
    fn a_certificate_counts_while_it_is_believed_and_lasts() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let judged = |days: i64, fault: Option<&str>| {
            let ends_at = now + SignedDuration::from_hours(days * 24 + 1);
            let seen = SeenCertificate { subject: "CN=x".into(), ends_at, fault: fault.map(str::to_owned) };
            judge(Check::Console, "x", &seen, now)
        };
        assert_eq!(judged(15, None).state, State::Ok);
        assert!(judged(13, None).found.ends_with("ends in 13 days"));
        assert!(judged(-3, Some("expired")).found.ends_with("ended 2 days ago"));
        assert!(judged(90, Some("unknown issuer")).found.contains("unknown issuer"));
    }
}
