//! The auditor after every case: `gateway verify` on the tenants of the case must find nothing.

use uuid::Uuid;

use super::instance::Instance;
use super::stack::gateway;

impl Instance {
    /// Asserts that the auditor finds no violation about these tenants, or in the whole world when none is named.
    /// `settings` are those of the case's workers, over the stack's.
    pub(crate) async fn verify(&self, settings: &[(&str, &str)], tenants: &[Uuid]) {
        let mut command = gateway();
        command.args(["verify", "-o", "json"]).envs(self.environment.iter().cloned()).envs(settings.iter().copied());
        for tenant in tenants {
            command.args(["--tenant", &tenant.to_string()]);
        }
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "the auditor: {told}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}
