//! What looks like something else: names that strangers may not take because they would pass for another.
//!
//! Keys are ASCII, so a short folding is enough for them. Company names hold any script and are compared by the skeletons
//! of Unicode Technical Standard 39.

use std::collections::BTreeSet;

use deunicode::deunicode;
use unicode_security::MixedScript;
use unicode_security::confusable_detection::skeleton;

use crate::domain::key::{RESERVED, TenantKey};
use crate::domain::tenant::CompanyName;

/// Names that are kept for the operator; each has its reason in the file.
const RESERVED_NAMES: &str = include_str!("reserved_names.txt");

/// What a key looks like at a glance: `0` as `o`, `1` and `i` as `l`, `rn` as `m`, `vv` as `w`. The SQL function
/// `gateway.key_skeleton` folds alike.
#[must_use]
pub fn key_skeleton(key: &str) -> String {
    let folded = key.replace("rn", "m").replace("vv", "w");
    let fold = |letter| match letter {
        '0' => 'o',
        '1' | 'i' => 'l',
        other => other,
    };
    folded.chars().map(fold).collect()
}

/// Without hyphens too: `ad-min` reads as the word.
fn bare_skeleton(name: &str) -> String {
    key_skeleton(&name.replace('-', ""))
}

/// A name as it would be written in a key.
fn as_key(name: &str) -> String {
    deunicode(name).to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect()
}

fn text_skeleton(text: &str) -> String {
    // Folded again: a skeleton may hold capital letters, as that of a small l does.
    skeleton(&text.to_lowercase()).collect::<String>().to_lowercase()
}

/// Whether a character is not seen and changes how its neighbours are read.
const fn is_hidden(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Joins letters of Arabic and Indic scripts; between Latin ones it is only hidden.
const fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200c}' | '\u{200d}')
}

/// Why a stranger may not go by a company name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LikenessError {
    /// A character that is not seen.
    #[error("must not hold characters that are not seen")]
    Hidden,
    /// A word with letters of scripts that are not written together.
    #[error("must not mix letters of different scripts in one word")]
    MixedScripts,
    /// It passes for a name that is kept for the operator.
    #[error("looks like a name that is kept for the operator")]
    Protected,
}

impl LikenessError {
    /// Stable code for API answers.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::MixedScripts => "mixed_scripts",
            Self::Protected => "confusable",
        }
    }
}

/// Names that are kept for the operator, and whatever looks like one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectedNames {
    keys: BTreeSet<String>,
    /// By what they look like as text: those everybody knows, and the operator's own.
    known: BTreeSet<String>,
    own: BTreeSet<String>,
}

impl ProtectedNames {
    /// The built-in names and the operator's own, such as the name of the product.
    #[must_use]
    pub fn new(own: &[String]) -> Self {
        let lines = RESERVED_NAMES.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let known: BTreeSet<&str> = lines.chain(RESERVED.iter().copied()).collect();
        let keys = known.iter().map(|name| bare_skeleton(name));
        let keys = keys.chain(own.iter().map(|name| bare_skeleton(&as_key(name))));
        Self {
            keys: keys.collect(),
            known: known.iter().map(|name| text_skeleton(name)).collect(),
            own: own.iter().map(|name| text_skeleton(name)).collect(),
        }
    }

    /// Whether a key is one of them or looks like one.
    #[must_use]
    pub fn hold_key(&self, key: &TenantKey) -> bool {
        self.keys.contains(&bare_skeleton(key.as_str()))
    }

    /// Whether a stranger may go by this name. A plain word such as `Press` is a name like others; one that only looks
    /// like a protected word is meant to deceive, and the operator's own names are nobody else's.
    ///
    /// # Errors
    /// The first rule the name breaks.
    pub fn check_company(&self, name: &CompanyName) -> Result<(), LikenessError> {
        let name = name.as_str();
        let has_latin = name.chars().any(|letter| letter.is_ascii_alphanumeric());
        if name.chars().any(|letter| is_hidden(letter) || (has_latin && is_joiner(letter))) {
            return Err(LikenessError::Hidden);
        }
        let mut words = name.split(|letter: char| !letter.is_alphanumeric());
        if !words.all(MixedScript::is_single_script) {
            return Err(LikenessError::MixedScripts);
        }
        let skeleton = text_skeleton(name);
        let is_imitation = !name.is_ascii() && self.known.contains(&skeleton);
        if is_imitation || self.own.contains(&skeleton) { Err(LikenessError::Protected) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> ProtectedNames {
        ProtectedNames::new(&["Wonder Desk".to_owned(), "Büro".to_owned()])
    }

    fn holds(key: &str) -> bool {
        names().hold_key(&TenantKey::parse(key).unwrap())
    }

    #[test]
    fn keys_that_look_like_protected_ones_are_held() {
        for key in [
            "adrnin",
            "adm1n",
            "adrn1n",
            "ad-min",
            "l0gin",
            "log1n",
            "vvww",
            "wvvw",
            "wwvv",
            "vv-ww",
            "supp0rt",
            "p0stgres",
            "trae-fik",
            "buro",
            "bur0",
            "wonderdesk",
            "w0nderdesk",
            "vvonder-desk",
            "b1lling",
            "bill1ng",
            "statlc",
            "ema1l",
        ] {
            assert!(holds(key), "{key}");
        }
        for key in ["acme", "administer", "wwwacme", "acme-admin", "supporters", "desk", "dashing", "login2"] {
            assert!(!holds(key), "{key}");
        }
    }

    #[test]
    fn the_file_holds_each_name_once_and_only_names() {
        let lines: Vec<&str> =
            RESERVED_NAMES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        let once: BTreeSet<&&str> = lines.iter().collect();
        assert_eq!(once.len(), lines.len());
        for line in lines {
            assert!(line.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{line}");
        }
    }

    #[test]
    fn company_names_that_deceive_are_refused() {
        let check = |name: &str| names().check_company(&CompanyName::parse(name).unwrap());
        for good in [
            "Acme Logistics",
            "Müller & Söhne GmbH",
            "株式会社メルカリ",
            "Яндекс Cloud",
            "Acme Ελλάς",
            "삼성전자",
            "Press",
            "Test",
            "شرکت نرم\u{200c}افزار",
            "3M",
            "L'Oréal",
            "Wonder",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("\u{0410}cme", LikenessError::MixedScripts),
            ("Goog\u{04cf}e", LikenessError::MixedScripts),
            ("Ac\u{200b}me", LikenessError::Hidden),
            ("Ac\u{200d}me", LikenessError::Hidden),
            ("\u{0430}\u{0440}\u{0440}", LikenessError::Protected),
            ("\u{03a9}mega", LikenessError::MixedScripts),
            ("Wonder Desk", LikenessError::Protected),
            ("WONDER DESK", LikenessError::Protected),
            ("Ｗｏｎｄｅｒ Ｄｅｓｋ", LikenessError::Protected),
        ] {
            assert_eq!(check(bad), Err(why), "{bad}");
        }
    }
}
