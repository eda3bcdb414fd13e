//! Keys that suit a company name.

use deunicode::deunicode;

use crate::domain::key::{MAX_LEN, TenantKey};
use crate::domain::tenant::CompanyName;

/// Room for a number or a few random letters behind the name.
const MAX_BASE: usize = MAX_LEN - 8;
/// What a key is made from when nothing of the name can be written in ASCII.
const NAMELESS: &str = "workspace";
/// Endings that say what a company is in law, not what it is called.
const LEGAL_FORMS: &[&str] = &[
    "ab",
    "ag",
    "aps",
    "as",
    "asa",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "eg",
    "ev",
    "gbr",
    "gmbh",
    "inc",
    "incorporated",
    "kft",
    "kg",
    "limited",
    "llc",
    "llp",
    "ltd",
    "nv",
    "ohg",
    "oy",
    "plc",
    "pte",
    "pty",
    "sa",
    "sarl",
    "sas",
    "se",
    "sl",
    "spa",
    "srl",
    "sro",
    "ug",
];
/// Numbers tried behind a name that is not free.
const NUMBERS: std::ops::RangeInclusive<u32> = 2..=9;

/// The words of a name in small ASCII letters and digits.
fn words(name: &str) -> Vec<String> {
    let ascii = deunicode(name).replace(['\'', '’', '`'], "").to_ascii_lowercase();
    let words = ascii.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn base_of(name: &str) -> String {
    let mut words = words(name);
    while words.len() > 1 && words.last().is_some_and(|word| LEGAL_FORMS.contains(&word.as_str())) {
        words.pop();
    }
    let mut base = String::new();
    for word in words {
        let room = MAX_BASE.saturating_sub(base.len() + usize::from(!base.is_empty()));
        if !base.is_empty() && word.len() > room {
            break;
        }
        if !base.is_empty() {
            base.push('-');
        }
        base.push_str(word.get(..word.len().min(room)).unwrap_or_default());
    }
    if base.len() < 2 { NAMELESS.to_owned() } else { base }
}

/// Keys that suit a name, the nearest first. The last has `random` in it and is as good as always free.
#[must_use]
pub fn keys_for(name: &CompanyName, random: u32) -> Vec<TenantKey> {
    let base = base_of(name.as_str());
    let numbered = NUMBERS.map(|number| format!("{base}-{number}"));
    let last = format!("{base}-{:06x}", random & 0x00ff_ffff);
    let texts = std::iter::once(base.clone()).chain(numbered).chain([last]);
    texts.filter_map(|text| TenantKey::parse(&text).ok()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn first(name: &str) -> String {
        keys_for(&CompanyName::parse(name).unwrap(), 7)[0].to_string()
    }

    #[test]
    fn keys_read_like_the_name() {
        for (name, key) in [
            ("Acme Logistics", "acme-logistics"),
            ("Acme, Inc.", "acme"),
            ("Müller & Söhne GmbH", "muller-sohne"),
            ("L'Oréal S.A.", "loreal-s-a"),
            ("Straße 7 AG", "strasse-7"),
            ("Яндекс", "iandeks"),
            ("GmbH", "gmbh"),
            ("!!!", "workspace"),
            ("X", "workspace"),
            ("admin", "admin-2"),
            ("The Very Long Company Name Of Somewhere Else", "the-very-long-company-name-of"),
        ] {
            assert_eq!(first(name), key, "{name}");
        }
    }

    #[test]
    fn there_are_others_when_the_first_is_not_free() {
        let keys = keys_for(&CompanyName::parse("Acme").unwrap(), 0xff12_34ab);
        let texts: Vec<&str> = keys.iter().map(TenantKey::as_str).collect();
        assert_eq!((texts.len(), texts[1], texts[9]), (10, "acme-2", "acme-1234ab"));
    }

    proptest! {
        #[test]
        fn every_name_has_keys(name in "\\PC{1,200}", random: u32) {
            if let Ok(name) = CompanyName::parse(&name) {
                prop_assert!(keys_for(&name, random).len() >= 9);
            }
        }
    }
}
