//! `gatewayctl signup`

use crate::api::types::{RefuseSignup, Signup};
use crate::cli::arguments::{Output, SignupVerb};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::table;
use crate::cli::terminal::Terminal;

/// Does it.
///
/// # Errors
/// See [`CliError`].
pub(super) async fn run(
    client: &Client,
    terminal: &Terminal,
    output: Output,
    verb: SignupVerb,
) -> Result<(), CliError> {
    let show = |signup: &Signup| table::print(terminal, output, signup, table::signup);
    match verb {
        SignupVerb::List { state, limit } => {
            let filter: Vec<_> = state.map(|state| ("state", state.to_string())).into_iter().collect();
            let list = client.signups(&filter, limit).await?;
            table::print(terminal, output, &list, |list| table::signups(&list.items));
        }
        SignupVerb::Show { id } => show(&client.signup(id).await?),
        SignupVerb::Approve { id } => {
            let signup = client.approve_signup(id).await?;
            terminal.tell(&format!("Approved; follow it with: gatewayctl tenant watch {}", signup.key));
            show(&signup);
        }
        SignupVerb::Refuse { id, reason } => show(&client.refuse_signup(id, &RefuseSignup { reason }).await?),
    }
    Ok(())
}
