//! `gateway doctor` against a real stack: nothing is wrong with one that is well, and each check finds what it is for when that
//! is broken.

mod edge;
mod rig;
mod settings;
mod stores;

use std::future::Future;
use std::pin::Pin;

use rig::Rig;

use crate::support::report::say;
use crate::support::run;
use crate::support::stack::gateway;

/// What breaks one thing, sees it told, and mends it.
type Case = for<'a> fn(&'a Rig) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Names the cases by the code of their check.
macro_rules! cases {
    ($($code:literal => $($name:ident)::+,)*) => {
        &[$(($code, |rig| Box::pin($($name)::+(rig))),)*]
    };
}

/// A case for each check. All but the last three leave the stack as it was.
const CASES: &[(&str, Case)] = cases! {
    "environment" => settings::environment,
    "settings" => settings::refused,
    "secret_keys" => settings::secret_keys,
    "owner" => settings::owner,
    "first_password" => settings::first_password,
    "api_keys" => settings::api_keys,
    "mail" => settings::mail,
    "console" => settings::console,
    "control_database" => stores::control_database,
    "control_schema" => stores::control_schema,
    "control_clock" => stores::control_clock,
    "control_tls" => stores::control_tls,
    "database_servers" => stores::database_servers,
    "server_privileges" => stores::server_privileges,
    "server_connections" => stores::server_connections,
    "redis" => stores::redis,
    "redis_user" => stores::redis_user,
    "redis_persistence" => stores::redis_persistence,
    "redis_eviction" => stores::redis_eviction,
    "redis_events" => stores::redis_events,
    "redis_alone" => stores::redis_alone,
    "limits_redis" => stores::limits_redis,
    "traefik" => edge::traefik,
    "traefik_tree" => edge::tree,
    "traefik_loaded" => edge::loaded,
    "traefik_entry" => edge::entry,
    "tenant_port" => edge::tenant_port,
    "tenant_certificate" => edge::certificate,
    "engine" => edge::engine,
    "engine_image" => edge::image,
    "engine_isolation" => edge::isolation,
    "queue" => stores::queue,
    "workers" => stores::workers,
    "control_archive" => stores::control_archive,
};

/// Checks of releases, of which a machine has one: they are judged in the tests beside their code.
const JUDGED_APART: [&str; 2] = ["control_release", "traefik_release"];

/// What a development stack lacks for production.
const NOT_FOR_PRODUCTION: [&str; 3] = ["environment", "settings", "console"];

#[test]
fn a_stack_that_is_well_has_no_problem_and_every_check_finds_its_own() {
    run(async {
        let (rig, worker) = Rig::new().await;
        let well = rig.ask(&[]);
        assert_eq!((well.code, well.in_state("problem")), (0, Vec::new()), "{well:?}");
        let judged = rig.ask_with(&["--production"], &[]);
        assert_eq!((judged.code, judged.in_state("problem")), (1, NOT_FOR_PRODUCTION.map(str::to_owned).to_vec()));

        let checks: Vec<String> = well.checks().into_iter().map(|(code, _)| code).collect();
        let mut cases: Vec<&str> = CASES.iter().map(|(code, _)| *code).chain(JUDGED_APART).collect();
        for code in &checks {
            assert!(cases.contains(&code.as_str()), "no case shows that {code} finds what it is for");
        }
        cases.retain(|code| !checks.iter().any(|check| check == code));
        assert!(cases.is_empty(), "there are no checks {cases:?}");

        // From here on nobody mends what is broken.
        assert_eq!(worker.stop(), Some(0));
        for (code, case) in CASES {
            case(&rig).await;
            say(&format!("{code}: found"));
        }
        let worker = rig.instance.worker(&[]);
        rig.until("workers", "ok").await;
        rig.instance.stack.settled(&rig.tenant, &["active"]).await;
        rig.until("redis_persistence", "ok").await;
        let mended = rig.ask(&[]);
        assert_eq!(mended.in_state("problem"), ["control_archive"], "{mended:?}");
        worker.stop();
    });
}

#[test]
fn a_stack_that_was_never_started_is_told_whole_and_wrong_settings_are_refused() {
    let nowhere = [
        ("GATEWAY_DATABASE_URL", "postgres://u:hidden-word@127.0.0.1:1/gateway"),
        ("GATEWAY_REDIS_URL", "redis://u:hidden-word@127.0.0.1:1/0"),
        ("GATEWAY_TRAEFIK_API_URL", "http://127.0.0.1:1"),
        ("GATEWAY_SECRET_KEYS", "k:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
    ];
    let output = gateway().arg("doctor").env_clear().envs(nowhere).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("cannot be told before control_database is in order"), "{text}");
    for line in ["PROBLEM  control_database ", "PROBLEM  redis ", "PROBLEM  limits_redis ", "PROBLEM  traefik "] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(
        text.ends_with(" checks as development: 4 problems, 0 warnings\n") && !text.contains("hidden-word"),
        "{text}"
    );

    let refused = gateway().arg("doctor").env_clear().env("GATEWAY_PORT", "none").output().unwrap();
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
}
