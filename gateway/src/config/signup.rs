//! What strangers may ask for.

use std::collections::BTreeMap;
use std::time::Duration;

use url::Url;

use crate::config::read::Reader;
use crate::domain::labels::LabelsPatch;
use crate::domain::likeness::ProtectedNames;
use crate::domain::signup::{Approval, SignupRules};
use crate::domain::tenant::Tier;

/// Most signups an hour that can be set.
const MOST: u32 = 1_000_000;

/// How many signups there may be in an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignupBudgets {
    /// From one network, /24 or /64.
    pub network: u32,
    /// With addresses of one mail domain.
    pub mail_domain: u32,
    /// With one address, letters sent again included.
    pub mail_address: u32,
    /// In all.
    pub total: u32,
}

/// What strangers may ask for, and what it takes.
#[derive(Clone, Debug)]
pub struct SignupSettings {
    /// Whether anybody may sign up.
    pub enabled: bool,
    /// What a signup has to pass.
    pub rules: SignupRules,
    /// Where the link in the letter leads; the console where none is set.
    pub proof_url: Option<Url>,
    /// How many there may be in an hour.
    pub budgets: SignupBudgets,
    /// Whether nobody may begin one while there is no room for another tenant.
    pub check_room: bool,
    /// How many may wait at once.
    pub waiting: u32,
    /// Domains whose addresses may sign up; all when empty.
    pub mail_domains: Vec<String>,
    /// How the tenants are served.
    pub tier: Tier,
    /// Labels of the tenants.
    pub labels: LabelsPatch,
    /// Names strangers may not take.
    pub names: ProtectedNames,
    /// How long a signup waits for an operator, and how long one that ended is kept.
    pub keep: Duration,
}

fn read_labels(text: &str) -> Result<LabelsPatch, String> {
    let labels = serde_json::from_str::<BTreeMap<String, String>>(text);
    let labels = labels.map_err(|_| "must be a JSON object of strings".to_owned())?;
    let mut patch = LabelsPatch::default();
    for (name, value) in &labels {
        patch.set(name, Some(value.clone())).map_err(|error| format!("has a label that {error}"))?;
    }
    patch.apply(&mut BTreeMap::new()).map_err(|error| format!("has labels that {error}"))?;
    Ok(patch)
}

fn read_domain(text: &str) -> Result<String, &'static str> {
    let labels = || text.split('.');
    let is_fit = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let fits = labels().count() > 1 && labels().all(is_fit);
    fits.then(|| text.to_ascii_lowercase()).ok_or("must be domains such as example.com")
}

fn read_name(text: &str) -> Result<String, &'static str> {
    let fits = text.chars().count() <= 100 && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned()).ok_or("must be names of at most 100 characters")
}

/// `None` only together with at least one error in the reader.
pub(super) fn read(r: &mut Reader) -> Option<SignupSettings> {
    let approval = r.parse("signup_approval", |word| Approval::parse(word).ok_or("must be automatic or manual"));
    let tier = r.parse("signup_tier", |word| Tier::parse(word).ok_or("must be shared or dedicated"));
    let labels = r.parse("signup_labels", read_labels);
    let own = r.list("signup_protected_names", read_name);
    let keep: u32 = r.number("signup_keep_days", 1, 3650);
    let proof_url = r.url("signup_proof_url", &["http", "https"]);
    if proof_url.as_ref().is_some_and(|url| url.fragment().is_some()) {
        r.refuse("signup_proof_url", "must not hold a fragment: the token stands there");
    }
    let (enabled, mail_proof) = (r.flag("signup_enabled"), r.flag("signup_mail_proof"));
    let budgets = SignupBudgets {
        network: r.number("signup_network_per_hour", 1, MOST),
        mail_domain: r.number("signup_mail_domain_per_hour", 1, MOST),
        mail_address: r.number("signup_mail_address_per_hour", 1, MOST),
        total: r.number("signup_per_hour", 1, MOST),
    };
    let waiting = r.number("signup_waiting_limit", 1, MOST);
    let mail_domains = r.list("signup_mail_domains", read_domain);
    Some(SignupSettings {
        enabled,
        rules: SignupRules { mail_proof, approval: approval? },
        proof_url,
        budgets,
        check_room: r.flag("signup_check_room"),
        waiting,
        mail_domains,
        tier: tier?,
        labels: labels?,
        names: ProtectedNames::new(&own),
        keep: Duration::from_secs(u64::from(keep) * 86_400),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert!(read_labels(r#"{"plan": "trial"}"#).is_ok());
        for bad in ["[]", "{", r#"{"Plan": "x"}"#, r#"{"plan": 1}"#, r#"{"plan": "a\nb"}"#] {
            assert!(read_labels(bad).is_err(), "{bad}");
        }
        assert_eq!(read_domain("Example.COM"), Ok("example.com".to_owned()));
        for bad in ["", "example", "@example.com", "a..b", "a b.c"] {
            assert!(read_domain(bad).is_err(), "{bad}");
        }
    }
}
