//! Settings of the PostgreSQL servers that tenants are placed on. Only a worker has them.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::config::read::Reader;
use crate::domain::server::{ServerAddress, ServerName};
use crate::domain::stock::Copies;

const SCHEMES: [&str; 2] = ["postgres", "postgresql"];

/// The PostgreSQL servers that tenants are placed on.
#[derive(Clone, Debug)]
pub struct TenantServerSettings {
    /// URL of the administrator of the server called `default`.
    pub admin_url: SecretString,
    /// Whether that is the URL of the control database, as no other was given.
    pub is_control: bool,
    /// `host:port` of that server for tenants' apps.
    pub address: String,
    /// The other servers.
    pub further: Vec<FurtherServer>,
    /// Connections a tenant's login role may hold where its plan does not say.
    pub connection_limit: u32,
    /// What is made beforehand.
    pub stock: StockSettings,
}

/// What is made of tenants' databases beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StockSettings {
    /// Whether tenants' databases are copies.
    pub copies: Copies,
    /// Spares kept ready on each server.
    pub spares: u32,
}

/// A server beside the default one.
#[derive(Clone, Debug)]
pub struct FurtherServer {
    /// Its name in the control database.
    pub name: ServerName,
    /// URL of its administrator.
    pub admin_url: SecretString,
}

/// Reads them; without a URL of its own the default server is that of the control database.
pub(super) fn read(r: &mut Reader, control: Option<&SecretString>) -> Option<TenantServerSettings> {
    let connection_limit = r.number("tenant_connection_limit", 1, 10_000);
    let stock = stock(r);
    let further = further(r);
    let given = r.parse_optional("tenant_database_address", |text| {
        ServerAddress::parse(text).ok_or("must be host:port, an IPv6 address in brackets")
    });
    let own_url = r.secret_url("tenant_database_url", &SCHEMES);
    let is_control = own_url.is_none();
    let admin_url = own_url.or_else(|| control.cloned())?;
    let address = match given {
        Some(address) => address.as_str().to_owned(),
        None => {
            let url = Url::parse(admin_url.expose_secret()).ok()?;
            format!("{}:{}", url.host_str()?, url.port().unwrap_or(5432))
        }
    };
    Some(TenantServerSettings { admin_url, is_control, address, further, connection_limit, stock: stock? })
}

fn stock(r: &mut Reader) -> Option<StockSettings> {
    let spares = r.number("tenant_database_spares", 0, 1_000);
    let copies =
        r.parse("tenant_database_copies", |text| Copies::parse(text).ok_or("must be auto, always or never"))?;
    Some(StockSettings { copies, spares: if copies == Copies::Never { 0 } else { spares } })
}

/// Pairs `name=URL` between blanks and line breaks, which no URL holds. An entry is told by its place alone: one that is
/// cut at the wrong place may begin with a part of a password.
fn further(r: &mut Reader) -> Vec<FurtherServer> {
    const NAME: &str = "tenant_database_urls";
    let text = SecretString::from(r.text(NAME));
    let mut servers: Vec<FurtherServer> = Vec::new();
    for (index, entry) in text.expose_secret().split_whitespace().enumerate() {
        let position = index + 1;
        let Some((name, url)) = entry.split_once('=') else {
            r.refuse(NAME, format!("entry {position} is not name=postgres://…"));
            continue;
        };
        let name = ServerName::parse(name);
        match &name {
            None => r.refuse(NAME, format!("entry {position} has a name that is not 1 to 40 of a-z, 0-9 and hyphen")),
            Some(name) if name.is_of_settings() => {
                r.refuse(NAME, format!("entry {position} has the name of the server of tenant_database_url"));
            }
            Some(name) if servers.iter().any(|known| known.name == *name) => {
                r.refuse(NAME, format!("entry {position} has a name used before"));
            }
            Some(_) => {}
        }
        let url = Url::parse(url).ok().filter(|url| SCHEMES.contains(&url.scheme()) && url.has_host());
        if url.is_none() {
            let why = format!("entry {position} must have a URL with scheme {} and a host", SCHEMES.join(" or "));
            r.refuse(NAME, why);
        }
        if let Some((name, url)) = name.zip(url) {
            servers.push(FurtherServer { name, admin_url: SecretString::from(String::from(url)) });
        }
    }
    servers
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::{Settings, load};

    fn settings(urls: &str) -> Result<Settings, Vec<String>> {
        let given = [
            ("GATEWAY_DATABASE_URL", "postgres://u:p@control/gateway"),
            ("GATEWAY_SECRET_KEYS", "k:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            ("GATEWAY_TENANT_DATABASE_URLS", urls),
        ];
        let given: BTreeMap<String, String> = given.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        load(&given).map_err(|errors| errors.0.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn names_and_urls_stand_in_pairs() {
        let read = settings("  eu-1=postgres://u:p%40%20%3D=%2F@db-1:6432/postgres\n us=postgresql://u@[::1]/x?a=b\n")
            .unwrap();
        let found: Vec<(&str, &str)> =
            read.tenant_server.further.iter().map(|one| (one.name.as_str(), one.admin_url.expose_secret())).collect();
        assert_eq!(
            found,
            [("eu-1", "postgres://u:p%40%20%3D%3D%2F@db-1:6432/postgres"), ("us", "postgresql://u@[::1]/x?a=b")]
        );
        assert_eq!(read.tenant_server.address, "control:5432");
        assert!(settings("").unwrap().tenant_server.further.is_empty());
    }

    #[test]
    fn everything_wrong_is_told_by_its_place_and_no_secret_is() {
        let wrong = "postgres://u:hidden@a default=postgres://u:hidden@a one=postgres://a one=mysql://u:hidden@a \
                     u:hidden=x=postgres://a two=postgres:hidden";
        let errors = settings(wrong).unwrap_err();
        let said = errors.join("\n");
        assert!(errors.iter().all(|error| error.starts_with("tenant_database_urls (GATEWAY_TENANT_DATABASE_URLS) ")));
        for place in [
            "entry 1 is not",
            "entry 2 has the name",
            "entry 4 has a name used",
            "entry 4 must have",
            "entry 5 has a name that",
            "entry 5 must",
            "entry 6 must have",
        ] {
            assert!(said.contains(place), "{place} in {said}");
        }
        assert_eq!(errors.len(), 7, "{said}");
        assert!(!said.contains("hidden"), "{said}");
    }

    #[test]
    fn no_credential_shows() {
        let shown = format!("{:?}", settings("eu=postgres://u:hidden@a").unwrap());
        assert!(!shown.contains("hidden") && shown.contains("eu"));
    }
}
