//! `gateway dev`: start, run until asked to stop, stop.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::config;
use crate::dev::account::Account;
use crate::dev::args::DevArguments;
use crate::dev::banner::Programs;
use crate::dev::child::Supervisor;
use crate::dev::error::DevError;
use crate::dev::hosted::{Hosted, Tell};
use crate::dev::layout::Layout;
use crate::dev::parts::Parts;
use crate::dev::spawn::Spawner;
use crate::dev::stack::Stack;
use crate::dev::state::{self, Instance, Phase, State};
use crate::dev::{banner, binaries, logging, ports, postgres, probe, secrets, terminal};

/// Exit code of a shell for a program that Ctrl-C ended.
const EXIT_INTERRUPTED: i32 = 130;
/// Time for what was started but not held yet when the start was broken off.
const REST_LIMIT: Duration = Duration::from_secs(20);
/// PostgreSQL takes the longest of them, for its last checkpoint.
const CHILDREN_LIMIT: Duration = Duration::from_secs(10);
/// Parts whose logs `-v` shows.
const LOGGING_PARTS: &[&str] = &["dockerd", "postgres", "redis", "traefik", "demo-app", "gateway"];

/// Runs the stack until asked to stop.
///
/// # Errors
/// When it does not start, or a part ended for good.
pub(super) async fn start(arguments: DevArguments, hosted: Arc<dyn Hosted>) -> Result<(), DevError> {
    let since = Instant::now();
    let layout = Layout::new(&arguments.data_dir)?;
    let given = config::process_environment();
    config::check_names(&given).map_err(DevError::Settings)?;
    refuse_foreign_directory(&layout)?;
    let binaries = binaries::find(&arguments, &layout)?;
    layout.create()?;
    let _lock = state::take_lock(&layout)?;
    let was_killed = Instance::take_over(&layout)?;
    let (account, request_account) = (Account::for_data(), Account::for_requests());
    let state = settle_state(&arguments, &layout, account.as_ref(), was_killed)?;
    let secrets = secrets::load(&layout)?;
    logging::to_file(&layout, &given)?;
    terminal::note(format_args!("Starting the stack in {}", layout.root().display()));

    let spawner = Spawner::start().map_err(|source| DevError::Spawn { name: "the thread of children", source })?;
    let (supervisor, mut failures) = Supervisor::new(spawner);
    let (asked, over) = (CancellationToken::new(), CancellationToken::new());
    supervisor.run_beside(hear_signals(signals()?, asked.clone(), over.clone()));
    if arguments.verbose {
        supervisor.run_beside(logging::follow(layout.clone(), LOGGING_PARTS, over.clone()));
    }
    let client = probe::client()?;
    let stack = Stack {
        arguments,
        layout,
        state,
        secrets,
        binaries,
        account,
        request_account,
        given,
        supervisor,
        client,
        hosted,
    };

    let parts = Parts::default();
    let outcome = tokio::select! {
        biased;
        () = asked.cancelled() => Ok(()),
        Some(failure) = failures.recv() => Err(failure),
        failure = Box::pin(run(&stack, &parts, since)) => failure.map(|never| match never {}),
    };
    if let Err(failure) = &outcome {
        terminal::note(format_args!("error: {}", failure.chain()));
    }
    terminal::note("Stopping (Ctrl-C again ends at once)");
    parts.stop().await;
    over.cancel();
    stack.supervisor.finish(REST_LIMIT).await;
    stack.tell_stopped()?;
    terminal::note(format_args!("Stopped. Data is kept in {}", stack.layout.root().display()));
    // Told above, before the parts were stopped.
    outcome.map_err(|failure| DevError::Told(Box::new(failure)))
}

/// Brings the stack up, tells so, and then waits for ever.
async fn run(stack: &Stack, parts: &Parts, since: Instant) -> Result<std::convert::Infallible, DevError> {
    let ready = stack.bring_up(parts).await?;
    let mut state = stack.state.clone();
    state.instance = Some(ready.first_run.instance);
    state.write(&stack.layout)?;
    stack.tell(Phase::Ready, &ready.environment)?;
    terminal::note(format_args!("Ready after {:.1} s", since.elapsed().as_secs_f64()));
    terminal::print(banner::banner(&banner::Facts {
        data_dir: stack.layout.root(),
        environment: &ready.environment,
        first_run: &ready.first_run,
        network: &ready.network,
        with_worker: !stack.arguments.without_worker,
        programs: &Programs::find(),
    }));
    if stack.arguments.demo {
        let tell: Tell = Arc::new(|line| terminal::note(format_args!("demo: {line}")));
        // The stack is of use without its demo.
        if let Err(error) = stack.hosted.seed_demo(ready.environment, tell).await {
            terminal::note(format_args!("demo: {}", DevError::Hosted(error).chain()));
        }
    }
    std::future::pending().await
}

/// Refuses to mix our files into a directory that is somebody else's.
fn refuse_foreign_directory(layout: &Layout) -> Result<(), DevError> {
    let empty = std::fs::read_dir(layout.root()).map_or(true, |mut entries| entries.next().is_none());
    if empty || state::is_ours(layout) {
        return Ok(());
    }
    Err(DevError::Refused(format!(
        "{} holds files of something else; name an empty or a new directory with --data-dir",
        layout.root().display()
    )))
}

/// Reads or draws the state, and sees to it that its ports are free.
fn settle_state(
    arguments: &DevArguments,
    layout: &Layout,
    account: Option<&Account>,
    was_killed: bool,
) -> Result<State, DevError> {
    let kept = State::read(layout)?;
    if let Some(state) = kept.as_ref().filter(|_| was_killed) {
        wait_for_killed(state);
    }
    let offset = arguments.port_offset.or_else(|| kept.as_ref().map(|state| state.port_offset)).unwrap_or(0);
    for port in [8000 + offset, 8001 + offset] {
        refuse_taken_port(port, offset)?;
    }
    let mut state = kept.unwrap_or_else(|| State::draw(offset));
    state.move_to(offset);
    for (part, before, after) in state.redraw_lost_ports() {
        terminal::note(format_args!("Port {before} is taken by {}: {part} gets {after}", holder(before)));
    }
    let (home, elsewhere) = postgres::home(layout, state.postgres_home.as_deref(), account);
    if let Some(note) = elsewhere {
        terminal::note(note);
    }
    state.postgres_home = (home != layout.postgres()).then_some(home);
    state.write(layout)?;
    Ok(state)
}

/// Children of a stack that was killed end by themselves, but not at once; until then they hold their ports.
fn wait_for_killed(state: &State) {
    let deadline = Instant::now() + CHILDREN_LIMIT;
    let held = || state.ports.all().into_iter().any(|port| !ports::is_free(port));
    while held() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn holder(port: u16) -> String {
    ports::holder(port).unwrap_or_else(|| "another process".to_owned())
}

fn refuse_taken_port(port: u16, offset: u16) -> Result<(), DevError> {
    if ports::is_free(port) {
        return Ok(());
    }
    let other = if offset < 50_000 { offset + 100 } else { 0 };
    Err(DevError::Refused(format!(
        "port {port} is taken by {}; stop it, or choose other ports: gateway dev --port-offset {other}",
        holder(port)
    )))
}

/// Interrupt, terminate, and the hangup of a closed terminal unless whoever started us, such as `nohup`, ignores it.
fn signals() -> Result<(Signal, Signal, Option<Signal>), DevError> {
    let listen = |kind| signal(kind).map_err(|source| DevError::Spawn { name: "the listener for signals", source });
    let hangup = (!ignores_hangup()).then(|| listen(SignalKind::hangup())).transpose()?;
    Ok((listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?, hangup))
}

fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // Signal 1 is the lowest bit.
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// The first signal asks to stop; the second ends the process, and the kernel then signals the children. A hangup only
/// asks: shell and kernel may each send one when a terminal is closed.
async fn hear_signals(
    (mut interrupt, mut terminate, mut hangup): (Signal, Signal, Option<Signal>),
    asked: CancellationToken,
    over: CancellationToken,
) {
    loop {
        let hung_up = async {
            match &mut hangup {
                Some(hangup) => drop(hangup.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = over.cancelled() => return,
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = hung_up => {
                asked.cancel();
                continue;
            }
        }
        if asked.is_cancelled() {
            std::process::exit(EXIT_INTERRUPTED);
        }
        asked.cancel();
    }
}
