//! The environment of the containers of managed pools: one sealed value for each variable.

use std::collections::BTreeMap;

use crate::domain::ids::PoolId;
use crate::domain::pool::{MAX_VARIABLES, VariableName};
use crate::domain::seal::Sealed;
use crate::store::StoreError;
use crate::store::change::Change;

/// Variables with their sealed values.
pub type SealedVariables = BTreeMap<VariableName, Sealed>;
/// Variables to set and, without a value, to remove.
pub type VariableEdits = BTreeMap<VariableName, Option<Sealed>>;

impl Change {
    /// Sets and removes variables. Says whether there was anything to do: a value that is set is taken for another one, since
    /// what is sealed cannot be compared.
    ///
    /// # Errors
    /// [`StoreError::TooManyVariables`].
    pub(super) async fn edit_variables(&mut self, pool: PoolId, edits: &VariableEdits) -> Result<bool, StoreError> {
        if edits.is_empty() {
            return Ok(false);
        }
        let id = pool.as_uuid();
        let gone: Vec<String> =
            edits.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name.as_str().to_owned()).collect();
        let set = edits.iter().filter_map(|(name, value)| Some((name.as_str().to_owned(), value.as_ref()?)));
        let (names, values): (Vec<String>, Vec<String>) =
            set.map(|(name, value)| (name, value.as_str().to_owned())).unzip();
        let removed =
            sqlx::query!("DELETE FROM gateway.pool_environment WHERE pool_id = $1 AND name = ANY ($2)", id, &gone)
                .execute(&mut *self.tx)
                .await?;
        let written = sqlx::query!(
            "INSERT INTO gateway.pool_environment (pool_id, name, value_sealed)
             SELECT $1, n.name, n.value FROM unnest($2::text[], $3::text[]) AS n (name, value)
             ON CONFLICT (pool_id, name) DO UPDATE SET value_sealed = excluded.value_sealed",
            id,
            &names,
            &values
        )
        .execute(&mut *self.tx)
        .await?;
        let count =
            sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM gateway.pool_environment WHERE pool_id = $1"#, id);
        let count = count.fetch_one(&mut *self.tx).await?;
        if usize::try_from(count).unwrap_or(usize::MAX) > MAX_VARIABLES {
            return Err(StoreError::TooManyVariables);
        }
        Ok(removed.rows_affected() + written.rows_affected() > 0)
    }
}
