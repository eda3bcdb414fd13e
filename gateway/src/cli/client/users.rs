//! The calls about people.

use reqwest::Method;
use uuid::Uuid;

use crate::api::types::{
    EditUser, EndedSessions, InviteUser, InvitedUser, Link, RoleList, SessionList, User, UserList,
};
use crate::cli::client::Client;
use crate::cli::error::CliError;

impl Client {
    /// `list_users`, page by page up to `limit`
    pub(in crate::cli) async fn users(&self, filter: &[(&str, String)], limit: u32) -> Result<UserList, CliError> {
        self.list("users", filter, limit, |list: &mut UserList| (&mut list.items, &mut list.next_cursor)).await
    }

    /// `get_user`
    pub(in crate::cli) async fn user(&self, user: &str) -> Result<User, CliError> {
        self.answer(self.request(Method::GET, &["api", "gateway", "users", user], &[])?).await
    }

    /// `list_roles`
    pub(in crate::cli) async fn roles(&self) -> Result<RoleList, CliError> {
        self.answer(self.request(Method::GET, &["api", "gateway", "roles"], &[])?).await
    }

    /// `invite_user`
    pub(in crate::cli) async fn invite_user(&self, new: &InviteUser) -> Result<InvitedUser, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "users"], &[])?.json(new)).await
    }

    /// `resend_invite`
    pub(in crate::cli) async fn resend_invite(&self, user: &str) -> Result<InvitedUser, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "users", user, "invite"], &[])?).await
    }

    /// `edit_user`
    pub(in crate::cli) async fn edit_user(&self, user: &str, edit: &EditUser) -> Result<User, CliError> {
        self.answer(self.request(Method::PATCH, &["api", "gateway", "users", user], &[])?.json(edit)).await
    }

    /// `delete_user`
    pub(in crate::cli) async fn delete_user(&self, user: &str) -> Result<User, CliError> {
        self.answer(self.request(Method::DELETE, &["api", "gateway", "users", user], &[])?).await
    }

    /// `reset_user_password`
    pub(in crate::cli) async fn reset_user_password(&self, user: &str) -> Result<Link, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "users", user, "reset-password"], &[])?).await
    }

    /// `remove_user_totp`
    pub(in crate::cli) async fn remove_user_totp(&self, user: &str) -> Result<User, CliError> {
        self.answer(self.request(Method::DELETE, &["api", "gateway", "users", user, "totp"], &[])?).await
    }

    /// `list_user_sessions`, page by page up to `limit`
    pub(in crate::cli) async fn user_sessions(&self, user: &str, limit: u32) -> Result<SessionList, CliError> {
        let path = ["users", user, "sessions"];
        self.list_at(&path, &[], limit, |list: &mut SessionList| (&mut list.items, &mut list.next_cursor)).await
    }

    /// `end_user_session`, or `end_user_sessions` for all of them
    pub(in crate::cli) async fn end_user_sessions(
        &self,
        user: &str,
        session: Option<Uuid>,
    ) -> Result<EndedSessions, CliError> {
        let id = session.map(|id| id.to_string());
        let mut path = vec!["api", "gateway", "users", user, "sessions"];
        path.extend(id.as_deref());
        self.answer(self.request(Method::DELETE, &path, &[])?).await
    }
}
