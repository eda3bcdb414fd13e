//! The admin API, typed.

mod fleet;
mod users;

use std::path::Path;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use url::Url;
use uuid::Uuid;

use crate::api::types::{
    ApiKey, ApiKeyList, AuditCheck, AuditList, CreateApiKey, CreateJob, CreateTenant, EditTenant, EventList, Job,
    MoveTenant, NewApiKey, Operation, OperationList, Problem, QueuedMail, ReadLogs, RefuseSignup, RotateApiKey, Signup,
    SignupList, Tenant, TenantList, TenantLogs, TenantStats, TestMail, Version,
};
use crate::cli::error::CliError;
use crate::cli::part::{Part, PartList};
use crate::cli::stream::Messages;

/// Longest time for one call.
const TIMEOUT: Duration = Duration::from_secs(35);
/// Longest time for a call that reads a whole table, a little over what the API gives it.
const WHOLE_TABLE_TIMEOUT: Duration = Duration::from_secs(125);
/// Names the last event that a client has.
const LAST_EVENT_ID: &str = "last-event-id";
/// Names the fields that are asked for.
const FIELDS: &str = "fields";
/// Longest page the API gives.
const PAGE: u32 = 200;

/// Calls the admin API with a key.
#[derive(Debug)]
pub(super) struct Client {
    base: Url,
    key: Option<SecretString>,
    http: reqwest::Client,
}

fn read_key(given: Option<String>, file: Option<&Path>) -> Result<Option<SecretString>, CliError> {
    let text = match (given, file) {
        (Some(_), Some(_)) => {
            return Err(CliError::Usage("give GATEWAY_API_KEY or GATEWAY_API_KEY_FILE, not both".into()));
        }
        (Some(key), None) => key,
        (None, Some(path)) => std::fs::read_to_string(path)
            .map_err(|error| CliError::Local(format!("cannot read the API key in {}", path.display()), error))?,
        (None, None) => return Ok(None),
    };
    Ok(Some(SecretString::from(text.trim().to_owned())))
}

impl Client {
    /// Prepares calls; connects to nothing yet.
    pub(super) fn new(url: &str, key: Option<String>, key_file: Option<&Path>) -> Result<Self, CliError> {
        let base = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let base = base.ok_or_else(|| CliError::Usage("--url must be an http or https URL".into()))?;
        // The key goes to the gateway and nobody else: neither to a proxy when the gateway is on this machine, nor on.
        let here = matches!(base.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let builder = reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none());
        let http = if here { builder.no_proxy() } else { builder }.build();
        let http = http.map_err(|cause| CliError::Unreachable { url: url.to_owned(), cause })?;
        Ok(Self { base, key: read_key(key, key_file)?, http })
    }

    fn request(&self, method: Method, path: &[&str], query: &[(&str, String)]) -> Result<RequestBuilder, CliError> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = self.http.request(method, url);
        if let Some(key) = &self.key {
            let value = HeaderValue::try_from(format!("Bearer {}", key.expose_secret()));
            let mut value = value.map_err(|_| CliError::Usage("the API key holds characters no key has".into()))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        Ok(request)
    }

    async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, CliError> {
        let url = || self.base.to_string();
        let unreachable = |cause: reqwest::Error| CliError::Unreachable { url: url(), cause: cause.without_url() };
        let response = request.send().await.map_err(unreachable)?;
        if !response.status().is_success() {
            return Err(self.refused(response).await);
        }
        let body = response.bytes().await.map_err(unreachable)?;
        serde_json::from_slice(&body).map_err(|e| CliError::Strange { url: url(), what: e.to_string() })
    }

    async fn refused(&self, response: Response) -> CliError {
        let (url, status) = (self.base.to_string(), response.status());
        let body = match response.bytes().await {
            Ok(body) => body,
            Err(cause) => return CliError::Unreachable { url, cause: cause.without_url() },
        };
        match serde_json::from_slice::<Problem>(&body) {
            Ok(problem) => CliError::Refused(Box::new(problem)),
            Err(_) => CliError::Strange { url, what: format!("status {status}") },
        }
    }

    /// Opens a stream, after the last event that is had. It lasts for at most `longest`.
    async fn open(&self, request: RequestBuilder, last: Option<&str>, longest: Duration) -> Result<Messages, CliError> {
        let request = match last {
            Some(last) => request.header(LAST_EVENT_ID, last),
            None => request,
        };
        let unreachable =
            |cause: reqwest::Error| CliError::Unreachable { url: self.base.to_string(), cause: cause.without_url() };
        let Ok(response) = timeout(TIMEOUT, request.timeout(longest).send()).await else {
            let message = format!("{} did not begin its answer within {} s", self.base, TIMEOUT.as_secs());
            return Err(CliError::TimedOut {
                message,
                next: "gatewayctl version, which says whether it answers at all".into(),
            });
        };
        let response = response.map_err(unreachable)?;
        if !response.status().is_success() {
            return Err(self.refused(response).await);
        }
        Ok(Messages::of(response))
    }

    /// `list_events`, page by page up to `limit`
    pub(super) async fn events(&self, filter: &[(&str, String)], limit: u32) -> Result<EventList, CliError> {
        let path = ["api", "gateway", "events"];
        let mut all = EventList { items: Vec::new(), next_cursor: String::new(), end: String::new() };
        loop {
            let left = limit.saturating_sub(u32::try_from(all.items.len()).unwrap_or(u32::MAX)).min(PAGE);
            let mut query = page_query(filter, left, None);
            if !all.next_cursor.is_empty() {
                query.retain(|(name, _)| *name != "after");
                query.push(("after", all.next_cursor.clone()));
            }
            let page: EventList = self.answer(self.request(Method::GET, &path, &query)?).await?;
            let is_last = page.items.len() < left as usize;
            all.items.extend(page.items);
            (all.next_cursor, all.end) = (page.next_cursor, page.end);
            if is_last || all.items.len() >= limit as usize {
                return Ok(all);
            }
        }
    }

    /// `stream_events`, after the last event that is had
    pub(super) async fn follow_events(&self, filter: &[(&str, String)], last: &str) -> Result<Messages, CliError> {
        let request = self.request(Method::GET, &["api", "gateway", "events", "stream"], filter)?;
        self.open(request, Some(last), Duration::from_secs(86_400)).await
    }

    /// `follow_operation`
    pub(super) async fn follow_operation(&self, id: Uuid, longest: Duration) -> Result<Messages, CliError> {
        let path = ["api", "gateway", "operations", &id.to_string(), "events"];
        self.open(self.request(Method::GET, &path, &[])?, None, longest).await
    }

    /// `create_tenant`
    pub(super) async fn create_tenant(&self, new: &CreateTenant) -> Result<Tenant, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "tenants"], &[])?.json(new)).await
    }

    /// `edit_tenant`
    pub(super) async fn edit_tenant(&self, tenant: &str, edit: &EditTenant) -> Result<Tenant, CliError> {
        self.answer(self.request(Method::PATCH, &["api", "gateway", "tenants", tenant], &[])?.json(edit)).await
    }

    /// `send_test_mail`
    pub(super) async fn send_test_mail(&self, mail: &TestMail) -> Result<QueuedMail, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "mail", "test"], &[])?.json(mail)).await
    }

    /// `create_api_key`
    pub(super) async fn create_api_key(&self, new: &CreateApiKey) -> Result<NewApiKey, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "api-keys"], &[])?.json(new)).await
    }

    /// `rotate_api_key`
    pub(super) async fn rotate_api_key(&self, id: &str, how: &RotateApiKey) -> Result<NewApiKey, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "api-keys", id, "rotate"], &[])?.json(how)).await
    }

    /// `revoke_api_key`
    pub(super) async fn revoke_api_key(&self, id: &str) -> Result<ApiKey, CliError> {
        self.answer(self.request(Method::DELETE, &["api", "gateway", "api-keys", id], &[])?).await
    }

    /// `list_api_keys`, page by page up to `limit`
    pub(super) async fn api_keys(&self, ended: bool, limit: u32) -> Result<ApiKeyList, CliError> {
        let filter = [("ended", ended.to_string())];
        self.list("api-keys", &filter, limit, |list: &mut ApiKeyList| (&mut list.items, &mut list.next_cursor)).await
    }

    /// `list_audit`, page by page up to `limit`
    pub(super) async fn audit(&self, filter: &[(&str, String)], limit: u32) -> Result<AuditList, CliError> {
        self.list("audit", filter, limit, |list: &mut AuditList| (&mut list.items, &mut list.next_cursor)).await
    }

    /// A page of `list_audit`
    pub(super) async fn audit_page(&self, left: u32, cursor: Option<String>) -> Result<AuditList, CliError> {
        self.answer(self.request(Method::GET, &["api", "gateway", "audit"], &page_query(&[], left, cursor))?).await
    }

    /// `check_audit`
    pub(super) async fn check_audit(&self) -> Result<AuditCheck, CliError> {
        let request = self.request(Method::GET, &["api", "gateway", "audit", "check"], &[])?;
        self.answer(request.timeout(WHOLE_TABLE_TIMEOUT)).await
    }

    /// `list_signups`, page by page up to `limit`
    pub(super) async fn signups(&self, filter: &[(&str, String)], limit: u32) -> Result<SignupList, CliError> {
        self.list("signups", filter, limit, |list: &mut SignupList| (&mut list.items, &mut list.next_cursor)).await
    }

    /// `get_signup`
    pub(super) async fn signup(&self, id: Uuid) -> Result<Signup, CliError> {
        self.answer(self.request(Method::GET, &["api", "gateway", "signups", &id.to_string()], &[])?).await
    }

    /// `approve_signup`
    pub(super) async fn approve_signup(&self, id: Uuid) -> Result<Signup, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "signups", &id.to_string(), "approve"], &[])?).await
    }

    /// `refuse_signup`
    pub(super) async fn refuse_signup(&self, id: Uuid, why: &RefuseSignup) -> Result<Signup, CliError> {
        let path = ["api", "gateway", "signups", &id.to_string(), "refuse"];
        self.answer(self.request(Method::POST, &path, &[])?.json(why)).await
    }

    /// `get_tenant`
    pub(super) async fn tenant(&self, tenant: &str) -> Result<Tenant, CliError> {
        self.answer(self.request(Method::GET, &["api", "gateway", "tenants", tenant], &[])?).await
    }

    /// `delete_tenant`
    pub(super) async fn delete_tenant(&self, tenant: &str, force: bool, purge: bool) -> Result<Tenant, CliError> {
        let query = [("force", force.to_string()), ("purge", purge.to_string())];
        self.answer(self.request(Method::DELETE, &["api", "gateway", "tenants", tenant], &query)?).await
    }

    /// Every wish about a tenant that has no body: `suspend_tenant` and the others
    pub(super) async fn wish(&self, tenant: &str, verb: &str) -> Result<Tenant, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "tenants", tenant, verb], &[])?).await
    }

    /// `read_tenant_logs`, waiting for a worker a moment
    pub(super) async fn read_logs(&self, tenant: &str, asked: &ReadLogs) -> Result<TenantLogs, CliError> {
        let request = self.request(Method::POST, &["api", "gateway", "tenants", tenant, "logs"], &[])?;
        self.answer(request.header("prefer", "wait=10").json(asked)).await
    }

    /// `get_tenant_logs`
    pub(super) async fn logs(&self, tenant: &str, id: Uuid) -> Result<TenantLogs, CliError> {
        let path = ["api", "gateway", "tenants", tenant, "logs", &id.to_string()];
        self.answer(self.request(Method::GET, &path, &[])?).await
    }

    /// `get_tenant_stats`
    pub(super) async fn stats(&self, tenant: &str) -> Result<TenantStats, CliError> {
        self.answer(self.request(Method::GET, &["api", "gateway", "tenants", tenant, "stats"], &[])?).await
    }

    /// `move_tenant`
    pub(super) async fn move_tenant(&self, tenant: &str, to: &MoveTenant) -> Result<Tenant, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "tenants", tenant, "move"], &[])?.json(to)).await
    }

    /// `list_tenants`, page by page up to `limit`
    pub(super) async fn tenants(&self, filter: &[(&str, String)], limit: u32) -> Result<TenantList, CliError> {
        self.list("tenants", filter, limit, |list: &mut TenantList| (&mut list.items, &mut list.next_cursor)).await
    }

    /// Some fields of a tenant: `get_tenant` with `fields`
    pub(super) async fn part_of_tenant(&self, tenant: &str, fields: &[String]) -> Result<Part, CliError> {
        let query = [(FIELDS, fields.join(","))];
        self.answer(self.request(Method::GET, &["api", "gateway", "tenants", tenant], &query)?).await
    }

    /// Some fields of tenants: `list_tenants` with `fields`, page by page up to `limit`
    pub(super) async fn parts_of_tenants(
        &self,
        filter: &[(&str, String)],
        fields: &[String],
        limit: u32,
    ) -> Result<PartList, CliError> {
        let filter = [filter, &[(FIELDS, fields.join(","))]].concat();
        self.list("tenants", &filter, limit, |list: &mut PartList| (&mut list.items, &mut list.next_cursor)).await
    }

    /// `list_operations`, page by page up to `limit`
    pub(super) async fn operations(&self, filter: &[(&str, String)], limit: u32) -> Result<OperationList, CliError> {
        self.list("operations", filter, limit, |list: &mut OperationList| (&mut list.items, &mut list.next_cursor))
            .await
    }

    /// One list of the API, page by page up to `limit`; `parts` gives the items of a page and the way to the next.
    async fn list<L, T>(
        &self,
        name: &str,
        filter: &[(&str, String)],
        limit: u32,
        parts: impl for<'a> Fn(&'a mut L) -> (&'a mut Vec<T>, &'a mut Option<String>),
    ) -> Result<L, CliError>
    where
        L: DeserializeOwned,
    {
        self.list_at(&[name], filter, limit, parts).await
    }

    /// As [`Client::list`], for a list inside something else.
    async fn list_at<L, T>(
        &self,
        path: &[&str],
        filter: &[(&str, String)],
        limit: u32,
        parts: impl for<'a> Fn(&'a mut L) -> (&'a mut Vec<T>, &'a mut Option<String>),
    ) -> Result<L, CliError>
    where
        L: DeserializeOwned,
    {
        let path = [&["api", "gateway"], path].concat();
        let first = page_query(filter, limit, None);
        let mut all: L = self.answer(self.request(Method::GET, &path, &first)?).await?;
        loop {
            let (items, cursor) = parts(&mut all);
            let left = limit.saturating_sub(u32::try_from(items.len()).unwrap_or(u32::MAX));
            if left == 0 || cursor.is_none() {
                return Ok(all);
            }
            let query = page_query(filter, left, cursor.take());
            let mut page: L = self.answer(self.request(Method::GET, &path, &query)?).await?;
            let (more, next) = parts(&mut page);
            items.append(more);
            *cursor = next.take();
        }
    }

    /// `get_operation`
    pub(super) async fn operation(&self, id: Uuid) -> Result<Operation, CliError> {
        self.answer(self.request(Method::GET, &["api", "gateway", "operations", &id.to_string()], &[])?).await
    }

    /// `cancel_operation` and `retry_operation`
    pub(super) async fn wish_of_operation(&self, id: Uuid, verb: &str) -> Result<Operation, CliError> {
        let path = ["api", "gateway", "operations", &id.to_string(), verb];
        self.answer(self.request(Method::POST, &path, &[])?).await
    }

    /// `create_job`
    pub(super) async fn create_job(&self, new: &CreateJob) -> Result<Job, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "jobs"], &[])?.json(new)).await
    }

    /// `get_job`
    pub(super) async fn job(&self, id: Uuid) -> Result<Job, CliError> {
        self.answer(self.request(Method::GET, &["api", "gateway", "jobs", &id.to_string()], &[])?).await
    }

    /// `get_version`
    pub(super) async fn version(&self) -> Result<Version, CliError> {
        self.answer(self.request(Method::GET, &["version"], &[])?).await
    }
}

fn page_query<'a>(filter: &[(&'a str, String)], left: u32, cursor: Option<String>) -> Vec<(&'a str, String)> {
    let mut query = filter.to_vec();
    query.push(("limit", left.clamp(1, PAGE).to_string()));
    query.extend(cursor.map(|cursor| ("cursor", cursor)));
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_comes_from_one_place_and_paths_are_escaped() {
        let key = || Some("secret".to_owned());
        let client = Client::new("http://127.0.0.1:1/base/", key(), None).unwrap();
        assert!(!format!("{client:?}").contains("secret"));
        let request = client.request(Method::GET, &["tenants", "a/../b"], &[("q", "x y&z".into())]).unwrap();
        let request = request.build().unwrap();
        assert_eq!(request.url().as_str(), "http://127.0.0.1:1/base/tenants/a%2F..%2Fb?q=x+y%26z");
        assert!(Client::new("http://h", key(), Some(Path::new("/nowhere"))).is_err());
        assert!(Client::new("ftp://h", None, None).is_err());
    }
}
