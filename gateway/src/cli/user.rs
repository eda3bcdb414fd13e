//! `gatewayctl user`

use crate::api::types::{EditUser, InviteUser, Link, User};
use crate::cli::arguments::{Output, SessionVerb, UserVerb};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::table;
use crate::cli::terminal::Terminal;

/// Does it.
///
/// # Errors
/// See [`CliError`].
pub(super) async fn run(client: &Client, terminal: &Terminal, output: Output, verb: UserVerb) -> Result<(), CliError> {
    let show = |user: &User| table::print(terminal, output, user, |user| table::users(std::slice::from_ref(user)));
    match verb {
        UserVerb::List { role, state, limit } => {
            let mut filter = Vec::new();
            filter.extend(role.map(|role| ("role", role.to_string())));
            filter.extend(state.map(|state| ("state", state.to_string())));
            let list = client.users(&filter, limit).await?;
            table::print(terminal, output, &list, |list| table::users(&list.items));
        }
        UserVerb::Show { user } => show(&client.user(&user).await?),
        UserVerb::Roles => {
            let list = client.roles().await?;
            table::print(terminal, output, &list, |list| table::roles(&list.items));
        }
        UserVerb::Invite { email, role, name } => {
            let made = client.invite_user(&InviteUser { email, role, name }).await?;
            tell(terminal, output, &made.user.email, &made.link);
            table::print(terminal, output, &made, |made| {
                made.link.url.clone().map_or_else(String::new, |url| url + "\n")
            });
        }
        UserVerb::Reinvite { user } => {
            let made = client.resend_invite(&user).await?;
            tell(terminal, output, &made.user.email, &made.link);
            table::print(terminal, output, &made, |made| {
                made.link.url.clone().map_or_else(String::new, |url| url + "\n")
            });
        }
        UserVerb::Edit { user, name, role, disable, enable } => {
            let disabled = if disable || enable { Some(disable) } else { None };
            show(&client.edit_user(&user, &EditUser { name, role, disabled }).await?);
        }
        UserVerb::Delete { user } => {
            let user = client.delete_user(&user).await?;
            terminal.tell(&format!("Removed {}.", user.email));
        }
        UserVerb::Reset { user } => {
            let link = client.reset_user_password(&user).await?;
            tell(terminal, output, &user, &link);
            table::print(terminal, output, &link, |link| link.url.clone().map_or_else(String::new, |url| url + "\n"));
        }
        UserVerb::RemoveTotp { user } => show(&client.remove_user_totp(&user).await?),
        UserVerb::Session(SessionVerb::List { user, limit }) => {
            let list = client.user_sessions(&user, limit).await?;
            table::print(terminal, output, &list, |list| table::sessions(&list.items));
        }
        UserVerb::Session(SessionVerb::End { user, session }) => {
            let done = client.end_user_sessions(&user, session).await?;
            terminal.tell(&format!("Sessions of {user} that are over: {}.", done.ended));
        }
    }
    Ok(())
}

/// The link alone goes to standard output, so that it can be led into a file.
fn tell(terminal: &Terminal, output: Output, user: &str, link: &Link) {
    if output != Output::Table {
        return;
    }
    let until = table::time(link.expires_at);
    terminal.tell(&if link.sent {
        format!("A mail to {user} is in line; its link works until {until}.")
    } else {
        format!("Pass this link on to {user}. It is shown this once and works until {until}:")
    });
}
