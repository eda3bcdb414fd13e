//! A main for trying `gateway dev` with a gateway that only waits.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use futures::FutureExt;
use futures::future::BoxFuture;
use gateway::dev::{DevArguments, Environment, FirstRun, Hosted, HostedError, Tell};
use tokio_util::sync::CancellationToken;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Dev(Box<DevArguments>),
}

struct Stub;

impl Hosted for Stub {
    fn migrate(&self, _environment: Environment) -> BoxFuture<'static, Result<FirstRun, HostedError>> {
        async {
            Ok(FirstRun {
                instance: uuid::Uuid::from_u128(7),
                owner_email: "owner@gateway.localhost".into(),
                owner_password: Some("stub".to_owned().into()),
            })
        }
        .boxed()
    }

    fn run(
        &self,
        environment: Environment,
        _with_worker: bool,
        stop: CancellationToken,
    ) -> BoxFuture<'static, Result<(), HostedError>> {
        async move {
            let failed = |source| HostedError { what: "stub".into(), source: Some(Box::new(source)) };
            let port: u16 = environment["GATEWAY_ADMIN_PORT"].parse().unwrap_or(8001);
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.map_err(failed)?;
            let router = axum::Router::new().route("/ready", axum::routing::get(|| async { "ready" }));
            axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await.map_err(failed)
        }
        .boxed()
    }

    fn seed_demo(&self, _environment: Environment, tell: Tell) -> BoxFuture<'static, Result<(), HostedError>> {
        async move {
            tell("nothing to seed in the stub");
            Ok(())
        }
        .boxed()
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Dev(arguments) => gateway::dev::run(*arguments, Arc::new(Stub)).await,
    }
}
