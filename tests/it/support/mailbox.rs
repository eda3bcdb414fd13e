//! A mail server that keeps what it takes. Speaks as much of RFC 5321 as a client needs that sends plain mail.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) to: String,
    /// Head and body, decoded where they are quoted-printable.
    pub(crate) text: String,
}

impl Arrived {
    /// What follows a text up to the next blank, such as the token of a link.
    pub(crate) fn after(&self, text: &str) -> String {
        let (_, rest) = self.text.split_once(text).unwrap_or_else(|| panic!("{text} in {}", self.text));
        rest.split_whitespace().next().unwrap_or_default().to_owned()
    }
}

/// What the server answers a recipient with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Takes,
    RefusesNow,
    RefusesForGood,
}

/// The server.
pub(crate) struct Mailbox {
    /// For `GATEWAY_SMTP_URL`.
    pub(crate) url: String,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    mood: Arc<Mutex<Mood>>,
    attempts: Arc<Mutex<usize>>,
    stop: CancellationToken,
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Mailbox {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let mood = Arc::new(Mutex::new(Mood::Takes));
        let attempts = Arc::new(Mutex::new(0));
        let (kept, temper, counted) = (Arc::clone(&arrived), Arc::clone(&mood), Arc::clone(&attempts));
        let stop = CancellationToken::new();
        let (stopped, parts) = (stop.clone(), TaskTracker::new());
        let connections = parts.clone();
        parts.spawn(async move {
            while let Some(Ok((stream, _))) = stopped.run_until_cancelled(listener.accept()).await {
                connections.spawn(serve(stream, Arc::clone(&kept), Arc::clone(&temper), Arc::clone(&counted)));
            }
        });
        Self { url, arrived, mood, attempts, stop }
    }

    pub(crate) fn be(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// Recipients named so far, taken or refused.
    pub(crate) fn attempts(&self) -> usize {
        *self.attempts.lock().unwrap()
    }

    /// What came for an address.
    pub(crate) fn of(&self, to: &str) -> Vec<Arrived> {
        self.arrived.lock().unwrap().iter().filter(|mail| mail.to == to).cloned().collect()
    }

    /// Waits for so many mails to an address; the last one.
    pub(crate) async fn wait(&self, to: &str, count: usize) -> Arrived {
        super::wait_for(&format!("mail {count} to {to}"), super::PATIENCE, async || {
            let found = self.of(to);
            if found.len() >= count { found.last().cloned().ok_or_else(String::new) } else { Err(format!("{found:?}")) }
        })
        .await
    }
}

async fn serve(
    stream: TcpStream,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    mood: Arc<Mutex<Mood>>,
    attempts: Arc<Mutex<usize>>,
) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut to = String::new();
    if write.write_all(b"220 mailbox\r\n").await.is_err() {
        return;
    }
    while let Ok(Some(line)) = lines.next_line().await {
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match word.as_str() {
            "EHLO" => "250-mailbox\r\n250 8BITMIME\r\n",
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                *attempts.lock().unwrap() += 1;
                match *mood.lock().unwrap() {
                    Mood::Takes => "250 ok\r\n",
                    Mood::RefusesNow => "451 later\r\n",
                    Mood::RefusesForGood => "550 never\r\n",
                }
            }
            "DATA" => {
                if write.write_all(b"354 go on\r\n").await.is_err() {
                    return;
                }
                let mut text = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    text.push('\n');
                }
                let text = text.replace("=\n", "").replace("=3D", "=");
                arrived.lock().unwrap().push(Arrived { to: to.clone(), text });
                "250 ok\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        if write.write_all(answer.as_bytes()).await.is_err() || word == "QUIT" {
            return;
        }
    }
}
