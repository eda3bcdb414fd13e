//! `gatewayctl event`

use std::time::Duration;

use crate::api::types::Event;
use crate::cli::arguments::{EventFilter, EventVerb, Output};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::table;
use crate::cli::terminal::Terminal;

/// Before a stream that has ended is opened again, at first and at most.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// Does it.
///
/// # Errors
/// See [`CliError`].
pub(super) async fn run(client: &Client, terminal: &Terminal, output: Output, verb: EventVerb) -> Result<(), CliError> {
    match verb {
        EventVerb::List { filter, limit } => {
            let list = client.events(&query(&filter), limit).await?;
            table::print(terminal, output, &list, |list| table::events(&list.items));
            Ok(())
        }
        EventVerb::Follow { filter } => follow(client, terminal, output, &filter).await,
    }
}

fn query(filter: &EventFilter) -> Vec<(&'static str, String)> {
    let mut query = Vec::new();
    query.extend(filter.tenant.clone().map(|tenant| ("tenant", tenant)));
    query.extend((!filter.kinds.is_empty()).then(|| ("kind", filter.kinds.join(","))));
    query.extend(filter.after.map(|after| ("after", after.to_string())));
    query
}

/// Prints events as they come, for ever. A stream that ends is taken up again where it ended, also before its first event:
/// so the place to begin at is asked for where none is given.
async fn follow(client: &Client, terminal: &Terminal, output: Output, filter: &EventFilter) -> Result<(), CliError> {
    let query = query(filter);
    let mut last = match filter.after {
        Some(after) => after.to_string(),
        None => client.events(&query, 1).await?.end,
    };
    let mut messages = client.follow_events(&query, &last).await?;
    let mut pause = PAUSE.0;
    loop {
        while let Some(message) = messages.next().await {
            pause = PAUSE.0;
            if let Ok(event) = serde_json::from_str::<Event>(&message.data) {
                terminal.print(&shown(output, &event));
            }
            last = message.id;
        }
        loop {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE.1);
            match client.follow_events(&query, &last).await {
                Ok(again) => {
                    messages = again;
                    break;
                }
                Err(CliError::Refused(problem)) if problem.status < 500 && problem.status != 429 => {
                    return Err(CliError::Refused(problem));
                }
                Err(error) => terminal.tell(&format!("{error}; trying on")),
            }
        }
    }
}

/// One line of JSON, or for people.
fn shown(output: Output, event: &Event) -> String {
    match output {
        Output::Json => serde_json::to_string(event).unwrap_or_default() + "\n",
        Output::Table => table::event(event),
    }
}
