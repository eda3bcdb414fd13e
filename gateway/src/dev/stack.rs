//! Starts the parts, each as soon as those it needs answer.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use tokio_util::sync::CancellationToken;

use crate::dev::account::Account;
use crate::dev::args::DevArguments;
use crate::dev::binaries::Binaries;
use crate::dev::child::Supervisor;
use crate::dev::docker::{self, Found};
use crate::dev::environment::{self, DockerFacts};
use crate::dev::error::DevError;
use crate::dev::hosted::{Environment, FirstRun, Hosted, HostedError};
use crate::dev::layout::Layout;
use crate::dev::parts::{HostedTask, Parts, keep};
use crate::dev::postgres::{self, Listening};
use crate::dev::secrets::Secrets;
use crate::dev::state::{Instance, Phase, State};
use crate::dev::{demo, image, probe, redis, terminal, traefik};

/// A part that does not answer within this time is broken.
const LIMIT: Duration = Duration::from_secs(30);

/// Everything a start needs.
pub(super) struct Stack {
    pub(super) arguments: DevArguments,
    pub(super) layout: Layout,
    pub(super) state: State,
    pub(super) secrets: Secrets,
    pub(super) binaries: Binaries,
    /// Of PostgreSQL and Redis.
    pub(super) account: Option<Account>,
    /// Of Traefik and the demo app.
    pub(super) request_account: Option<Account>,
    /// `GATEWAY_*` variables of this process.
    pub(super) given: Environment,
    pub(super) supervisor: Supervisor,
    pub(super) client: reqwest::Client,
    pub(super) hosted: Arc<dyn Hosted>,
}

/// A stack that answers.
pub(super) struct Ready {
    pub(super) environment: Environment,
    pub(super) first_run: FirstRun,
    /// For the banner: the engine, or why there is none.
    pub(super) network: String,
}

struct DockerPart {
    facts: DockerFacts,
    bridge: Option<std::net::Ipv4Addr>,
    description: String,
}

impl Stack {
    /// Starts everything and returns when all parts answer. What was started is in `parts`, also after an error.
    pub(super) async fn bring_up(&self, parts: &Parts) -> Result<Ready, DevError> {
        let (data, (), ()) = futures::try_join!(
            self.bring_up_data(parts).boxed(),
            self.bring_up_edge(parts).boxed(),
            self.bring_up_demo_app(parts).boxed()
        )?;
        self.bring_up_gateway(parts, &data.environment).await?;
        Ok(data)
    }

    /// Docker before PostgreSQL, which listens on the address of Docker's bridge; then the control database.
    async fn bring_up_data(&self, parts: &Parts) -> Result<Ready, DevError> {
        let home = self.state.postgres_home.clone().unwrap_or_else(|| self.layout.postgres());
        let (docker, ()) = futures::try_join!(self.bring_up_docker(parts), self.prepare_postgres(&home))?;
        let environment =
            environment::compute(&self.state, &self.secrets, &docker.facts, self.layout.root(), &self.given);
        self.tell(Phase::Starting, &environment)?;
        let (first_run, ()) = futures::try_join!(
            self.bring_up_postgres(parts, home, docker.bridge, &environment).boxed(),
            self.make_image(parts, &environment).boxed()
        )?;
        Ok(Ready { environment, first_run, network: docker.description })
    }

    async fn bring_up_docker(&self, parts: &Parts) -> Result<DockerPart, DevError> {
        let since = Instant::now();
        let without = |why: String| DockerPart {
            facts: DockerFacts { host: None, database_address: format!("127.0.0.1:{}", self.state.ports.postgres) },
            bridge: None,
            description: format!("none: {why}"),
        };
        if self.given.get("GATEWAY_NETWORK_MODE").is_some_and(|mode| mode == "none")
            && !self.given.contains_key("GATEWAY_SECRET_KEYS")
        {
            return Ok(without("GATEWAY_NETWORK_MODE=none".to_owned()));
        }
        let named = self.given.get("GATEWAY_DOCKER_HOST").map(String::as_str);
        let engine = match docker::find(named, &self.supervisor, self.layout.log("dockerd")).await? {
            Found::Engine(engine) => keep(&parts.engine, engine),
            Found::None(why) => {
                terminal::ready("docker", since, format_args!("none: {why}"));
                return Ok(without(why));
            }
        };
        let bridge = engine.bridge().await?;
        let mut description = format!("per-tenant, Docker Engine at {} ({})", engine.host, engine.description);
        if bridge.is_none() {
            description.push_str("; its containers cannot reach PostgreSQL, the bridge is not on this machine");
        }
        terminal::ready("docker", since, format_args!("{} ({})", engine.host, engine.description));
        let address = bridge.unwrap_or(std::net::Ipv4Addr::LOCALHOST);
        Ok(DockerPart {
            facts: DockerFacts {
                host: Some(engine.host.clone()),
                database_address: format!("{address}:{}", self.state.ports.postgres),
            },
            bridge,
            description,
        })
    }

    async fn prepare_postgres(&self, home: &std::path::Path) -> Result<(), DevError> {
        postgres::prepare(
            &self.binaries.postgres,
            home,
            self.account.as_ref(),
            &self.secrets.postgres,
            self.supervisor.spawner(),
            &self.layout.log("initdb"),
        )
        .await
    }

    async fn bring_up_postgres(
        &self,
        parts: &Parts,
        home: PathBuf,
        bridge: Option<std::net::Ipv4Addr>,
        environment: &Environment,
    ) -> Result<FirstRun, DevError> {
        let since = Instant::now();
        let port = self.state.ports.postgres;
        let listening = Listening { port, bridge, block: self.state.network_block };
        let log = self.layout.log("postgres");
        let program =
            postgres::configure(&self.binaries.postgres, &home, self.account.as_ref(), &listening, log.clone())?;
        keep(&parts.postgres, self.supervisor.supervise(program, postgres::STOP));
        let options = postgres::options(port, &self.secrets.postgres, "postgres");
        probe::until_ready("postgres", LIMIT, &log, || probe::postgres(&options)).await?;
        postgres::create_control_database(port, &self.secrets.postgres).await?;
        terminal::ready("postgres", since, format_args!("{} on port {port}", self.binaries.postgres.major));
        let since = Instant::now();
        let first_run = self.hosted.migrate(environment.clone()).await.map_err(DevError::Hosted)?;
        terminal::ready("migrations", since, "control database is up to date");
        Ok(first_run)
    }

    async fn make_image(&self, parts: &Parts, environment: &Environment) -> Result<(), DevError> {
        let Some(engine) = parts.engine.get() else { return Ok(()) };
        let wanted = environment.get("GATEWAY_DOCKER_APP_IMAGE");
        if wanted.is_none_or(|name| *name != format!("{}:{}", image::IMAGE, image::TAG)) {
            return Ok(());
        }
        let since = Instant::now();
        let made = image::ensure(&engine.client, &self.binaries.demo_app).await?;
        terminal::ready("image", since, if made { "demo app's image made" } else { "demo app's image is there" });
        Ok(())
    }

    async fn bring_up_edge(&self, parts: &Parts) -> Result<(), DevError> {
        let since = Instant::now();
        let ports = self.state.ports;
        let account = self.account.as_ref();
        let program = redis::configure(&self.layout, self.binaries.redis.clone(), account, ports.redis, &self.secrets)?;
        let log = program.log.clone();
        keep(&parts.redis, self.supervisor.supervise(program, redis::STOP));
        probe::until_ready("redis", LIMIT, &log, || {
            probe::redis(ports.redis, redis::GATEWAY_USER, &self.secrets.redis_gateway)
        })
        .await?;
        terminal::ready("redis", since, format_args!("on port {}", ports.redis));
        let since = Instant::now();
        let account = self.request_account.as_ref();
        let program = traefik::configure(&self.layout, self.binaries.traefik.clone(), account, &ports, &self.secrets)?;
        let log = program.log.clone();
        keep(&parts.traefik, self.supervisor.supervise(program, traefik::STOP));
        let ping = format!("http://127.0.0.1:{}/ping", ports.traefik_api);
        probe::until_ready("traefik", LIMIT, &log, || probe::http(&self.client, &ping)).await?;
        terminal::ready("traefik", since, format_args!("on port {}", ports.traefik));
        Ok(())
    }

    async fn bring_up_demo_app(&self, parts: &Parts) -> Result<(), DevError> {
        let since = Instant::now();
        let port = self.state.ports.demo_app;
        let program = demo::configure(
            &self.layout,
            self.binaries.demo_app.clone(),
            self.request_account.as_ref(),
            port,
            &environment::admin_url(&self.state),
            &self.secrets,
        )?;
        let log = program.log.clone();
        keep(&parts.demo_app, self.supervisor.supervise(program, demo::STOP));
        let health = format!("http://127.0.0.1:{port}/health");
        probe::until_ready("demo-app", LIMIT, &log, || probe::http(&self.client, &health)).await?;
        terminal::ready("demo-app", since, format_args!("on port {port}"));
        Ok(())
    }

    async fn bring_up_gateway(&self, parts: &Parts, environment: &Environment) -> Result<(), DevError> {
        let since = Instant::now();
        let (stop, ended) = (CancellationToken::new(), CancellationToken::new());
        let log = self.layout.log("gateway");
        let run = self.hosted.run(environment.clone(), !self.arguments.without_worker, stop.clone());
        keep(&parts.hosted, HostedTask { stop: stop.clone(), ended: ended.clone() });
        let (supervisor, its_log) = (self.supervisor.clone(), log.clone());
        self.supervisor.run_beside(async move {
            let _ended = ended.drop_guard();
            // A panic inside is a failure like any other: without this it would end the task without a word.
            match std::panic::AssertUnwindSafe(run).catch_unwind().await {
                Ok(Ok(())) if stop.is_cancelled() => {}
                Ok(Ok(())) => supervisor.report(DevError::HostedEnded(its_log)),
                Ok(Err(error)) => supervisor.report(DevError::Hosted(error)),
                Err(_) => supervisor.report(DevError::Hosted(HostedError {
                    what: "it panicked; see its log".to_owned(),
                    source: None,
                })),
            }
        });
        let ready = format!("{}/ready", environment::admin_url(&self.state));
        probe::until_ready("gateway", LIMIT, &log, || probe::http(&self.client, &ready)).await?;
        terminal::ready("gateway", since, environment::admin_url(&self.state));
        Ok(())
    }

    /// Tells that it stopped, keeping the addresses for those who look later.
    pub(super) fn tell_stopped(&self) -> Result<(), DevError> {
        match Instance::read(&self.layout)? {
            Some(told) => Instance { phase: Phase::Stopped, ..told }.write(&self.layout),
            None => Ok(()),
        }
    }

    /// Tells other processes how far this one is.
    pub(super) fn tell(&self, phase: Phase, environment: &Environment) -> Result<(), DevError> {
        Instance { pid: std::process::id(), phase, environment: environment.clone() }.write(&self.layout)
    }
}
