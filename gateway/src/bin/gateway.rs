//! The control plane's program; see `gateway --help`.

use std::process::ExitCode;

use clap::Parser;
use gateway::run::{Arguments, run};

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    // Two providers are in the build; without a choice the first TLS connection would panic.
    let provider = rustls::crypto::aws_lc_rs::default_provider().install_default();
    provider.map_err(|_installed| anyhow::anyhow!("the TLS provider was chosen before"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match runtime.block_on(run(arguments.verb)) {
        Ok(code) => Ok(code),
        Err(error) => {
            let code = error.exit_code();
            report(&anyhow::Error::from(error));
            Ok(ExitCode::from(code))
        }
    }
}

#[expect(clippy::print_stderr, reason = "the last words of the process; logging may not be set up")]
fn report(error: &anyhow::Error) {
    eprintln!("gateway: {error:#}");
}
