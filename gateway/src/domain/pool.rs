//! Shared pools: whether they take tenants, where requests go, and what the containers of managed ones are made from.

use url::Url;

use crate::domain::ids::PoolId;
use crate::domain::operation::words;
use crate::domain::ports::TenantPorts;

/// Members of one pool at most.
pub const MAX_MEMBERS: usize = 16;
/// Most tenants that can be asked for as a capacity.
pub const MAX_CAPACITY: i32 = 1_000_000;
/// Greatest weight.
pub const MAX_WEIGHT: i32 = 1000;

/// Containers of one managed pool at most: one more is there for a moment while one takes the place of another.
pub const MAX_REPLICAS: u8 = 15;
/// Longest name of an image.
pub const MAX_IMAGE: usize = 500;
/// Most variables in the environment of a pool's containers.
pub const MAX_VARIABLES: usize = 100;
/// Longest name of a variable, in characters.
pub const MAX_VARIABLE_NAME: usize = 100;
/// Longest value of a variable, in characters.
pub const MAX_VARIABLE_VALUE: usize = 8_000;

words!(
    /// Whether a pool takes tenants and serves them.
    PoolState {
        /// Both.
        Active => "active",
        /// It serves those it has.
        Draining => "draining",
        /// Neither: its tenants get the 503 page.
        Stopped => "stopped",
        /// Neither, and its containers are being taken away. Only a managed pool, which has no tenants.
        Deleting => "deleting",
    }
);

words!(
    /// How a member of a pool is.
    MemberState {
        /// It is not known to answer yet.
        Starting => "starting",
        /// It answers.
        Healthy => "healthy",
        /// It answered, and does not any more; or it did not begin to in time.
        Unhealthy => "unhealthy",
        /// Its container is stopped with its pool.
        Stopped => "stopped",
    }
);

impl PoolState {
    /// Whether the hosts of its tenants are to be answered by its members.
    #[must_use]
    pub const fn serves(self) -> bool {
        matches!(self, Self::Active | Self::Draining)
    }

    /// Where requests for its tenants go: to its members, or, where it does not serve or no member answers, to the tenant
    /// ports, which show the page.
    #[must_use]
    pub fn upstreams(self, members: &[Url], tenant_ports: &TenantPorts) -> Vec<Url> {
        if self.serves() && !members.is_empty() { members.to_vec() } else { tenant_ports.urls().to_vec() }
    }
}

/// The name of an image as Docker takes it, with or without registry, tag and digest. Whether there is such an image, only
/// the engine can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image(String);

impl Image {
    /// Parses a name; `None` where it can be none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/@-".contains(&byte);
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        let is_name = begins && text.len() <= MAX_IMAGE && text.bytes().all(is_fit);
        is_name.then(|| Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of an environment variable: letters, digits and underscore, and no digit at the front.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VariableName(String);

impl VariableName {
    /// Parses a name; `None` where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_fit = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let begins = text.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
        (begins && is_fit && text.len() <= MAX_VARIABLE_NAME).then(|| Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where its sealed value belongs in a pool.
    #[must_use]
    pub fn place(&self, pool: PoolId) -> String {
        format!("pool/environment/{pool}/{}", self.0)
    }
}

/// What the containers of a managed pool are made from, beside their environment. `None` is what the settings of the
/// worker say.
#[derive(Clone, Debug, PartialEq)]
pub struct ManagedSpec {
    /// What they run.
    pub image: Image,
    /// The port it listens on.
    pub port: Option<u16>,
    /// How many there are; 1 to [`MAX_REPLICAS`].
    pub replicas: u8,
    /// Memory of each in MiB.
    pub memory_mib: Option<i32>,
    /// CPUs of each.
    pub cpus: Option<f64>,
    /// Processes of each.
    pub pids: Option<i32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_images_and_variables_are_told_from_others() {
        for good in ["app", "registry.test:5000/team/app:1.2", "app@sha256:0123456789abcdef"] {
            assert_eq!(Image::parse(good).map(|image| image.as_str().to_owned()).as_deref(), Some(good));
        }
        for bad in ["", "-app", ":1", "a b", "a\n", "äpp", &"a".repeat(MAX_IMAGE + 1)] {
            assert_eq!(Image::parse(bad), None, "{bad}");
        }
        assert!(VariableName::parse("_A1").is_some() && VariableName::parse("mailHost").is_some());
        for bad in ["", "1A", "A-B", "A=B", "A B", &"A".repeat(MAX_VARIABLE_NAME + 1)] {
            assert_eq!(VariableName::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_pool_leads_to_its_members_only_while_it_serves_and_some_answer() {
        let port = |url: &str| url.parse().unwrap();
        let page: Vec<Url> = vec![port("http://127.0.0.1:8000"), port("http://127.0.0.1:8100")];
        let tenant_ports = TenantPorts::of(page.clone()).unwrap();
        let members: Vec<Url> = vec!["http://10.0.0.1:80".parse().unwrap()];
        for state in PoolState::ALL {
            let expected = if state.serves() { &members } else { &page };
            assert_eq!(state.upstreams(&members, &tenant_ports), *expected, "{state}");
            assert_eq!(state.upstreams(&[], &tenant_ports), page, "{state}");
        }
    }
}
