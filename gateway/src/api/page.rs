//! Cursors and limits of lists.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use uuid::Uuid;

use crate::api::extract::Fields;
use crate::domain::orphan::OrphanKind;
use crate::store::tenant_list::{OrderValue, TenantOrder, TenantPlace};

/// Items of a page when nothing is asked for.
const DEFAULT_LIMIT: u32 = 50;
/// Items of a page at most.
const MAX_LIMIT: u32 = 200;

/// A place in the order of a list.
pub(super) trait Place: Sized {
    /// Its text; a cursor carries it.
    fn text(&self) -> String;
    /// Reads the text of a cursor.
    fn parse(text: &str) -> Option<Self>;
}

/// A place in the order newest first.
impl Place for (Timestamp, Uuid) {
    fn text(&self) -> String {
        format!("{}.{}", self.0.as_microsecond(), self.1)
    }

    fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        Some((Timestamp::from_microsecond(at.parse().ok()?).ok()?, Uuid::try_parse(id).ok()?))
    }
}

/// A place in the order of API keys, newest first.
impl Place for (Timestamp, String) {
    fn text(&self) -> String {
        format!("{}.{}", self.0.as_microsecond(), self.1)
    }

    fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        let is_id = id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_id.then_some((Timestamp::from_microsecond(at.parse().ok()?).ok()?, id.to_owned()))
    }
}

/// A place in the order by name.
impl Place for String {
    fn text(&self) -> String {
        self.clone()
    }

    fn parse(text: &str) -> Option<Self> {
        (!text.contains('\0')).then(|| text.to_owned())
    }
}

/// A place in a list of tenants: the order, the value there, and the tenant.
impl Place for TenantPlace {
    fn text(&self) -> String {
        let value = match &self.value {
            OrderValue::Time(at) => at.as_microsecond().to_string(),
            OrderValue::Text(text) => text.clone(),
        };
        format!("{}\n{}\n{value}", self.order.as_str(), self.id)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '\n');
        let word = parts.next()?;
        let order = TenantOrder::ALL.into_iter().find(|order| order.as_str() == word)?;
        let id = Uuid::try_parse(parts.next()?).ok()?;
        let value = parts.next().filter(|value| !value.contains('\0'))?;
        let value = match order {
            TenantOrder::Created | TenantOrder::Updated => {
                OrderValue::Time(Timestamp::from_microsecond(value.parse().ok()?).ok()?)
            }
            TenantOrder::Key | TenantOrder::Company => OrderValue::Text(value.to_owned()),
        };
        Some(Self { order, value, id })
    }
}

/// A place in the audit log.
impl Place for i64 {
    fn text(&self) -> String {
        self.to_string()
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// A place in the order of orphans: kind, place and name, none of which holds the separator.
impl Place for (OrphanKind, String, String) {
    fn text(&self) -> String {
        format!("{}\n{}\n{}", self.0, self.1, self.2)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '\n');
        let kind = OrphanKind::parse(parts.next()?)?;
        let (place, name) = (parts.next()?, parts.next()?);
        (!text.contains('\0')).then(|| (kind, place.to_owned(), name.to_owned()))
    }
}

/// Which part of a list is asked for.
#[derive(Clone, Debug)]
pub(super) struct Page<P = (Timestamp, Uuid)> {
    /// Items at most.
    pub(super) limit: u32,
    /// Only items after this place.
    pub(super) after: Option<P>,
}

/// Text of a place; callers give it back and do not look into it.
fn cursor(place: &impl Place) -> String {
    URL_SAFE_NO_PAD.encode(place.text())
}

fn place<P: Place>(cursor: &str) -> Option<P> {
    P::parse(&String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?)
}

impl<P: Place> Page<P> {
    /// Takes `limit`; a wrong one is noted.
    pub(super) fn read_limit(fields: &mut Fields) -> u32 {
        let Some(text) = fields.text("limit") else { return DEFAULT_LIMIT };
        match text.parse::<u32>() {
            Ok(number) if (1..=MAX_LIMIT).contains(&number) => number,
            _ => {
                fields.refuse("limit", "range", format!("must be a number from 1 to {MAX_LIMIT}"));
                DEFAULT_LIMIT
            }
        }
    }

    /// Takes `limit` and `cursor`; wrong ones are noted.
    pub(super) fn read(fields: &mut Fields) -> Self {
        let limit = Self::read_limit(fields);
        let mut after = None;
        if let Some(text) = fields.text("cursor") {
            after = place(&text);
            if after.is_none() {
                fields.refuse("cursor", "cursor", "must be a next_cursor of an earlier answer");
            }
        }
        Self { limit, after }
    }

    /// How many to ask the store for: one more than the page holds tells whether there is a next page.
    pub(super) const fn ask(&self) -> u32 {
        self.limit + 1
    }

    /// Drops the surplus item and says where the next page begins.
    pub(super) fn cut<T>(&self, items: &mut Vec<T>, place_of: impl Fn(&T) -> P) -> Option<String> {
        let limit = self.limit as usize;
        if items.len() <= limit {
            return None;
        }
        items.truncate(limit);
        items.last().map(|last| cursor(&place_of(last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_nonsense_is_refused() {
        let here = (Timestamp::from_microsecond(1_700_000_000_123_456).unwrap(), Uuid::from_u128(7));
        assert_eq!(place(&cursor(&here)), Some(here));
        let orphan = (OrphanKind::Role, "default".to_owned(), "t_1_app".to_owned());
        assert_eq!(place(&cursor(&orphan)), Some(orphan));
        for bad in ["", "x", "!!", &URL_SAFE_NO_PAD.encode("1.x"), &URL_SAFE_NO_PAD.encode("9223372036854775807.x")] {
            assert_eq!(place::<(Timestamp, Uuid)>(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_page_ends_where_the_next_begins() {
        let at = |n: i64| (Timestamp::from_microsecond(n).unwrap(), Uuid::from_u128(1));
        let page = Page { limit: 2, after: None };
        let mut items = vec![3, 2, 1];
        assert_eq!(page.cut(&mut items, |n| at(*n)), Some(cursor(&at(2))));
        assert_eq!(items, [3, 2]);
        assert_eq!(page.cut(&mut items, |n| at(*n)), None);
    }
}
