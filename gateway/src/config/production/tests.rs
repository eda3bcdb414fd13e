//! Each bad setting alone is refused by its name and reason, and each good one beside it passes.

use std::collections::BTreeMap;

use crate::config::{ConfigError, Settings, load};

/// Drawn at random once; as good as any that is nobody's.
const KEY: &str = "k1:mvbZ4Zr6n8pQm3gk0c6xVdKqj1yJt7o2u5wFhTsXbRE=";
const DATABASE: &str = "postgres://gateway:pZ8q-vw3Rk_1@control/gateway";
const REDIS: &str = "redis://worker:pZ8q-vw3Rk_1@redis:6379/0";

fn read(changes: &[(&str, &str)]) -> Result<Settings, Vec<ConfigError>> {
    let good = [
        ("env", "production"),
        ("database_url", DATABASE),
        ("redis_url", REDIS),
        ("secret_keys", KEY),
        ("host_suffix", "apps.example.com"),
        ("console_url", "https://console.example.com/"),
    ];
    let variable = |(name, value): &(&str, &str)| (format!("GATEWAY_{}", name.to_uppercase()), (*value).to_owned());
    let given: BTreeMap<String, String> = good.iter().chain(changes).map(variable).collect();
    load(&given).map_err(|errors| errors.0)
}

fn assert_refused(name: &str, value: &str, why: &str) {
    let errors = read(&[(name, value)]).map(|_| ()).expect_err(&format!("{name}={value} passes"));
    let [only] = errors.as_slice() else { panic!("{name}={value}: {errors:?}") };
    assert_eq!(only.name, name, "{value}: {only}");
    assert!(only.why.contains(why), "{name}={value}: {only}");
    assert!(only.to_string().contains(&format!("GATEWAY_{}", name.to_uppercase())), "{only}");
}

#[test]
fn each_bad_setting_alone_is_refused() {
    let text_key = "k1:Y2hhbmdlbWUtY2hhbmdlbWUtY2hhbmdlbWUtY2hhbmc="; // changeme-changeme-changeme-chang
    let counted_key = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="; // 0, 1, 2 … 31
    let empty_key = "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let guessable_api_key = "ci:changemechangemechangemechangeme:*";
    let two = "eu=postgres://a:pZ8q-vw3Rk_1@db us=postgres://gateway:gateway@db";
    let cases = [
        ("enable_api_docs", "true", "must be false"),
        ("console_url", "http://console.example.com/", "https://"),
        ("console_url", "http://10.0.0.4:8001/", "https://"),
        ("signup_proof_url", "http://example.com/proof", "https://"),
        ("host_suffix", "localhost", "must not be localhost"),
        ("host_suffix", "apps.localhost", "must not be localhost"),
        ("cors_allowed_origins", "https://a.example.com,http://b.example.com", "http://b.example.com: must begin"),
        ("cors_allow_origin_regex", ".*", "attacker.invalid"),
        ("cors_allow_origin_regex", "https://.*", "attacker.invalid"),
        ("cors_allow_origin_regex", r"https?://.*\.invalid", "attacker.invalid"),
        ("cors_allow_origin_regex", r"https://.*apps\.example\.com", "notapps.example.com"),
        ("cors_allow_origin_regex", r"https://[a-z]+.apps.example.com", "notapps.example.com"),
        ("cors_allow_origin_regex", r"https://app\.apps\.example\.com.*", "app.apps.example.com.attacker.invalid"),
        ("cors_allow_origin_regex", r"https://app\.console.example\.com", "consolexexample.com"),
        ("cors_allow_origin_regex", r"https?://app\.apps\.example\.com", "http://app.apps.example.com"),
        ("cors_allow_origin_regex", "null", "null"),
        ("trusted_proxies", "0.0.0.0/0", "0.0.0.0/0 holds strangers"),
        ("trusted_proxies", "10.0.0.0/8,::/0", "::/0 holds strangers"),
        ("trusted_proxies", "128.0.0.0/1", "holds strangers"),
        ("docker_host", "tcp://10.0.0.9:2375", "plain text"),
        ("docker_host", "http://docker.example.com:2375", "plain text"),
        ("secret_keys", empty_key, "not drawn at random"),
        ("secret_keys", text_key, "not drawn at random"),
        ("secret_keys", counted_key, "not drawn at random"),
        ("api_keys", guessable_api_key, "entry 1 has a secret that is easily guessed"),
        ("database_url", "postgres://gateway@control/gateway", "neither a password nor a client certificate"),
        ("database_url", "postgres://gateway:@control/gateway", "neither a password nor a client certificate"),
        ("database_url", "postgres://gateway:password@control/gateway", "easily guessed"),
        ("database_url", "postgres://gateway:pass%77ord@control/gateway", "easily guessed"),
        ("database_url", "postgres://longusername:longusername@control/gateway", "easily guessed"),
        ("database_url", "postgres://gateway:%3Cpassword%3E@control/gateway", "easily guessed"),
        ("database_url", "postgres://gateway@control/gateway?password=postgres", "easily guessed"),
        ("database_url", "postgres://gateway:pZ8q-vw3Rk_1@db.example.com/gateway", "sslmode"),
        ("database_url", "postgres://gateway:pZ8q-vw3Rk_1@db.example.com/gateway?sslmode=prefer", "sslmode"),
        ("database_url", "postgres://gateway:pZ8q-vw3Rk_1@10.0.0.5/gateway", "sslmode"),
        ("tenant_database_url", "postgres://gateway:secret@db/postgres", "easily guessed"),
        ("tenant_database_url", "postgres://gateway:pZ8q-vw3Rk_1@db.example.com/postgres?sslmode=allow", "sslmode"),
        ("tenant_database_urls", two, "entry 2 has a password"),
        ("redis_url", "redis://redis:6379/0", "has no password"),
        ("redis_url", "redis://worker:redis@redis:6379/0", "easily guessed"),
        ("limits_redis_url", "rediss://limits.example.com:6379/0", "has no password"),
        ("log_filter", "trace", "must not hold trace"),
        ("log_filter", "info,fred=trace", "must not hold trace"),
    ];
    for (name, value, why) in cases {
        assert_refused(name, value, why);
    }
    let mail = [("smtp_url", "smtp://a:b@mail.example.com:25"), ("mail_from", "a@example.com")];
    let errors = read(&mail).unwrap_err();
    assert!(errors.len() == 1 && errors[0].name == "smtp_url" && errors[0].why.contains("tls=required"), "{errors:?}");
}

#[test]
fn each_good_one_passes_in_silence() {
    let keys = format!("ci:{}:tenants:read", "mvbZ4Zr6n8pQm3gk0c6xVdKqj1yJt7o2");
    let cases = [
        ("enable_api_docs", "false"),
        ("console_url", "https://console.example.com/"),
        ("console_url", "http://127.0.0.1:8001/"),
        ("console_url", "http://[::1]:8001/"),
        ("signup_proof_url", "https://example.com/proof"),
        ("host_suffix", "apps.example.com"),
        ("cors_allowed_origins", "https://a.example.com,http://localhost:3000"),
        ("cors_allow_origin_regex", r"https://[a-z0-9-]+\.apps\.example\.com"),
        ("trusted_proxies", "10.0.0.0/8,fd00::/8,172.20.0.3/32"),
        ("trusted_proxies", ""),
        ("docker_host", "unix:///var/run/docker.sock"),
        ("docker_host", "tcp://docker-proxy:2375"),
        ("docker_host", "tcp://127.0.0.1:2375"),
        ("api_keys", keys.as_str()),
        ("database_url", "postgres://gateway:pZ8q-vw3Rk_1@control/gateway"),
        ("database_url", "postgres://gateway@control/gateway?sslcert=/run/secrets/a.crt&sslkey=/run/secrets/a.key"),
        ("database_url", "postgres://gateway:pZ8q-vw3Rk_1@127.0.0.1/gateway"),
        ("database_url", "postgres://gateway:pZ8q-vw3Rk_1@db.example.com/gateway?sslmode=verify-full"),
        ("database_url", "postgres://gateway:pZ8q-vw3Rk_1@10.0.0.5/gateway?sslmode=disable"),
        ("tenant_database_url", "postgres://gateway:pZ8q-vw3Rk_1@db.example.com/postgres?sslmode=require"),
        ("tenant_database_urls", "eu=postgres://gateway:pZ8q-vw3Rk_1@db/postgres"),
        ("redis_url", "rediss://worker:pZ8q-vw3Rk_1@redis.example.com:6379/0"),
        ("limits_redis_url", "redis://server:pZ8q-vw3Rk_1@127.0.0.1:6379/0"),
        ("traefik_url", "http://traefik:8000"),
        ("signup_enabled", "false"),
        ("docker_app_image", "registry.example.com:5000/app:1.4"),
        ("docker_app_image", "registry.example.com/app@sha256:0123"),
        ("log_filter", "info,sqlx=warn"),
        ("log_format", "json"),
    ];
    for (name, value) in cases {
        let read = read(&[(name, value)]).map_err(|errors| format!("{name}={value}: {errors:?}")).unwrap();
        assert!(read.warnings.is_empty(), "{name}={value}: {:?}", read.warnings);
    }
    let mail = [("smtp_url", "smtp://127.0.0.1:1025"), ("mail_from", "a@example.com")];
    assert!(read(&mail).unwrap().warnings.is_empty());
}

#[test]
fn what_may_be_right_is_warned_of() {
    let old = format!("{KEY},old:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    let cases: [(&[(&str, &str)], &str); 11] = [
        (&[("secret_keys", &old)], "secret_keys"),
        (&[("listen_address", "0.0.0.0")], "trusted_proxies"),
        (&[("admin_listen_address", "0.0.0.0")], "trusted_proxies"),
        (
            &[
                ("admin_listen_address", "0.0.0.0"),
                ("console_url", "http://127.0.0.1:8001/"),
                ("trusted_proxies", "10.0.0.0/8"),
            ],
            "admin_listen_address",
        ),
        (&[("signup_enabled", "true"), ("signup_mail_proof", "false")], "signup_mail_proof"),
        (&[("delete_grace_seconds", "0")], "delete_grace_seconds"),
        (&[("docker_app_image", "registry.example.com:5000/app")], "docker_app_image"),
        (&[("docker_app_image", "app:latest")], "docker_app_image"),
        (&[("redis_url", "redis://worker:pZ8q-vw3Rk_1@redis.example.com:6379/0")], "redis_url"),
        (&[("log_filter", "info,gateway=debug")], "log_filter"),
        (&[("log_format", "pretty")], "log_format"),
    ];
    for (changes, name) in cases {
        let warnings = read(changes).unwrap().warnings;
        assert_eq!(warnings.iter().map(|warning| warning.name.as_str()).collect::<Vec<_>>(), [name], "{changes:?}");
    }
}

#[test]
fn development_takes_all_of_it_and_says_nothing() {
    let changes = [
        ("env", "development"),
        ("host_suffix", "localhost"),
        ("database_url", "postgres://postgres:postgres@db.example.com/gateway"),
        ("redis_url", "redis://redis"),
        ("secret_keys", "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("cors_allow_origin_regex", ".*"),
        ("trusted_proxies", "0.0.0.0/0"),
        ("enable_api_docs", "true"),
        ("log_filter", "trace"),
    ];
    assert!(read(&changes).unwrap().warnings.is_empty());
}

#[test]
fn all_that_is_wrong_is_told_at_once_and_no_secret_is() {
    let changes = [
        ("database_url", "postgres://hidden1x:hidden1x@db.example.com/gateway"),
        ("redis_url", "redis://hidden2x:hidden2x@redis"),
        ("api_keys", "ci:hidhidhidhidhidhidhidhidhidhidhidhid:*"),
        ("docker_network_block", "nonsense"),
        ("host_suffix", "localhost"),
    ];
    let errors = read(&changes).unwrap_err();
    let names: Vec<&str> = errors.iter().map(|error| error.name.as_str()).collect();
    for name in changes.map(|(name, _)| name) {
        assert!(names.contains(&name), "{name} of {names:?}");
    }
    let said = errors.iter().map(ToString::to_string).collect::<String>();
    assert!(!said.contains("hid"), "{said}");
}
