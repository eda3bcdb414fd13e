//! The auditor after every case: `gateway verify` on the tenants of the case must find nothing.

use std::process::Command;
use std::sync::OnceLock;

use super::instance::Instance;
use super::stack::gateway;

impl Instance {
    /// Asserts that the auditor finds no violation about the tenants of these keys. `settings` are those of the case's
    /// workers, over the stack's.
    pub(crate) async fn verify(&self, settings: &[(&str, &str)], keys: &[&str]) {
        if !there_is_an_auditor() {
            if settings.iter().any(|(name, _)| *name == "GATEWAY_TENANT_DATABASE_URL") {
                return;
            }
            return self.look(keys).await;
        }
        let mut command: Command = gateway();
        command.args(["verify", "-o", "json"]).envs(self.environment.iter().cloned()).envs(settings.iter().copied());
        for key in keys {
            command.args(["--tenant", key]);
        }
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "violations: {told}\n{}", String::from_utf8_lossy(&output.stderr));
    }

    /// What the tests themselves know of a tenant that stands or is gone.
    async fn look(&self, keys: &[&str]) {
        for key in keys {
            let (id, status, tier): (uuid::Uuid, String, String) = sqlx::query_as(
                "SELECT id, status, tier FROM gateway.tenant WHERE key = $1 ORDER BY created_at DESC LIMIT 1",
            )
            .bind(key)
            .fetch_one(&self.stack.control)
            .await
            .unwrap();
            match status.as_str() {
                "active" => self.stack.assert_complete(key, id, tier == "dedicated").await,
                "deleted" => self.stack.assert_gone(key, id).await,
                _ => {}
            }
        }
    }
}

fn there_is_an_auditor() -> bool {
    static THERE: OnceLock<bool> = OnceLock::new();
    *THERE.get_or_init(|| gateway().args(["verify", "--help"]).output().unwrap().status.success())
}
