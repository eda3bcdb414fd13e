//! The runbooks are true: each is followed from its first command to its last, on a stack of its own, after what it is for has
//! happened there.

mod page;
mod site;

use std::path::PathBuf;

use page::{follow, walk, walk_with};
use serde_json::Value;
use site::Site;

use crate::support::stack::gateway;
use crate::support::tls::Authority;
use crate::support::{NEWER_SCHEMA, run};

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("gateway/docs/runbooks")
}

/// Names of all pages without their ending.
fn names() -> Vec<String> {
    let entries = std::fs::read_dir(directory()).unwrap().flatten();
    let names = entries.filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".md").map(str::to_owned));
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn text(name: &str) -> String {
    std::fs::read_to_string(directory().join(format!("{name}.md"))).unwrap()
}

/// The pages that tests below follow.
const FOLLOWED: [&str; 10] = [
    "disaster-recovery",
    "go-live",
    "install",
    "key-rotation",
    "loss-of-docker-host",
    "loss-of-redis",
    "restore-control-database",
    "rollback",
    "upgrade",
    "verify",
];

#[test]
fn every_page_is_followed_and_listed() {
    let mut pages = names();
    pages.retain(|name| name != "README");
    assert_eq!(pages, FOLLOWED);
    let index = text("README");
    for name in FOLLOWED {
        assert!(index.contains(&format!("({name}.md)")), "README.md does not list {name}");
    }
    let texts: Vec<String> = names().iter().map(|name| text(name)).collect();
    assert!(texts.iter().any(|text| text.contains("```sh")));
    assert_eq!(page::unused(&texts), Vec::<&str>::new());
}

#[test]
fn every_link_leads_somewhere() {
    let mut missing = Vec::new();
    for name in names() {
        for link in text(&name).split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())) {
            let path = link.split('#').next().unwrap();
            if !link.starts_with("http") && !path.is_empty() && !directory().join(path).exists() {
                missing.push(format!("{name}: {link}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

/// The page of the checklist says of each check what it is about.
#[test]
fn every_check_of_the_doctor_stands_on_the_page() {
    let settings = [
        ("GATEWAY_DATABASE_URL", "postgres://u:p@127.0.0.1:1/gateway"),
        ("GATEWAY_SECRET_KEYS", "k:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
    ];
    let output = gateway().args(["doctor", "-o", "json"]).env_clear().envs(settings).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let page = text("go-live");
    for check in report["checks"].as_array().unwrap() {
        let code = check["code"].as_str().unwrap();
        assert!(page.contains(&format!("| `{code}` |")), "go-live.md does not say what {code} is about");
    }
}

#[test]
fn a_broken_command_or_another_answer_is_noticed() {
    run(async {
        let site = Site::empty().await;
        let shows = |text: &str| vec![text.to_owned()];
        follow(&site, "gateway config check\n", &shows("The settings are fine.")).unwrap();
        for (commands, shown) in [
            ("gateway config chekc\necho one\n", "one"),
            ("gateway doctor | grep no-such-check\necho one\n", "one"),
            ("cat /etc/gateway/nothing\necho one\n", "one"),
            ("echo one\n", "two"),
        ] {
            assert!(follow(&site, commands, &shows(shown)).is_err(), "{commands}");
        }
    });
}

#[test]
fn install() {
    run(async {
        let mut site = Site::empty().await;
        // A control database that nobody has migrated, beside the one of the stack.
        let url = site.given("GATEWAY_DATABASE_URL");
        let url = format!("{}/control", url.rsplit_once('/').unwrap().0);
        std::fs::write(site.path("/etc/gateway/credentials/database_url"), format!("{url}\n")).unwrap();
        walk(&mut site, "install").await;
    });
}

#[test]
fn verify() {
    run(async {
        let mut site = Site::running().await;
        site.tenant("acme", "shared");
        walk(&mut site, "verify").await;
    });
}

#[test]
fn upgrade() {
    run(async {
        let mut site = Site::running().await;
        site.tenant("acme", "shared");
        walk(&mut site, "upgrade").await;
    });
}

#[test]
fn rollback() {
    run(async {
        let mut site = Site::running().await;
        site.tenant("acme", "shared");
        // What the later release left; `gateway` is the former one from here on.
        site.control(NEWER_SCHEMA).await;
        walk(&mut site, "rollback").await;
        let migrated = site.shell("gateway migrate").unwrap();
        assert!(migrated.contains("at version 1001.") && migrated.contains("may still run"), "{migrated}");
        site.control("UPDATE gateway.schema_floor SET version = 1001").await;
        for verb in ["migrate", "worker", "serve"] {
            let refused = site.shell(&format!("gateway {verb}")).expect_err(verb);
            assert!(refused.contains("exit status: 10") && refused.contains("start a newer release"), "{refused}");
        }
    });
}

#[test]
fn key_rotation() {
    run(async {
        let mut site = Site::running().await;
        site.tenant("acme", "dedicated");
        let before = std::fs::read_to_string(site.path("/etc/gateway/credentials/secret_keys")).unwrap();
        walk(&mut site, "key-rotation").await;
        let after = std::fs::read_to_string(site.path("/etc/gateway/credentials/secret_keys")).unwrap();
        let id = before.split(':').next().unwrap();
        assert!(after.starts_with("k2:") && !after.contains(',') && id != "k2", "the former key is gone");
    });
}

#[test]
fn loss_of_redis() {
    run(async {
        let mut site = Site::running().await;
        site.tenant("acme", "shared");
        site.tenant("globex", "dedicated");
        site.instance.stack.empty_redis().await;
        walk(&mut site, "loss-of-redis").await;
    });
}

#[test]
fn loss_of_docker_host() {
    run(async {
        let mut site = Site::running().await;
        site.tenant("acme", "shared");
        site.tenant("globex", "dedicated");
        // Nothing of this control plane is on the engine that took the former's place.
        let own = "$(docker ps --all --quiet --filter label=gateway.key=globex)";
        let ours =
            "$(psql -qAtc 'SELECT id FROM gateway.installation' \"$(cat /etc/gateway/credentials/database_url)\")";
        let networks = format!("$(docker network ls --quiet --filter label=gateway.instance={ours})");
        site.shell(&format!("docker rm --force {own} && docker network rm {networks}")).unwrap();
        walk(&mut site, "loss-of-docker-host").await;
    });
}

#[test]
fn restore_control_database() {
    run(async {
        let mut site = Site::running().await;
        site.tenant("acme", "shared");
        walk_with(&mut site, "restore-control-database", |site, part| {
            if part == "Restore" {
                site.tenant("globex", "shared");
            }
        })
        .await;
    });
}

#[test]
fn disaster_recovery() {
    run(async {
        let mut site = Site::running().await;
        site.tenant("acme", "shared");
        walk_with(&mut site, "disaster-recovery", |site, part| {
            if part == "Recover" {
                lose_everything(site);
            }
        })
        .await;
    });
}

/// Takes away whatever tenants have outside of the control database, and the processes. What is recovered gets a control
/// database of another name, which is as good as another server.
fn lose_everything(site: &mut Site) {
    site.stop("serve");
    site.stop("worker");
    let operator = site.given("GATEWAY_DEV_REDIS_URL");
    let script = format!(
        r#"server=$(cat /etc/gateway/credentials/tenant_database_url)
        psql "$server" -v ON_ERROR_STOP=1 <<'SQL'
        SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database WHERE datname ~ '^t_[0-9a-f]{{32}}$' \gexec
        SELECT format('DROP ROLE %I', rolname) FROM pg_roles WHERE rolname ~ '^t_[0-9a-f]{{32}}' \gexec
SQL
        redis-cli --no-auth-warning -u '{operator}' FLUSHALL
        own=$(psql -qAtc 'SELECT id FROM gateway.installation' "$(cat /etc/gateway/credentials/database_url)")
        docker network rm $(docker network ls --quiet --filter label=gateway.instance=$own)"#
    );
    let shown = site.shell(&script).unwrap_or_else(|why| panic!("{why}"));
    assert!(shown.contains("DROP DATABASE") && shown.contains("DROP ROLE") && shown.contains("OK"), "{shown}");
}

/// A machine that has all that production asks for: then nothing is a problem.
#[test]
fn go_live() {
    run(async {
        let mut site = Site::empty().await;
        let authority = Authority::new();
        let console = authority.serve("localhost", 90).await;
        for (variable, value) in [
            ("GATEWAY_ENV", "production"),
            ("GATEWAY_ENABLE_API_DOCS", "false"),
            ("GATEWAY_CONSOLE_URL", &format!("https://localhost:{}/", console.port)),
            ("SSL_CERT_FILE", &authority.file().display().to_string()),
        ] {
            site.set(variable, value);
        }
        site.start("worker").await;
        site.start("serve").await;
        site.tenant("acme", "shared");
        walk(&mut site, "go-live").await;
    });
}
