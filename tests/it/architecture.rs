//! The shape of the source: layers in one direction, files that fit in a head, SQL text in one place.

use std::fs;
use std::path::{Path, PathBuf};

/// The layers; each uses only those before it.
const LAYERS: &[&str] = &[
    "domain",
    "config",
    "telemetry",
    "store",
    "infra",
    "provision",
    "inventory",
    "worker",
    "reconcile",
    "verify",
    "doctor",
    "jobs",
    "proxy",
    "api",
    "dev",
    "run",
    "cli",
];
/// What `cli` may see besides itself: it talks to the API and shares its types.
const CLI_SEES: &[&str] = &["domain", "api"];
const LONGEST: usize = 500;

fn files(under: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(under).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().into_string().unwrap();
        if path.is_dir() {
            if !["target", "node_modules", "dist", ".git"].contains(&name.as_str()) {
                found.extend(files(&path, endings));
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_layer_uses_only_those_before_it() {
    let source = root().join("gateway/src");
    let mut wrong = Vec::new();
    for file in files(&source, &[".rs"]) {
        let inside = file.strip_prefix(&source).unwrap();
        let layer = inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        if ["lib", "bin"].contains(&layer) {
            continue;
        }
        let place = LAYERS.iter().position(|l| *l == layer).unwrap_or_else(|| panic!("{layer} is not a known layer"));
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            for used in line.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let Some(other) = LAYERS.iter().position(|l| *l == used) else { continue };
                let allowed = other <= place && (layer != "cli" || used == "cli" || CLI_SEES.contains(&used.as_str()));
                if !allowed && !line.trim_start().starts_with("//") {
                    wrong.push(format!("{}:{}: {layer} uses {used}", inside.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_layer_exists_and_is_listed_in_order() {
    let listed = fs::read_to_string(root().join("gateway/src/lib.rs")).unwrap();
    let modules: Vec<&str> =
        listed.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(modules, LAYERS);
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let mut long = Vec::new();
    for folder in ["gateway/src", "demo-app", "tests", "admin-spa/src", ".ci", "migrations"] {
        for file in files(&root().join(folder), &[".rs", ".ts", ".tsx", ".sql", ".sh", ".py"]) {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            if lines > LONGEST && !file.ends_with("api/schema.d.ts") {
                long.push(format!("{} has {lines} lines", file.display()));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn composed_sql_stands_in_one_file() {
    let source = root().join("gateway/src");
    let users: Vec<PathBuf> = files(&source, &[".rs"])
        .into_iter()
        .filter(|file| fs::read_to_string(file).unwrap().contains("AssertSqlSafe"))
        .collect();
    assert_eq!(users, [source.join("infra/ddl.rs")]);
}
