//! Builds the sections and holds the rules between them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use lettre::message::Mailbox;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::config::production::Place;
use crate::config::read::Reader;
use crate::config::settings::{
    DockerSettings, EdgeSettings, Environment, EventSettings, HttpSettings, LogFormat, LogSettings, MailSettings,
    NetworkIsolation, NetworkMode, ReconcileSettings, RetentionSettings, Settings, StaticKey, TenantSettings,
    WorkerSettings,
};
use crate::config::{production, servers, signup};
use crate::domain::host::{Host, HostSuffix};
use crate::domain::ports::TenantPorts;
use crate::domain::route::RoutingMode;
use crate::domain::seal::KeyRing;
use crate::domain::series::Keeping;

/// Shortest secret of a key given by setting.
const MIN_KEY_SECRET: usize = 32;

/// `None` only together with at least one error in the reader.
pub(super) fn build(r: &mut Reader) -> Option<Settings> {
    let environment = r.parse("env", |text| match text {
        "development" => Ok(Environment::Development),
        "production" => Ok(Environment::Production),
        _ => Err("must be development or production"),
    });
    if environment == Some(Environment::Production) {
        production::check(r);
    }
    let database_url = r.secret_url("database_url", &["postgres", "postgresql"]);
    if database_url.is_none() && r.optional("database_url").is_none() {
        r.refuse("database_url", "is required");
    }
    let key_ring = r.parse("secret_keys", KeyRing::parse);
    let http = http(r);
    let tenants = tenants(r);
    let signup = signup::read(r);
    let worker = worker(r);
    let reconcile = reconcile(r);
    let events = events(r);
    let retention = retention(r);
    let series = series(r);
    let tenant_server = servers::read(r, database_url.as_ref());
    let edge = edge(r, http.as_ref()?.port);
    let docker = docker(r);
    let mail = mail(r, environment);
    let log = log(r);
    let is_proved_by_mail = signup.as_ref().is_some_and(|signup| signup.enabled && signup.rules.mail_proof);
    if is_proved_by_mail && mail.is_none() && r.optional("smtp_url").is_none() {
        r.refuse("signup_mail_proof", "needs a mail server: set smtp_url, or turn the proof off");
    }
    let http = http?;
    if http.port == http.admin_port {
        r.refuse("admin_port", "must differ from port");
    }
    Some(Settings {
        environment: environment?,
        database_url: database_url?,
        key_ring: key_ring?,
        http,
        tenants: tenants?,
        signup: signup?,
        worker,
        pulse_file: r.optional("worker_pulse_file").map(PathBuf::from),
        reconcile,
        events,
        retention,
        series,
        tenant_server: tenant_server?,
        edge: edge?,
        docker: docker?,
        mail,
        log,
        warnings: std::mem::take(&mut r.warnings),
    })
}

fn http(r: &mut Reader) -> Option<HttpSettings> {
    let any = std::net::IpAddr::from([127, 0, 0, 1]);
    let admin_port = r.number("admin_port", 1, u16::MAX);
    let admin_hostname = r.parse_optional("admin_hostname", Host::parse);
    let console_url = console_url(r, admin_hostname.as_ref(), admin_port);
    let address = |text: &str| text.parse().map_err(|_| "must be an IP address");
    Some(HttpSettings {
        listen_address: r.parse("listen_address", address).unwrap_or(any),
        port: r.number("port", 1, u16::MAX),
        admin_listen_address: r.parse("admin_listen_address", address).unwrap_or(any),
        admin_port,
        stop_delay: r.seconds("stop_delay_seconds", 0.0, 300.0),
        admin_hostname,
        console_url: console_url?,
        api_keys: api_keys(r),
        enable_api_docs: r.flag("enable_api_docs"),
        cors_allowed_origins: r.list("cors_allowed_origins", |origin| match Url::parse(origin) {
            Ok(url) if url.origin().ascii_serialization() == origin => Ok(origin.to_owned()),
            _ => Err("must be an origin such as https://app.example.com, without a path"),
        }),
        cors_allow_origin_regex: r
            .parse_optional("cors_allow_origin_regex", |pattern| regex::Regex::new(&format!("^(?:{pattern})$"))),
        trusted_proxies: r
            .list("trusted_proxies", |net| net.parse().map_err(|_| "must be a network such as 10.0.0.0/8")),
    })
}

fn api_keys(r: &mut Reader) -> Vec<StaticKey> {
    let text = SecretString::from(r.text("api_keys"));
    let mut keys: Vec<StaticKey> = Vec::new();
    for (index, entry) in text.expose_secret().split(';').map(str::trim).filter(|e| !e.is_empty()).enumerate() {
        let position = index + 1;
        let mut parts = entry.splitn(3, ':');
        let (Some(name), Some(secret), Some(scopes)) = (parts.next(), parts.next(), parts.next()) else {
            r.refuse("api_keys", format!("entry {position} is not name:secret:scope,scope"));
            continue;
        };
        if secret.len() < MIN_KEY_SECRET {
            r.refuse("api_keys", format!("entry {position} has a secret of fewer than {MIN_KEY_SECRET} characters"));
        }
        if name.is_empty() || keys.iter().any(|known| known.name == name) {
            r.refuse("api_keys", format!("entry {position} has an empty name or one used before"));
        }
        let scopes = scopes.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect();
        keys.push(StaticKey { name: name.to_owned(), secret: SecretString::from(secret.to_owned()), scopes });
    }
    keys
}

fn tenants(r: &mut Reader) -> Option<TenantSettings> {
    let port: u16 = r.number("docker_app_port", 1, u16::MAX);
    let named = r.url("app_backend_url", &["http", "https"]);
    let by_host = r.parse_optional("default_pool_host", |host| {
        Url::parse(&format!("http://{host}:{port}")).map_err(|_| "must be a host name or an address")
    });
    let health_path = r.text("app_health_path");
    if !health_path.starts_with('/') || health_path.contains(|c: char| c.is_control() || c == ' ' || c == '#') {
        r.refuse("app_health_path", "must begin with a slash and hold no blank");
    }
    Some(TenantSettings {
        host_suffix: r.parse("host_suffix", HostSuffix::parse)?,
        app_backend_url: named.or(by_host),
        health_path,
        migrations_dir: PathBuf::from(r.text("tenant_migrations_dir")),
    })
}

fn worker(r: &mut Reader) -> WorkerSettings {
    WorkerSettings {
        poll: r.seconds("worker_poll_seconds", 0.05, 3600.0),
        batch_size: r.number("worker_batch_size", 1, 1000),
        max_attempts: r.number("worker_max_attempts", 1, 100),
        concurrency: r.number("worker_concurrency", 1, 256),
        lease: r.seconds("worker_lease_seconds", 1.0, 3600.0),
        retry_base: r.seconds("worker_retry_base_seconds", 0.01, 300.0),
        step_timeout: r.seconds("worker_step_timeout_seconds", 1.0, 3600.0),
        delete_grace: r.seconds("delete_grace_seconds", 0.0, 31_536_000.0),
        member_look: r.seconds("pool_look_seconds", 0.0, 3600.0),
    }
}

fn reconcile(r: &mut Reader) -> ReconcileSettings {
    ReconcileSettings {
        every: r.seconds("reconcile_seconds", 0.0, 86_400.0),
        budget: r.number("reconcile_budget", 1, 1_000_000),
        quarantine: r.seconds("orphan_quarantine_seconds", 0.0, 31_536_000.0),
    }
}

fn retention(r: &mut Reader) -> RetentionSettings {
    RetentionSettings {
        events: r.seconds("event_retention_seconds", 60.0, 315_360_000.0),
        jobs: r.seconds("job_retention_seconds", 60.0, 315_360_000.0),
    }
}

fn events(r: &mut Reader) -> EventSettings {
    EventSettings {
        // Below the connections of the port, so that calls find a place beside them.
        streams: r.number("max_streams", 1, 768),
        streams_per_caller: r.number("max_streams_per_caller", 1, 768),
    }
}

fn series(r: &mut Reader) -> Keeping {
    let interval: u32 = r.number("series_interval_seconds", 1, 300);
    if 300 % interval.max(1) != 0 {
        r.refuse("series_interval_seconds", "must divide 300");
    }
    let fine = r.seconds("series_fine_seconds", 21_600.0, 2_592_000.0);
    let all = r.seconds("series_retention_seconds", 86_400.0, 31_536_000.0);
    if fine > all {
        r.refuse("series_fine_seconds", "must not be longer than series_retention_seconds");
    }
    Keeping { interval: Duration::from_secs(interval.into()), fine, all }
}

fn edge(r: &mut Reader, port: u16) -> Option<EdgeSettings> {
    let web = &["http", "https"];
    let word = |text: &str| {
        let ok = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        ok.then(|| text.to_owned()).ok_or("may hold only letters, digits, hyphen and underscore")
    };
    let redis = &["redis", "rediss"];
    let redis_url = r.secret_url("redis_url", redis);
    let tenant_ports = tenant_ports(r, port);
    let routing_mode = r.parse("routing_mode", |text| RoutingMode::parse(text).ok_or("must be per-tenant or wildcard"));
    Some(EdgeSettings {
        routing_mode: routing_mode?,
        limits_redis_url: r.secret_url("limits_redis_url", redis).or_else(|| redis_url.clone()),
        redis_url,
        root_key: r.parse("redis_traefik_root_key", word)?,
        entrypoint: r.parse("traefik_entrypoint", word)?,
        entry_url: r.url("traefik_url", web),
        api_url: r.url("traefik_api_url", web),
        metrics_url: r.url("traefik_metrics_url", web),
        tenant_ports: tenant_ports?,
    })
}

fn tenant_ports(r: &mut Reader, port: u16) -> Option<TenantPorts> {
    let named = r.list("tenant_port_url", |text| match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => Err("must be a URL with scheme http or https and a host"),
    });
    if named.is_empty() {
        // One that was refused is told of already.
        return TenantPorts::of(vec![Url::parse(&format!("http://127.0.0.1:{port}")).ok()?]).ok();
    }
    TenantPorts::of(named).map_err(|why| r.refuse("tenant_port_url", why)).ok()
}

fn docker(r: &mut Reader) -> Option<DockerSettings> {
    let host = r.parse_optional("docker_host", |text| {
        let known = ["unix://", "tcp://", "http://"].iter().any(|scheme| text.starts_with(scheme));
        known.then(|| text.to_owned()).ok_or("must begin with unix://, tcp:// or http://")
    });
    let wanted = r.parse("network_mode", |text| match text {
        "per-tenant" => Ok(NetworkMode::PerTenant),
        "none" => Ok(NetworkMode::None),
        _ => Err("must be per-tenant or none"),
    });
    let isolation = r.parse("network_isolation", |text| match text {
        "engine" => Ok(NetworkIsolation::Engine),
        "nftables" => Ok(NetworkIsolation::Nftables),
        _ => Err("must be engine or nftables"),
    });
    let is_elsewhere = host.as_ref().is_some_and(|host: &String| !host.starts_with("unix://"));
    if isolation == Some(NetworkIsolation::Nftables) && is_elsewhere {
        r.refuse(
            "network_isolation",
            "nftables needs a docker_host on this machine (unix://…): its rules stand where the engine's bridges are",
        );
    }
    let block = r.parse("docker_network_block", |text| match text.parse::<ipnet::Ipv4Net>() {
        Ok(net) if net.prefix_len() <= 28 && net.trunc() == net => Ok(net),
        _ => Err("must be an IPv4 network of /28 or larger, such as 10.88.0.0/16"),
    });
    let app_environment = r.parse("docker_app_env_overrides", |text| {
        serde_json::from_str::<BTreeMap<String, String>>(text).map_err(|_| "must be a JSON object of strings")
    });
    Some(DockerSettings {
        network_mode: if host.is_some() { wanted? } else { NetworkMode::None },
        host,
        network_isolation: isolation?,
        network_block: block?,
        app_image: r.optional("docker_app_image"),
        app_port: r.number("docker_app_port", 1, u16::MAX),
        app_environment: app_environment?,
        memory_mib: r.number("docker_app_memory_mib", 16, 1_048_576),
        cpus: r.number("docker_app_cpus", 0.01, 1024.0),
        pids: r.number("docker_app_pids", 8, 1_000_000),
    })
}

fn console_url(r: &mut Reader, hostname: Option<&Host>, port: u16) -> Option<Url> {
    let given = r.url("console_url", &["http", "https"]);
    if given.as_ref().is_some_and(|url| url.query().or(url.fragment()).is_some() || !url.path().ends_with('/')) {
        r.refuse("console_url", "must end with a slash, without query and fragment");
    }
    let by_port = || Url::parse(&format!("http://127.0.0.1:{port}/")).ok();
    given.or_else(|| match hostname {
        Some(host) => Url::parse(&format!("https://{host}/")).ok(),
        None => by_port(),
    })
}

fn mail(r: &mut Reader, environment: Option<Environment>) -> Option<MailSettings> {
    let from = r.parse_optional("mail_from", |text| {
        text.parse::<Mailbox>().map_err(|_| "must be an address, such as Gateway <gateway@example.com>")
    });
    let smtp_url = r.secret_url("smtp_url", &["smtp", "smtps"])?;
    let url = Url::parse(smtp_url.expose_secret()).ok()?;
    let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
    let is_sure = url.scheme() == "smtps" || tls.as_deref() == Some("required");
    if environment == Some(Environment::Production) && !is_sure && Place::of(&url) != Place::Here {
        r.refuse("smtp_url", "must be smtps://… or end with ?tls=required in production");
    }
    if r.optional("mail_from").is_none() {
        r.refuse("mail_from", "is required with smtp_url");
    }
    if r.optional("console_url").is_none() {
        r.refuse("console_url", "is required with smtp_url: links in mail begin with it");
    }
    Some(MailSettings { smtp_url, from: from? })
}

fn log(r: &mut Reader) -> LogSettings {
    let format = r.parse("log_format", |text| match text {
        "auto" => Ok(LogFormat::Auto),
        "json" => Ok(LogFormat::Json),
        "pretty" => Ok(LogFormat::Pretty),
        _ => Err("must be auto, json or pretty"),
    });
    let filter = r.text("log_filter");
    if let Err(why) = filter.parse::<tracing_subscriber::EnvFilter>() {
        r.refuse("log_filter", why.to_string());
    }
    LogSettings { format: format.unwrap_or(LogFormat::Auto), filter }
}
