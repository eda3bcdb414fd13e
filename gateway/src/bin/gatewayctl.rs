//! The operators' command line; see `gatewayctl --help`.

use std::process::ExitCode;

fn main() -> anyhow::Result<ExitCode> {
    // Two providers are in the build; without a choice the first TLS connection would panic.
    let provider = rustls::crypto::aws_lc_rs::default_provider().install_default();
    provider.map_err(|_installed| anyhow::anyhow!("the TLS provider was chosen before"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(gateway::cli::main()))
}
