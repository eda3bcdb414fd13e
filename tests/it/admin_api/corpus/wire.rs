//! Requests as bytes: an HTTP client would refuse to send many of these.

use std::time::Duration;

use regex::{Captures, Regex};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::entry::Exchange;
use crate::admin_api::{Api, ROOT};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came back.
#[derive(Debug, Default)]
pub(super) struct Reply {
    /// 0 where there was no answer.
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) body: Value,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { return Self { text, ..Self::default() } };
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|word| word.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
        let body = serde_json::from_str(body).unwrap_or_default();
        Self { status: status.unwrap_or_default(), headers, body, text }
    }
}

/// Names in braces and what they stand for; `{name:3}` is its first three characters, `{name~3}` has another at place 3.
pub(super) type Names<'a> = &'a [(&'a str, String)];

fn fill(text: &str, names: Names<'_>) -> String {
    let place = Regex::new(r"\{([a-z]+)(?:([:~])(\d+))?\}").unwrap();
    let filled = place.replace_all(text, |found: &Captures<'_>| {
        let Some((_, value)) = names.iter().find(|(name, _)| *name == &found[1]) else { return found[0].to_owned() };
        let number = || found[3].parse::<usize>().unwrap();
        match found.get(2).map(|sign| sign.as_str()) {
            Some(":") => value.chars().take(number()).collect(),
            Some(_) => {
                let other = |(at, c): (usize, char)| if at == number() { if c == 'x' { 'y' } else { 'x' } } else { c };
                value.chars().enumerate().map(other).collect()
            }
            None => value.clone(),
        }
    });
    filled.into_owned()
}

fn bytes_of(entry: &Exchange, names: Names<'_>) -> Vec<u8> {
    let call = fill(&entry.call.whole(), names);
    if entry.raw {
        return call.into_bytes();
    }
    let headers: Vec<String> = entry.headers.iter().map(|line| fill(&line.whole(), names)).collect();
    let has = |name: &str| headers.iter().any(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")));
    let body = entry.body.as_ref().map(|body| {
        let body = body.whole();
        if entry.latin1 {
            body.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
        } else {
            body.into_bytes()
        }
    });
    let mut head = format!("{call} HTTP/1.1\r\nhost: gateway\r\n");
    if !has("connection") {
        head.push_str("connection: close\r\n");
    }
    if !entry.bare {
        head.push_str(&format!("authorization: Bearer {ROOT}\r\n"));
    }
    if let Some(body) = &body {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
        if !has("content-type") {
            head.push_str("content-type: application/json\r\n");
        }
    }
    for line in headers {
        head.push_str(&line);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    [head.into_bytes(), body.unwrap_or_default()].concat()
}

/// Sends a request and reads the answer.
pub(super) async fn send(api: &Api, entry: &Exchange, names: Names<'_>) -> Reply {
    let mut stream = TcpStream::connect(api.url.trim_start_matches("http://")).await.unwrap();
    // A server that has seen enough may close before it has read everything.
    let _ = stream.write_all(&bytes_of(entry, names)).await;
    let mut seen = Vec::new();
    let reading = async {
        let mut part = vec![0; 16 * 1024];
        while let Ok(size @ 1..) = stream.read(&mut part).await {
            seen.extend_from_slice(&part[..size]);
            if is_whole(&seen, entry.call.whole().starts_with("HEAD ")) {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(PATIENCE, reading).await;
    Reply::parse(&seen)
}

/// Whether an answer has ended, though the connection may go on.
fn is_whole(seen: &[u8], is_head: bool) -> bool {
    let text = String::from_utf8_lossy(seen);
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let end = seen.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    length.is_some_and(|length: usize| is_head || seen.len() >= end + length)
}
