//! Traefik, what comes back through it, and Docker Engine.

use super::rig::Rig;
use crate::support::parts::Part;
use crate::support::tls::Authority;
use crate::support::{PATIENCE, wait_for};

const SENTINEL: &str = "traefik/http/middlewares/gateway-sentinel/headers/customresponseheaders/X-Gateway-Sentinel";
const TENANT_PORT: &str = "traefik/http/services/gateway/loadbalancer/servers/0/url";

pub(super) async fn traefik(rig: &Rig) {
    let frozen = rig.instance.stack.freeze(Part::Traefik);
    rig.ask(&[]).tells("traefik", "problem", "traefik_api_unreachable").tells("traefik_tree", "skipped", "traefik");
    drop(frozen);
    rig.until("traefik", "ok").await;
    rig.ask(&[("GATEWAY_TRAEFIK_API_URL", "")]).tells("traefik", "warning", "traefik_api_url is not set");
}

async fn value(rig: &Rig, key: &str) -> String {
    rig.redis("GET", &[key]).await.into_string().unwrap()
}

pub(super) async fn tree(rig: &Rig) {
    let sentinel = value(rig, SENTINEL).await;
    rig.publish(SENTINEL, None).await;
    let told = rig.until("traefik_tree", "problem").await;
    told.tells("traefik_loaded", "skipped", "cannot be told before traefik_tree");
    rig.publish(SENTINEL, Some(&sentinel)).await;
    rig.until("traefik_tree", "ok").await;
}

pub(super) async fn loaded(rig: &Rig) {
    rig.ask(&[]).tells("traefik_loaded", "ok", "the newest");
    rig.redis("INCR", &["gateway/tree/traefik"]).await;
    rig.ask(&[]).tells("traefik_loaded", "problem", "is written and");
    rig.redis("DECR", &["gateway/tree/traefik"]).await;
    let count = value(rig, "gateway/tree/traefik").await;
    rig.redis("DEL", &["gateway/tree/traefik"]).await;
    rig.ask(&[]).tells("traefik_loaded", "problem", "was lost");
    rig.redis("SET", &["gateway/tree/traefik", &count]).await;
    rig.ask(&[]).tells("traefik_loaded", "ok", "the newest");
}

pub(super) async fn entry(rig: &Rig) {
    rig.ask(&[("GATEWAY_TRAEFIK_ENTRYPOINT", "websecure")]).tells(
        "traefik_entry",
        "problem",
        "no entry point websecure",
    );
    rig.ask(&[("GATEWAY_TRAEFIK_URL", "")]).tells("traefik_entry", "warning", "traefik_url is not set");
}

pub(super) async fn tenant_port(rig: &Rig) {
    rig.ask(&[]).tells("tenant_port", "ok", "");
    let url = value(rig, TENANT_PORT).await;
    rig.publish(TENANT_PORT, Some("http://127.0.0.1:1")).await;
    rig.until("tenant_port", "problem").await.tells("tenant_port", "problem", "not a page of the tenant port");
    rig.publish(TENANT_PORT, Some(&url)).await;
    rig.until("tenant_port", "ok").await;
}

pub(super) async fn certificate(rig: &Rig) {
    let authority = Authority::new();
    let trusted = authority.file().display().to_string();
    for (name, days, state, part) in [
        ("*.tenants.test", 90, "ok", "lasts 8"),
        ("*.tenants.test", -2, "problem", "ended "),
        ("localhost", 90, "problem", "clients refuse"),
    ] {
        let server = authority.serve(name, days).await;
        let url = format!("https://localhost:{}", server.port);
        let settings = [
            ("GATEWAY_TRAEFIK_URL", url.as_str()),
            ("GATEWAY_HOST_SUFFIX", "tenants.test"),
            ("SSL_CERT_FILE", &trusted),
        ];
        rig.ask(&settings).tells("tenant_certificate", state, part);
    }
    rig.ask_with(&["--production"], &[]).tells("tenant_certificate", "warning", "traefik_url is http");
}

pub(super) async fn engine(rig: &Rig) {
    rig.ask(&[]).tells("engine", "ok", "");
    let told = rig.ask(&[("GATEWAY_DOCKER_HOST", "unix:///nowhere/docker.sock")]);
    told.tells("engine", "problem", "docker_unreachable").tells("engine_image", "skipped", "engine");
    rig.ask(&[("GATEWAY_DOCKER_HOST", "")]).tells("engine", "skipped", "docker_host is not set");
}

pub(super) async fn image(rig: &Rig) {
    rig.ask(&[]).tells("engine_image", "ok", "");
    let nobodys = ("GATEWAY_DOCKER_APP_IMAGE", "nobody/has-this:1");
    rig.ask(&[nobodys]).tells("engine_image", "problem", "does not hold nobody/has-this:1");
}

/// The networks of this stack stand behind Docker's rules, and no table of ours was ever made for them.
pub(super) async fn isolation(rig: &Rig) {
    wait_for("the tenant's network", PATIENCE, async || match rig.ask(&[]).of("engine_isolation") {
        (state, found) if state == "ok" && !found.starts_with("0 networks") => Ok(()),
        other => Err(format!("{other:?}")),
    })
    .await;
    let walls = ("GATEWAY_NETWORK_ISOLATION", "nftables");
    rig.ask(&[walls]).tells("engine_isolation", "problem", "does not keep 1 of 1 networks apart");
}
