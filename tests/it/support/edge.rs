//! Requests as a browser would make them, through Traefik.

use super::stack::Stack;

/// An answer through Traefik.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Stack {
    /// Asks Traefik for a host.
    pub(crate) async fn get(&self, host: &str, path: &str) -> Answer {
        self.send(host, "GET", path, None).await
    }

    /// Sends a request through Traefik.
    pub(crate) async fn send(&self, host: &str, method: &str, path: &str, json: Option<serde_json::Value>) -> Answer {
        let url = format!("{}{path}", self.text("traefik_url").trim_end_matches('/'));
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let mut request = client.request(method.parse().unwrap(), url).header("host", host);
        if let Some(json) = json {
            request = request.json(&json);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        Answer { status, body: answer.text().await.unwrap() }
    }

    /// Names of routers that Traefik itself reports.
    pub(crate) async fn traefik_routers(&self) -> Vec<serde_json::Value> {
        let url = format!("{}/api/http/routers?per_page=10000", self.text("traefik_api_url").trim_end_matches('/'));
        reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap().json().await.unwrap()
    }
}
