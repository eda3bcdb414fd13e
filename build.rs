//! Rebuilds when the embedded migrations or the embedded console change.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    // Git does not keep the console's build. An empty folder stands in, and is something that can be watched.
    if let Err(error) = std::fs::create_dir_all("admin-spa/dist") {
        println!("cargo:warning=admin-spa/dist cannot be made: {error}");
    }
    println!("cargo:rerun-if-changed=admin-spa/dist");
}
