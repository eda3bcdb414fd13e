//! What production refuses and what it warns of. Refused is what is surely wrong; what may be right is said once at the start.
//!
//! The rules read what was written and not what it became, so that all of them speak even where another setting is wrong.

mod secrets;
mod servers;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use ipnet::IpNet;
use url::Url;

use crate::config::read::Reader;
use crate::domain::host;

/// Least bits of a network that may be believed: fewer hold addresses of strangers.
const LEAST_TRUSTED_BITS: (u8, u8) = (8, 7);

/// Where a URL leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// This machine.
    Here,
    /// A name of one label: a container beside this one, or a machine of the same network.
    Beside,
    /// Any other machine.
    Elsewhere,
}

impl Place {
    /// Where the host of a URL is. One of an unknown scheme keeps addresses as text.
    pub(super) fn of(url: &Url) -> Self {
        let host = host::of_url(url);
        match host.parse::<IpAddr>() {
            Ok(address) if address.is_loopback() => Self::Here,
            Ok(_) => Self::Elsewhere,
            Err(_) if host == "localhost" || host.ends_with(".localhost") => Self::Here,
            Err(_) if host.contains('.') => Self::Elsewhere,
            Err(_) => Self::Beside,
        }
    }
}

/// Looks at every setting that production has a rule for.
pub(super) fn check(r: &mut Reader) {
    web(r);
    origins(r);
    ports(r);
    secrets::check(r);
    servers::check(r);
    tenants(r);
    logs(r);
}

fn url(r: &Reader, name: &str) -> Option<Url> {
    Url::parse(&r.text(name)).ok()
}

/// What people and their browsers are sent to.
fn web(r: &mut Reader) {
    if matches!(r.text("enable_api_docs").as_str(), "true" | "1" | "yes") {
        r.refuse("enable_api_docs", "must be false in production");
    }
    for name in ["console_url", "signup_proof_url"] {
        if url(r, name).is_some_and(|url| url.scheme() == "http" && Place::of(&url) != Place::Here) {
            r.refuse(name, "must begin with https:// in production: passwords and the tokens of links go there");
        }
    }
    let suffix = r.text("host_suffix");
    if suffix == "localhost" || suffix.ends_with(".localhost") {
        r.refuse(
            "host_suffix",
            "must not be localhost in production: browsers would look for tenants on their own machine",
        );
    }
}

/// The hosts by which this control plane is known from outside.
fn own_hosts(r: &Reader) -> Vec<String> {
    let console = url(r, "console_url").filter(|url| Place::of(url) == Place::Elsewhere);
    let console = console.and_then(|url| url.host_str().map(str::to_owned));
    let named = [r.text("admin_hostname"), r.text("host_suffix")].into_iter().filter(|name| name.contains('.'));
    console.into_iter().chain(named).filter(|host| host.parse::<IpAddr>().is_err()).collect()
}

/// Which pages of others may call the API from a browser.
fn origins(r: &mut Reader) {
    let exact = r.text("cors_allowed_origins");
    for origin in exact.split(',').map(str::trim) {
        if Url::parse(origin).is_ok_and(|url| url.scheme() != "https" && Place::of(&url) != Place::Here) {
            r.refuse("cors_allowed_origins", format!("{origin}: must begin with https:// in production"));
        }
    }
    let Some(pattern) = r.optional("cors_allow_origin_regex") else { return };
    let Ok(pattern) = regex::Regex::new(&format!("^(?:{pattern})$")) else { return };
    let foreign = ["https://attacker.invalid", "http://attacker.invalid", "https://a.b.attacker.invalid:8443", "null"];
    let alike = own_hosts(r).into_iter().flat_map(|host| {
        let dotless = host.replacen('.', "x", 1);
        [
            format!("https://not{host}"),
            format!("https://{host}.attacker.invalid"),
            format!("https://app.{host}.attacker.invalid"),
            format!("https://{dotless}"),
            format!("https://app.{dotless}"),
            format!("http://{host}"),
            format!("http://app.{host}"),
        ]
    });
    if let Some(origin) = foreign.into_iter().map(str::to_owned).chain(alike).find(|origin| pattern.is_match(origin)) {
        let why = format!(
            "must not match {origin} in production: name origins in cors_allowed_origins, or \
             write https:// and \\. and leave no gap before your domain"
        );
        r.refuse("cors_allow_origin_regex", why);
    }
}

/// Who is believed about others, and who reaches what without TLS.
fn ports(r: &mut Reader) {
    let proxies: Vec<IpNet> = r.text("trusted_proxies").split(',').filter_map(|net| net.trim().parse().ok()).collect();
    for net in &proxies {
        let least = if net.addr().is_ipv4() { LEAST_TRUSTED_BITS.0 } else { LEAST_TRUSTED_BITS.1 };
        if net.prefix_len() < least {
            let why =
                format!("{net} holds strangers: in production who calls from there may say that it is any tenant");
            r.refuse("trusted_proxies", why);
        }
    }
    let is_open = |r: &Reader, name: &str| r.text(name).parse::<IpAddr>().is_ok_and(|address| !address.is_loopback());
    let (is_tenant_port_open, is_admin_port_open) = (is_open(r, "listen_address"), is_open(r, "admin_listen_address"));
    if (is_tenant_port_open || is_admin_port_open) && proxies.iter().all(|net| net.addr().is_loopback()) {
        r.warn(
            "trusted_proxies",
            "names no proxy on another machine, and a port answers other machines: what Traefik says of its callers \
             (address, https) is not believed",
        );
    }
    let is_by_tls = match url(r, "console_url") {
        Some(url) => url.scheme() == "https",
        None => r.optional("admin_hostname").is_some(),
    };
    if is_admin_port_open && !is_by_tls {
        r.warn(
            "admin_listen_address",
            "has the admin port answer other machines in plain HTTP, and console_url names no https:// in front of it",
        );
    }
    if url(r, "docker_host").is_some_and(|url| url.scheme() != "unix" && Place::of(&url) == Place::Elsewhere) {
        r.refuse(
            "docker_host",
            "must not lead to another machine in plain text in production: who reaches that port is root there",
        );
    }
}

/// Tenants and what is promised to them.
fn tenants(r: &mut Reader) {
    let is_on = |r: &Reader, name: &str| matches!(r.text(name).as_str(), "true" | "1" | "yes");
    if is_on(r, "signup_enabled") && !is_on(r, "signup_mail_proof") && r.text("signup_approval") == "automatic" {
        r.warn("signup_mail_proof", "is off and nobody approves: whoever asks gets a tenant, with any address");
    }
    if r.text("delete_grace_seconds").parse() == Ok(0.0) {
        r.warn("delete_grace_seconds", "is 0: no deletion can be taken back");
    }
    let image = r.text("docker_app_image");
    let last = image.rsplit('/').next().unwrap_or_default();
    if !image.is_empty() && (!last.contains([':', '@']) || last.ends_with(":latest")) {
        r.warn("docker_app_image", "names no version: a new image under the same name is not seen, and not told apart");
    }
}

/// What the log gives away.
fn logs(r: &mut Reader) {
    let filter = r.text("log_filter").to_ascii_lowercase();
    let level_of = |directive: &str| match directive.trim().rsplit_once('=') {
        Some((target, level)) => (target.trim_start().to_owned(), level.trim().to_owned()),
        None => (String::new(), directive.trim().to_owned()),
    };
    let levels: Vec<(String, String)> = filter.split(',').map(level_of).collect();
    let is_ours = |target: &str| target == "gateway" || target.starts_with("gateway::");
    if levels.iter().any(|(target, level)| level == "trace" && !is_ours(target)) {
        r.refuse(
            "log_filter",
            "must not hold trace for libraries in production: they write down what they send, passwords too",
        );
    } else if levels.iter().any(|(_, level)| level == "debug" || level == "trace") {
        r.warn("log_filter", "holds debug or trace: much is written, and statements with what is in them");
    }
    if r.text("log_format") == "pretty" {
        r.warn("log_format", "is pretty: programs that collect logs want json");
    }
}
