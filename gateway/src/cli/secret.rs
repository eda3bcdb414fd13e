//! `gatewayctl secret`

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::cli::arguments::SecretVerb;
use crate::cli::terminal::Terminal;

/// Does it, without a server.
pub(super) fn run(terminal: Terminal, verb: SecretVerb) {
    let SecretVerb::Generate { key_id } = verb;
    terminal.print(&generate(key_id.as_deref()));
}

/// A line that tells nothing of any other.
fn generate(key_id: Option<&str>) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; 32]);
    // ThreadRng is cryptographically secure and seeded by the system.
    rand::Rng::fill_bytes(&mut rand::rng(), bytes.as_mut_slice());
    Zeroizing::new(match key_id {
        Some(id) => format!("{id}:{}\n", STANDARD.encode(bytes.as_slice())),
        None => format!("{}\n", URL_SAFE_NO_PAD.encode(bytes.as_slice())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::seal::KeyRing;

    #[test]
    fn an_entry_is_one_of_the_setting() {
        let (old, new) = (generate(Some("k1")), generate(Some("2026b")));
        let ring = KeyRing::parse(&format!("{},{}", new.trim_end(), old.trim_end())).unwrap();
        assert_eq!(ring.sealing_key(), "2026b");
    }

    #[test]
    fn a_secret_is_32_bytes_of_its_own_that_need_no_quoting() {
        let (one, other) = (generate(None), generate(None));
        assert_ne!(*one, *other);
        assert_eq!(URL_SAFE_NO_PAD.decode(one.trim_end()).unwrap().len(), 32);
    }
}
