//! Reads server-sent events (the HTML standard, section 9.2.6), as far as the admin API writes them.

use std::time::Duration;

use reqwest::Response;
use tokio::time::timeout;

/// Longest event that is waited for, in bytes; the API writes none of a hundredth of this.
const LONGEST: usize = 4 * 1024 * 1024;

/// A stream that is silent for so long is not there any more, though nobody said so: the API gives a sign of life each 15
/// seconds.
const LONGEST_SILENCE: Duration = Duration::from_secs(60);

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// The id it came with, or the one before.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
    /// What it carries.
    pub(super) data: String,
}

/// Cuts what arrives into events.
#[derive(Debug, Default)]
struct Cutter {
    bytes: Vec<u8>,
    id: String,
}

impl Cutter {
    fn next(&mut self) -> Option<Message> {
        loop {
            let end = self.bytes.windows(2).position(|pair| pair == b"\n\n")?;
            let block: Vec<u8> = self.bytes.drain(..end + 2).collect();
            let message = self.read(&String::from_utf8_lossy(&block));
            if message.is_some() {
                return message;
            }
        }
    }

    /// A block without data, such as a comment, is no event.
    fn read(&mut self, block: &str) -> Option<Message> {
        let (mut name, mut data) = (String::new(), Vec::new());
        for line in block.lines() {
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "id" => value.clone_into(&mut self.id),
                "event" => value.clone_into(&mut name),
                "data" => data.push(value),
                _ => {}
            }
        }
        (!data.is_empty()).then(|| Message { id: self.id.clone(), name, data: data.join("\n") })
    }
}

/// A stream of events.
#[derive(Debug)]
pub(super) struct Messages {
    response: Response,
    cutter: Cutter,
}

impl Messages {
    /// The events of an answer.
    pub(super) fn of(response: Response) -> Self {
        Self { response, cutter: Cutter::default() }
    }

    /// The next event; `None` when the stream has ended, broke, or gives no sign of life.
    pub(super) async fn next(&mut self) -> Option<Message> {
        loop {
            if let Some(message) = self.cutter.next() {
                return Some(message);
            }
            let chunk = timeout(LONGEST_SILENCE, self.response.chunk()).await.ok()?.ok().flatten()?;
            self.cutter.bytes.extend_from_slice(&chunk);
            if self.cutter.bytes.len() > LONGEST {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_cut_wherever_chunks_end() {
        let text = ": \nretry: 2000\n\nid: 7\nevent: tenant.edited\ndata: {\"a\": \"ü\"}\n\n:beat\n\nevent: x\ndata:1\ndata: 2\n\nid: 9\n";
        let message =
            |id: &str, name: &str, data: &str| Message { id: id.into(), name: name.into(), data: data.into() };
        let expected = [message("7", "tenant.edited", "{\"a\": \"ü\"}"), message("7", "x", "1\n2")];
        for size in 1..text.len() {
            let (mut cutter, mut found) = (Cutter::default(), Vec::new());
            for chunk in text.as_bytes().chunks(size) {
                cutter.bytes.extend_from_slice(chunk);
                while let Some(message) = cutter.next() {
                    found.push(message);
                }
            }
            assert_eq!(found, expected, "chunks of {size}");
        }
    }
}
