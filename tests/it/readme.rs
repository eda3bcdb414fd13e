//! README.md is true: what it tells a reader to type is typed, and shows what it says.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::stack::Stack;
use crate::support::{run, unique_key};

/// Keys the README gives to tenants.
const KEYS: [&str; 3] = ["initech", "umbrella", "hooli"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// A block of commands, and the lines of the block of text after it.
#[derive(Debug, Default)]
struct Block {
    commands: String,
    shows: Vec<String>,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut inside: Option<String> = None;
    for line in text.lines() {
        match (&inside, line.strip_prefix("```")) {
            (Some(_), Some("")) => inside = None,
            (Some(language), None) if language == "sh" => {
                let block = found.last_mut().unwrap();
                block.commands.push_str(line);
                block.commands.push('\n');
            }
            (Some(language), None) if language == "text" => {
                found.last_mut().expect("commands before what they show").shows.push(line.to_owned());
            }
            (None, Some(language)) => {
                if language == "sh" {
                    found.push(Block::default());
                }
                inside = Some(language.to_owned());
            }
            _ => {}
        }
    }
    found
}

/// What of the README differs on the stack of the tests.
struct Reader {
    stack: Stack,
    replacements: Vec<(String, String)>,
}

impl Reader {
    /// The README speaks of a stack on 8001 and 8080 in `.gateway`, built into `target/debug`, and of three tenants by
    /// name. The tests' stack has other ports, another directory, and tenants of other tests: these are replaced, in
    /// commands and in what they show, and nothing else is.
    async fn new() -> Self {
        let stack = Stack::shared().await;
        let port = |field: &str| stack.text(field).rsplit_once(':').unwrap().1.trim_end_matches('/').to_owned();
        let programs = Path::new(env!("CARGO_BIN_EXE_gatewayctl")).parent().unwrap().display().to_string();
        let mut replacements = vec![
            (":8080".to_owned(), format!(":{}", port("traefik_url"))),
            (":8001".to_owned(), format!(":{}", port("admin_url"))),
            ("target/debug/".to_owned(), format!("{programs}/")),
        ];
        replacements.extend(KEYS.map(|key| (key.to_owned(), unique_key(key))));
        Self { stack, replacements }
    }

    fn here(&self, text: &str) -> String {
        self.replacements.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    /// Runs a block in a shell that stops at the first command that fails, and looks for what it is to show, in order.
    fn follow(&self, block: &Block) -> Result<(), String> {
        let script = format!("exec 2>&1\nset -euo pipefail\n{}", self.here(&block.commands));
        let output = Command::new("bash")
            .args(["-c", &script])
            .current_dir(root())
            // The line that the banner prints.
            .env("GATEWAY_URL", self.stack.text("admin_url"))
            .env("GATEWAY_API_KEY", self.stack.text("api_key"))
            // Where this stack is instead of in `.gateway`.
            .env("GATEWAY_DEV_DATA_DIR", &self.stack.data_dir)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            return Err(format!("{}\nended with {}:\n{shown}", block.commands, output.status));
        }
        let mut rest = shown.as_str();
        for line in &block.shows {
            let wanted = self.here(line);
            let Some(at) = rest.find(&wanted) else {
                return Err(format!("{}\ndoes not show {wanted:?} where it should:\n{shown}", block.commands));
            };
            rest = rest.get(at + wanted.len()..).unwrap();
        }
        Ok(())
    }
}

/// Splits off the calls of `make`, which build, install, or run these very tests.
fn split_make(block: Block) -> (Vec<String>, Block) {
    let (make, rest): (Vec<&str>, Vec<&str>) = block.commands.lines().partition(|line| line.starts_with("make "));
    let targets = make.iter().map(|line| line.trim_start_matches("make ").to_owned()).collect();
    let commands = rest.iter().map(|line| format!("{line}\n")).collect();
    (targets, Block { commands, shows: block.shows })
}

#[test]
fn every_command_does_what_it_says() {
    run(async {
        let reader = Reader::new().await;
        let mut followed = 0;
        for block in blocks(&read("README.md")) {
            // Targets are not run here: `dev` runs what `make up` does, the others run this test.
            let (_, block) = split_make(block);
            if block.commands.is_empty() {
                continue;
            }
            assert!(!block.shows.is_empty(), "the README does not say what this shows:\n{}", block.commands);
            reader.follow(&block).unwrap_or_else(|why| panic!("{why}"));
            followed += 1;
        }
        assert!(followed >= 5, "{followed} blocks of commands");
        for key in KEYS {
            // One of them the README deleted itself.
            reader.stack.ctl(&["tenant", "delete", &reader.here(key), "--force", "--yes", "--wait"]);
        }
    });
}

#[test]
fn a_broken_command_or_another_answer_is_noticed() {
    run(async {
        let reader = Reader::new().await;
        let block = |commands: &str, shows: &str| Block { commands: commands.into(), shows: vec![shows.into()] };
        let good = block("target/debug/gatewayctl tenant list >/dev/null\necho one", "one");
        reader.follow(&good).unwrap();
        for bad in [
            block("target/debug/gatewayctl tenant lists\necho one", "one"),
            block("target/debug/gatewayctl tenant show no-such-tenant\necho one", "one"),
            block("curl -fsS http://127.0.0.1:8080/\necho one", "one"),
            block("echo one", "two"),
        ] {
            assert!(reader.follow(&bad).is_err(), "{bad:?}");
        }
    });
}

#[test]
fn every_target_of_make_exists() {
    let targets: Vec<String> = read("Makefile")
        .lines()
        .filter(|line| !line.starts_with(['\t', '#', '.']))
        .filter_map(|line| Some(line.split_once(':')?.0.to_owned()))
        .collect();
    let named: Vec<String> = blocks(&read("README.md")).into_iter().flat_map(|block| split_make(block).0).collect();
    assert!(named.contains(&"up".to_owned()), "{named:?}");
    for name in named {
        assert!(targets.contains(&name), "make {name} of README.md is not in the Makefile");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let text = read("README.md");
    let links: Vec<&str> = text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0)).collect();
    let missing: Vec<PathBuf> = links
        .iter()
        .filter(|link| !link.starts_with("http"))
        .map(|link| root().join(link.split('#').next().unwrap()))
        .filter(|path| !path.exists())
        .collect();
    assert!(links.len() > 5 && missing.is_empty(), "{missing:?}");
}
