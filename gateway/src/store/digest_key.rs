//! The key of the digests of calls: drawn once for a control plane, kept sealed.

use crate::domain::seal::Sealed;
use crate::store::{Store, StoreError};

impl Store {
    /// The key; `None` before the first was drawn.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn digest_key(&self) -> Result<Option<Sealed>, StoreError> {
        let sealed = sqlx::query_scalar!("SELECT digest_key_sealed FROM gateway.installation");
        Ok(sealed.fetch_one(&self.pool).await?.map(Sealed::from_stored))
    }

    /// Keeps a key where there is none. Gives the one that stands there then, which may be that of another process.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn put_digest_key(&self, drawn: &Sealed) -> Result<Sealed, StoreError> {
        let sealed = sqlx::query_scalar!(
            r#"UPDATE gateway.installation SET digest_key_sealed = coalesce(digest_key_sealed, $1)
               RETURNING digest_key_sealed AS "sealed!""#,
            drawn.as_str()
        );
        Ok(Sealed::from_stored(sealed.fetch_one(&self.pool).await?))
    }
}
