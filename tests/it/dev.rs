//! `gateway dev` as a user meets it: real starts in fresh data directories, on the Docker Engine of the shared stack.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use tempfile::TempDir;

use crate::support::instance::{data_directory, port_offset};
use crate::support::stack::{Stack, gateway};
use crate::support::{PATIENCE, run, wait_for};

/// A second start has nothing to make.
const SECOND_START: Duration = Duration::from_secs(15);
/// The kernel signals the children at once; PostgreSQL then ends its sessions.
const AFTER_KILL: Duration = Duration::from_secs(10);
const FIELDS: [&str; 12] = [
    "admin_url",
    "api_key",
    "data_dir",
    "database_url",
    "docker_host",
    "host_suffix",
    "pid",
    "redis_url",
    "state",
    "tenant_url",
    "traefik_api_url",
    "traefik_url",
];

/// A data directory with ports of its own. What a stack made there goes when this is dropped.
struct Place {
    directory: TempDir,
    data_dir: PathBuf,
    offset: u16,
    docker_host: String,
}

/// A started `gateway dev`. Ends when this is dropped.
struct Dev<'a> {
    place: &'a Place,
    process: Child,
    log: PathBuf,
}

impl Place {
    /// `step` tells places of one test apart; tests that run beside it are ten apart.
    async fn new(step: u16) -> Self {
        let directory = data_directory();
        let data_dir = directory.path().join("data");
        let docker_host = Stack::shared().await.text("docker_host");
        Self { directory, data_dir, offset: port_offset() + step, docker_host }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = gateway();
        command.arg("dev").args(arguments).arg("--data-dir").arg(&self.data_dir);
        command.env("GATEWAY_DOCKER_HOST", &self.docker_host).stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn start(&self, arguments: &[&str]) -> Dev<'_> {
        let log = self.directory.path().join(format!("log-{:08x}", rand::random::<u32>()));
        let file = std::fs::File::create(&log).unwrap();
        let mut command = self.command(arguments);
        command.args(["--port-offset", &self.offset.to_string()]);
        let process = command.stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        Dev { place: self, process, log }
    }

    fn status(&self) -> serde_json::Value {
        Stack::status_of(&self.data_dir)
    }

    /// Processes that name the data directory, work in it, or hold a file of it open, as all children do their logs.
    fn processes(&self) -> Vec<String> {
        let mut found = Vec::new();
        for process in std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path()) {
            let Ok(command) = std::fs::read(process.join("cmdline")) else { continue };
            let command = String::from_utf8_lossy(&command).replace('\0', " ");
            let open = std::fs::read_dir(process.join("fd")).into_iter().flatten().flatten().map(|entry| entry.path());
            let mut paths = open.chain([process.join("cwd"), process.join("exe")]);
            let inside = |path: PathBuf| std::fs::read_link(path).is_ok_and(|path| path.starts_with(&self.data_dir));
            if command.contains(&self.data_dir.display().to_string()) || paths.any(inside) {
                found.push(format!("{}: {command}", process.display()));
            }
        }
        found
    }

    /// What the gateway of this place has in Docker.
    async fn objects(&self, docker: &bollard::Docker, instance: &str) -> (usize, usize) {
        let filters = [("label".to_owned(), vec![format!("gateway.instance={instance}")])].into();
        let containers = bollard::query_parameters::ListContainersOptionsBuilder::new().all(true).filters(&filters);
        let networks = bollard::query_parameters::ListNetworksOptionsBuilder::new().filters(&filters);
        (
            docker.list_containers(Some(containers.build())).await.unwrap().len(),
            docker.list_networks(Some(networks.build())).await.unwrap().len(),
        )
    }

    fn instance_id(&self) -> String {
        let state: serde_json::Value =
            serde_json::from_slice(&std::fs::read(self.data_dir.join("state.json")).unwrap()).unwrap();
        state["instance"].as_str().unwrap().to_owned()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = self.command(&["reset", "--yes"]).output();
    }
}

impl Dev<'_> {
    fn shown(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// The rest of the first line with this beginning.
    fn line(&self, beginning: &str) -> String {
        let shown = self.shown();
        let line = shown.lines().find_map(|line| line.trim_start().strip_prefix(beginning));
        line.unwrap_or_else(|| panic!("{beginning} in {shown}")).trim().to_owned()
    }

    /// Waits until it is ready; gives the stack and the states on the way, each once.
    async fn ready(&mut self) -> (Stack, Vec<String>) {
        let seen = std::sync::Mutex::new(Vec::<String>::new());
        let place = self.place;
        wait_for("the stack to be ready", PATIENCE, || {
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none(), "gateway dev ended: {}", std::fs::read_to_string(&self.log).unwrap());
            let state = place.status()["state"].as_str().unwrap().to_owned();
            let mut seen = seen.lock().unwrap();
            if seen.last() != Some(&state) {
                seen.push(state.clone());
            }
            async move { if state == "ready" { Ok(()) } else { Err(state) } }
        })
        .await;
        (Stack::at(&self.place.data_dir).await, seen.into_inner().unwrap())
    }

    async fn shows(&self, text: &str) {
        wait_for(text, PATIENCE, || async {
            let shown = self.shown();
            if shown.contains(text) { Ok(()) } else { Err(shown) }
        })
        .await;
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.process.id()).unwrap()), signal).unwrap();
    }

    async fn ended(&mut self) -> ExitStatus {
        wait_for("gateway dev to end", PATIENCE, || {
            let ended = self.process.try_wait().unwrap();
            async move { ended.ok_or_else(|| "it runs".to_owned()) }
        })
        .await
    }
}

impl Drop for Dev<'_> {
    fn drop(&mut self) {
        if self.process.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.signal(Signal::SIGTERM);
            let _ = self.process.wait();
        }
    }
}

/// What `make up` gives to `gateway`.
fn arguments_of_make_up() -> Vec<String> {
    let makefile = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Makefile")).unwrap();
    let recipe = makefile.lines().skip_while(|line| !line.starts_with("up:")).nth(1).unwrap();
    let arguments = recipe.trim().strip_prefix("@exec target/debug/gateway dev").expect("make up runs gateway dev");
    arguments.split_whitespace().map(str::to_owned).collect()
}

async fn answers(stack: &Stack, key: &str) {
    wait_for(&format!("{key} to answer"), PATIENCE, || async {
        let answer = stack.get(&stack.host_of(key), "/").await;
        let own = answer.body.contains(&format!("<meta name=\"tenant\" content=\"{key}\">"));
        if answer.status == 200 && own { Ok(()) } else { Err(format!("{answer:?}")) }
    })
    .await;
}

fn assert_private(data_dir: &Path) {
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for name in ["secrets", "run", "logs"] {
        let directory = data_dir.join(name);
        assert_eq!(mode(&directory), 0o700, "{}", directory.display());
        let files: Vec<_> = std::fs::read_dir(&directory).unwrap().flatten().map(|entry| entry.path()).collect();
        assert!(!files.is_empty(), "{}", directory.display());
        for file in files {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }
    for name in ["state.json", "demo-app/api_key", "certs/default.key", "redis/users.acl", "traefik/traefik.yml"] {
        assert_eq!(mode(&data_dir.join(name)), 0o600, "{name}");
    }
    assert_eq!(mode(data_dir) & 0o066, 0, "others may pass through the data directory, not look into it");
}

async fn assert_owner_can_log_in(stack: &Stack, dev: &Dev<'_>) -> String {
    let password = dev.line("password").split_whitespace().next().unwrap().to_owned();
    let body = json!({ "email": dev.line("user"), "password": password });
    let (status, me) = stack.api("POST", "/api/gateway/session", Some(body)).await;
    assert_eq!((status, me["kind"].as_str()), (200, Some("user")), "{me}");
    password
}

/// Pastes the lines of the banner into a shell.
fn paste_banner(dev: &Dev<'_>) {
    let script = format!("set -e\nexport {}\n{}", dev.line("export "), dev.line("Try: "));
    let output = Command::new("bash").args(["-c", &script]).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("status     active"), "{output:?}");
}

#[test]
fn make_up_shows_a_demo_and_its_data_survives_a_stop() {
    run(async {
        let place = Place::new(0).await;
        assert_eq!(place.status()["state"], "stopped");
        let arguments = arguments_of_make_up();
        assert!(arguments.contains(&"--demo".to_owned()), "{arguments:?}");
        let mut dev = place.start(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let (stack, mut states) = dev.ready().await;
        states.retain(|state| state != "stopped");
        assert_eq!(states, ["starting", "ready"]);
        let fields: BTreeSet<&str> = stack.status.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(fields, FIELDS.into());
        assert!(stack.status.as_object().unwrap().values().all(|value| !value.is_null()), "{}", stack.status);
        assert_eq!(stack.status["pid"], dev.process.id());
        assert_eq!(Path::new(&stack.text("data_dir")), place.data_dir);
        assert_private(&place.data_dir);
        for key in ["acme", "globex"] {
            // The demo's tenants are made after the stack is ready.
            dev.shows(&format!("demo: {key}: active")).await;
            answers(&stack, key).await;
        }
        let password = assert_owner_can_log_in(&stack, &dev).await;
        paste_banner(&dev);
        answers(&stack, "initech").await;

        dev.signal(Signal::SIGTERM);
        assert_eq!(dev.ended().await.code(), Some(0), "{}", dev.shown());
        assert_eq!(place.processes(), Vec::<String>::new());
        assert_eq!(place.status()["state"], "stopped");

        let since = Instant::now();
        let mut dev = place.start(&[]);
        let (stack, _) = dev.ready().await;
        assert!(since.elapsed() < SECOND_START, "the second start took {:?}", since.elapsed());
        for key in ["acme", "globex", "initech"] {
            answers(&stack, key).await;
        }
        dev.shows("Ctrl-C stops everything.").await;
        let shown = dev.shown();
        assert!(shown.contains("shown at the first start") && !shown.contains(&password), "{shown}");

        let stopped = place.run(&["stop"]);
        assert!(stopped.status.success(), "{stopped:?}");
        assert_eq!(dev.ended().await.code(), Some(0), "{}", dev.shown());
        assert!(place.run(&["stop"]).status.success(), "stopping what is stopped is fine");

        let docker = Stack::shared().await.docker().await;
        let instance = place.instance_id();
        assert_eq!(place.objects(&docker, &instance).await, (1, 3));
        let unsure = place.run(&["reset"]);
        assert_eq!(unsure.status.code(), Some(1), "without a terminal nobody was asked: {unsure:?}");
        assert!(place.data_dir.join("state.json").exists());
        let reset = place.run(&["reset", "--yes"]);
        assert!(reset.status.success(), "{reset:?}");
        assert!(!place.data_dir.exists());
        assert_eq!(place.objects(&docker, &instance).await, (0, 0));
    });
}

#[test]
fn one_stack_per_directory_and_two_side_by_side() {
    run(async {
        let (left, right) = (Place::new(0).await, Place::new(5).await);
        let (mut first, mut second) = (left.start(&[]), right.start(&[]));
        let (one, _) = first.ready().await;
        let (two, _) = second.ready().await;
        one.insert("initech", "Left").await;
        two.insert("umbrella", "Right").await;
        for (stack, own, other) in [(&one, "initech", "umbrella"), (&two, "umbrella", "initech")] {
            stack.settled(own, &["active"]).await;
            answers(stack, own).await;
            assert_eq!(stack.get(&stack.host_of(other), "/").await.status, 404);
        }

        let again = left.run(&[]);
        assert_eq!(again.status.code(), Some(3), "{again:?}");
        let shown = String::from_utf8_lossy(&again.stdout);
        for field in ["admin_url", "tenant_url", "traefik_url"] {
            assert!(shown.contains(&one.text(field)), "{field} in {shown}");
        }
        assert!(!shown.contains(&one.text("api_key")), "no secret is shown");
        answers(&one, "initech").await;

        let docker = Stack::shared().await.docker().await;
        let instance = left.instance_id();
        assert_eq!(left.objects(&docker, &instance).await, (0, 1));
        let reset = left.run(&["reset", "--yes"]);
        assert!(reset.status.success(), "a running stack is stopped first: {reset:?}");
        assert_eq!(first.ended().await.code(), Some(0), "{}", first.shown());
        assert!(!left.data_dir.exists());
        assert_eq!(left.processes(), Vec::<String>::new());
        assert_eq!(left.objects(&docker, &instance).await, (0, 0));
        answers(&two, "umbrella").await;
    });
}

#[test]
fn a_killed_stack_leaves_no_process_and_starts_again() {
    run(async {
        let place = Place::new(0).await;
        let mut dev = place.start(&[]);
        let (stack, _) = dev.ready().await;
        stack.insert("initech", "Initech").await;
        stack.settled("initech", &["active"]).await;
        assert!(place.processes().len() >= 5, "{:?}", place.processes());

        dev.signal(Signal::SIGKILL);
        assert_eq!(dev.ended().await.code(), None);
        wait_for("the children to end", AFTER_KILL, || async {
            let left = place.processes();
            if left.is_empty() { Ok(()) } else { Err(left.join("\n")) }
        })
        .await;
        let status = place.status();
        assert_eq!((&status["state"], &status["pid"]), (&json!("stopped"), &json!(null)), "{status}");

        let mut again = place.start(&[]);
        let (stack, _) = again.ready().await;
        answers(&stack, "initech").await;
        again.signal(Signal::SIGKILL);
        again.ended().await;
        // At once, while children of the killed one may still end.
        let mut third = place.start(&[]);
        let (stack, _) = third.ready().await;
        answers(&stack, "initech").await;
    });
}

#[test]
fn what_cannot_work_is_refused_by_name() {
    run(async {
        let place = Place::new(0).await;
        let refused = |mut command: Command, wanted: &[&str]| {
            let output = command.output().unwrap();
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            for wanted in wanted {
                assert!(told.contains(wanted), "{wanted} in {told}");
            }
            assert!(!place.data_dir.join("secrets/api_key").exists(), "nothing was made");
        };

        let mut unknown = place.command(&[]);
        unknown.env("GATEWAY_NONSENSE", "1");
        refused(unknown, &["GATEWAY_NONSENSE"]);

        std::fs::create_dir(&place.data_dir).unwrap();
        std::fs::write(place.data_dir.join("notes.txt"), "mine").unwrap();
        refused(place.command(&[]), &["--data-dir", place.data_dir.to_str().unwrap()]);
        let reset = place.run(&["reset", "--yes"]);
        assert!(reset.status.success(), "{reset:?}");
        assert!(place.data_dir.join("notes.txt").exists(), "reset deletes only what the stack made");
        std::fs::remove_dir_all(&place.data_dir).unwrap();

        std::fs::write(&place.data_dir, "a file").unwrap();
        refused(place.command(&[]), &[place.data_dir.to_str().unwrap()]);
        std::fs::remove_file(&place.data_dir).unwrap();

        let taken = std::net::TcpListener::bind(("127.0.0.1", 8001 + place.offset)).unwrap();
        let offset = place.offset.to_string();
        refused(
            place.command(&["--port-offset", &offset]),
            &[&format!("port {}", 8001 + place.offset), "--port-offset"],
        );
        drop(taken);
    });
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    for arguments in [&["dev", "status", "--data-dir", "nowhere"][..], &["config", "reference"], &["openapi"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = gateway().args(arguments).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        let output = output.wait_with_output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }
}
