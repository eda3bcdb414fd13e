//! Every column that holds sealed secrets, for sealing them again with another key.

use std::collections::BTreeMap;

use sqlx::{FromRow, Postgres, QueryBuilder};

use crate::domain::seal::Sealed;
use crate::store::{Store, StoreError};

/// A column of sealed secrets.
#[derive(Clone, Copy, Debug)]
pub struct SealedColumn {
    /// Table in the schema `gateway`.
    pub table: &'static str,
    /// The column; its name ends with `_sealed`.
    pub column: &'static str,
    /// What its values are sealed for, as an expression over the row.
    place: &'static str,
}

/// All of them. A column that is missing here would be lost with the key that sealed it, so a test compares this list with
/// the catalogue.
pub const COLUMNS: [SealedColumn; 9] = [
    SealedColumn { table: "tenant", column: "password_sealed", place: "'tenant/password/' || id" },
    SealedColumn { table: "tenant", column: "verifier_sealed", place: "'tenant/verifier/' || id" },
    SealedColumn { table: "answer", column: "body_sealed", place: "'answer/' || principal || '/' || key" },
    SealedColumn {
        table: "answer",
        column: "location_sealed",
        place: "'answer/' || principal || '/' || key || '/location'",
    },
    SealedColumn { table: "signup", column: "first_user_sealed", place: "'signup/first-user/' || id" },
    SealedColumn { table: "user_account", column: "totp_sealed", place: "'user/totp/' || id" },
    SealedColumn { table: "installation", column: "digest_key_sealed", place: "'installation/digest-key'" },
    SealedColumn {
        table: "pool_environment",
        column: "value_sealed",
        place: "'pool/environment/' || pool_id || '/' || name",
    },
    SealedColumn { table: "mail", column: "content_sealed", place: "'mail/' || id" },
];

/// Where the look through a column begins: before the first row.
pub const START: &str = "(0,0)";

/// A sealed value and where it stands.
#[derive(Clone, Debug)]
pub struct Found {
    /// Physical place of the row. An update of the row moves it, which [`Store::replace_sealed`] sees.
    pub row: String,
    /// What the value is sealed for.
    pub place: String,
    /// The value.
    pub sealed: Sealed,
}

#[derive(FromRow)]
struct Row {
    row: String,
    place: String,
    sealed: String,
}

#[derive(FromRow)]
struct Use {
    key: String,
    count: i64,
}

impl Store {
    /// Values of a column that another key than this one sealed, after a row; at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn find_sealed(
        &self,
        of: SealedColumn,
        key: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Found>, StoreError> {
        let SealedColumn { table, column, place } = of;
        let mut query = QueryBuilder::<Postgres>::new(format!(
            "SELECT ctid::text AS row, {place} AS place, {column} AS sealed FROM gateway.{table}
              WHERE split_part({column}, '.', 2) <> "
        ));
        query.push_bind(key.to_owned()).push(" AND ctid > ").push_bind(after.to_owned());
        query.push("::tid ORDER BY ctid LIMIT ").push_bind(limit);
        let rows: Vec<Row> = query.build_query_as().fetch_all(&self.pool).await?;
        let found = |row: Row| Found { row: row.row, place: row.place, sealed: Sealed::from_stored(row.sealed) };
        Ok(rows.into_iter().map(found).collect())
    }

    /// Puts other envelopes in the place of those found, where they still stand. Says how many it replaced.
    ///
    /// # Errors
    /// [`StoreError`] of the statement; nothing is replaced then.
    pub async fn replace_sealed(&self, of: SealedColumn, values: &[(Found, Sealed)]) -> Result<u64, StoreError> {
        let SealedColumn { table, column, .. } = of;
        let texts = |text: fn(&(Found, Sealed)) -> &str| values.iter().map(|value| text(value).to_owned()).collect();
        let rows: Vec<String> = texts(|(found, _)| &found.row);
        let was: Vec<String> = texts(|(found, _)| found.sealed.as_str());
        let sealed: Vec<String> = texts(|(_, sealed)| sealed.as_str());
        let mut query =
            QueryBuilder::<Postgres>::new(format!("UPDATE gateway.{table} t SET {column} = n.sealed FROM unnest("));
        query.push_bind(rows).push("::text[], ").push_bind(was).push("::text[], ").push_bind(sealed);
        query.push(format!("::text[]) AS n (row, was, sealed) WHERE t.ctid = n.row::tid AND t.{column} = n.was"));
        Ok(query.build().execute(&self.pool).await?.rows_affected())
    }

    /// How many values each key has sealed, over all columns.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn sealed_by(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new("SELECT key, count(*) AS count FROM (");
        for (place, SealedColumn { table, column, .. }) in COLUMNS.into_iter().enumerate() {
            query.push(if place > 0 { " UNION ALL " } else { "" });
            query.push(format!(
                "SELECT split_part({column}, '.', 2) AS key FROM gateway.{table} WHERE {column} IS NOT NULL"
            ));
        }
        query.push(") s GROUP BY key");
        let uses: Vec<Use> = query.build_query_as().fetch_all(&self.pool).await?;
        Ok(uses.into_iter().map(|one| (one.key, one.count.unsigned_abs())).collect())
    }
}
