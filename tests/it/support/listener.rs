//! A client of server-sent events, as the HTML standard reads them.

use std::time::Duration;

use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use tokio::time::timeout;

use super::PATIENCE;

/// An event as a client sees it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heard {
    /// The last id that was given, with this event or before it.
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) data: Value,
}

/// A stream that is read.
#[derive(Debug)]
pub(crate) struct Listener {
    response: Response,
    text: String,
    id: String,
    pub(crate) retry: Option<u64>,
    pub(crate) comments: Vec<String>,
}

impl Listener {
    /// Opens a stream, which must be answered with one.
    pub(crate) async fn open(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let header = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        if status != 200 {
            panic!("{status} {}", response.text().await.unwrap());
        }
        assert!(header("content-type").starts_with("text/event-stream"), "{headers:?}");
        assert_eq!((header("cache-control"), header("x-accel-buffering")), ("no-store".into(), "no".into()));
        Self { response, text: String::new(), id: String::new(), retry: None, comments: Vec::new() }
    }

    /// The next event; `None` when the stream has ended, however that is.
    pub(crate) async fn next(&mut self) -> Option<Heard> {
        timeout(PATIENCE, self.read()).await.expect("an event, or the end of the stream")
    }

    /// The next event, where one comes within this time.
    pub(crate) async fn next_within(&mut self, patience: Duration) -> Option<Heard> {
        timeout(patience, self.read()).await.ok().flatten()
    }

    /// Everything until the stream ends.
    pub(crate) async fn rest(&mut self) -> Vec<Heard> {
        let mut heard = Vec::new();
        while let Some(event) = self.next().await {
            heard.push(event);
        }
        heard
    }

    async fn read(&mut self) -> Option<Heard> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                if let Some(event) = self.take(&block) {
                    return Some(event);
                }
            }
            let chunk = self.response.chunk().await.ok().flatten()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    fn take(&mut self, block: &str) -> Option<Heard> {
        let (mut kind, mut data) = ("message".to_owned(), Vec::new());
        for line in block.lines() {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match name {
                "" => self.comments.push(value.to_owned()),
                "id" => self.id = value.to_owned(),
                "event" => kind = value.to_owned(),
                "data" => data.push(value),
                "retry" => self.retry = Some(value.parse().unwrap()),
                _ => panic!("{line}"),
            }
        }
        let text = data.join("\n");
        (!data.is_empty()).then(|| Heard { id: self.id.clone(), kind, data: serde_json::from_str(&text).unwrap() })
    }
}
