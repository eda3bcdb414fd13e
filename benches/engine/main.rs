//! How soon a tenant answers, how many are made in a second, how fast the engine claims, what it costs when there is nothing to
//! do, what one bad tenant costs the others, what it costs to tell of changes, how fast tenants are read, what a flood of
//! signups costs who reads, how soon a lost tree of routes is back, and what networks cost Docker. Run by `make bench`, which starts a stack without a
//! worker for each of the measurements: the words below.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on says so, and prints its table"
)]

mod claims;
mod creates;
mod events;
mod flood;
mod idle;
mod naive;
mod networks;
mod poison;
mod processors;
mod reads;
mod ready;
mod stack;
mod tree;

use crate::stack::Stack;

fn main() {
    rustls::crypto::aws_lc_rs::default_provider().install_default().unwrap();
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
        let stack = Stack::connect().await;
        for measurement in std::env::args().skip(1) {
            match measurement.as_str() {
                "ready" => ready::measure(&stack).await,
                "creates" => creates::measure(&stack).await,
                "claims" => claims::measure(&stack).await,
                "events" => events::measure(&stack).await,
                "flood" => flood::measure(&stack).await,
                "idle" => idle::measure(&stack).await,
                "networks" => networks::measure(&stack).await,
                "poison" => poison::measure(&stack).await,
                "reads" => reads::measure(&stack).await,
                "tree" => tree::measure(&stack).await,
                // Cargo adds an argument of its own.
                _ => {}
            }
        }
    });
}
