//! The pages: what is typed, what that shows, and what is done to the machine in between.

use super::site::Site;

/// What of a page is done, in its order.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A heading of the second level: a part of the page begins.
    Part(String),
    /// Commands, and the lines that have to show, in order.
    Shell { commands: String, shows: Vec<String> },
    /// A line of a block that speaks of the machine: with `# ` before it.
    Machine(String),
}

/// Lines about the machine that cannot be carried out here: the test did the same before, or the parts are there already. Each
/// stands on a page to the letter.
const NOT_HERE: &[&str] = &[
    "apt-get install --yes postgresql redis-server docker.io",
    "set -a; . /etc/gateway/shell.env; set +a",
    "ln -sfnT /opt/gateway-0.2.0 /opt/gateway",
    "ln -sfnT /opt/gateway-0.1.0 /opt/gateway",
    "systemctl daemon-reload",
    "systemctl restart redis-server.service",
    "systemctl restart docker.service",
    "systemctl restart traefik.service",
    "docker pull registry.example.com/app:1.4",
    "pg_basebackup --pgdata=/var/backups/gateway/base --format=tar --gzip --checkpoint=fast",
    "touch /var/lib/postgresql/15/main/recovery.signal",
    "systemctl restart postgresql.service",
];

/// Reads a page. A block of another language than `sh`, `console` or `text` is for the eye.
pub(super) fn read(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside: Option<&str> = None;
    for line in text.lines() {
        match (inside, line.trim_start().strip_prefix("```")) {
            (Some(_), Some("")) => inside = None,
            (None, Some(language)) => {
                inside = Some(language);
                if language == "sh" {
                    steps.push(Step::Shell { commands: String::new(), shows: Vec::new() });
                }
            }
            (Some("sh"), None) => {
                let Some(Step::Shell { commands, .. }) = steps.last_mut() else { unreachable!("a block has begun") };
                commands.push_str(line);
                commands.push('\n');
            }
            (Some("text"), None) => {
                let Some(Step::Shell { shows, .. }) = steps.last_mut() else {
                    panic!("what {line:?} is shown by does not stand right before it")
                };
                shows.push(line.trim().to_owned());
            }
            (Some("console"), None) => {
                let line =
                    line.trim().strip_prefix("# ").unwrap_or_else(|| panic!("{line:?} is no command of a machine"));
                steps.push(Step::Machine(line.to_owned()));
            }
            (None, None) => steps.extend(line.strip_prefix("## ").map(|heading| Step::Part(heading.to_owned()))),
            _ => {}
        }
    }
    steps
}

/// Runs commands and looks for what they are to show, in order.
pub(super) fn follow(site: &Site, commands: &str, shows: &[String]) -> Result<(), String> {
    let shown = site.shell(commands)?;
    let mut rest = shown.as_str();
    for line in shows {
        let wanted = site.here(line);
        let Some(at) = rest.find(&wanted) else {
            return Err(format!("{commands}\ndoes not show {wanted:?} where it should:\n{shown}"));
        };
        rest = rest.get(at + wanted.len()..).unwrap();
    }
    Ok(())
}

/// Does a whole page.
pub(super) async fn walk(site: &mut Site, name: &str) {
    walk_with(site, name, |_, _| ()).await;
}

/// Does a whole page, and something before each part of it, told by its heading.
pub(super) async fn walk_with(site: &mut Site, name: &str, before: impl Fn(&mut Site, &str)) {
    let path = format!("{}/gateway/docs/runbooks/{name}.md", env!("CARGO_MANIFEST_DIR"));
    let steps = read(&std::fs::read_to_string(path).unwrap());
    assert!(steps.iter().any(|step| matches!(step, Step::Shell { .. })), "{name} has no commands");
    for step in steps {
        match step {
            Step::Part(heading) => before(site, &heading),
            Step::Shell { commands, shows } => {
                assert!(!shows.is_empty(), "{name} does not say what this shows:\n{commands}");
                follow(site, &commands, &shows).unwrap_or_else(|why| panic!("{name}: {why}"));
            }
            Step::Machine(line) => machine(site, &line).await,
        }
    }
}

/// Carries out a line about the machine.
async fn machine(site: &mut Site, line: &str) {
    if NOT_HERE.contains(&line) {
        return;
    }
    let mut words = line.split_whitespace();
    assert_eq!(words.next(), Some("systemctl"), "nothing here does {line:?}");
    let verb = words.next().unwrap();
    let verbs: Vec<&str> = words.filter(|word| *word != "--now").map(process).collect();
    for process in &verbs {
        if verb == "stop" || verb == "restart" {
            site.stop(process);
        }
    }
    for process in &verbs {
        if ["start", "restart", "enable"].contains(&verb) {
            site.start(process).await;
        }
    }
}

/// The verb of the program that a unit runs.
fn process(unit: &str) -> &'static str {
    match unit.trim_matches('\'') {
        "gateway-worker@*" | "gateway-worker@1.service" => "worker",
        "gateway-serve.service" => "serve",
        other => panic!("nothing here is the unit {other:?}"),
    }
}

/// Lines about machines that no page has any more.
pub(super) fn unused(pages: &[String]) -> Vec<&'static str> {
    let used: Vec<Step> = pages.iter().flat_map(|page| read(page)).collect();
    NOT_HERE.iter().copied().filter(|line| !used.contains(&Step::Machine((*line).to_owned()))).collect()
}
