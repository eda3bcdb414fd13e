//! Lists of tenants that people keep under a name.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use uuid::Uuid;

use crate::domain::ids::{UserId, ViewId};
use crate::store::change::Change;
use crate::store::{Store, StoreError};

/// Views of one person at most.
const MOST: i64 = 100;

/// A view.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the migration says what the columns are")]
pub struct ViewRecord {
    pub id: ViewId,
    pub user_id: UserId,
    pub email: String,
    pub name: String,
    pub shared: bool,
    pub query: String,
    pub columns: Vec<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What a view is to be; of an edit, what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct ViewFields {
    /// Its name.
    pub name: Option<String>,
    /// Whether everybody sees it.
    pub shared: Option<bool>,
    /// Parameters of the list.
    pub query: Option<String>,
    /// Columns that are shown.
    pub columns: Option<Vec<String>>,
}

/// Which views to list: those of a person, and those that are shared.
#[derive(Clone, Copy, Debug)]
pub struct ViewFilter {
    /// Whose.
    pub user: UserId,
    /// Only this one.
    pub id: Option<ViewId>,
    /// Only those after this place in the order newest first.
    pub after: Option<(Timestamp, Uuid)>,
    /// At most so many.
    pub limit: u32,
}

async fn find(executor: impl sqlx::PgExecutor<'_>, filter: &ViewFilter) -> Result<Vec<ViewRecord>, StoreError> {
    let (after_at, after_id) = filter.after.map_or((None, None), |(at, id)| (Some(SqlTimestamp::from(at)), Some(id)));
    let rows = sqlx::query!(
        r#"
        SELECT v.id, v.user_id, u.email, v.name, v.shared, v.query, v.columns, v.created_at AS "created_at!: SqlTimestamp",
               v.updated_at AS "updated_at!: SqlTimestamp"
          FROM gateway.saved_view v JOIN gateway.user_account u ON u.id = v.user_id
         WHERE (v.user_id = $1 OR v.shared) AND ($2::uuid IS NULL OR v.id = $2)
           AND ($3::timestamptz IS NULL OR (v.created_at, v.id) < ($3, $4::uuid))
         ORDER BY v.created_at DESC, v.id DESC LIMIT $5
        "#,
        filter.user.as_uuid(),
        filter.id.map(ViewId::as_uuid),
        after_at as Option<SqlTimestamp>,
        after_id,
        i64::from(filter.limit)
    )
    .fetch_all(executor)
    .await?;
    let views = rows.into_iter().map(|row| ViewRecord {
        id: ViewId::from_uuid(row.id),
        user_id: UserId::from_uuid(row.user_id),
        email: row.email,
        name: row.name,
        shared: row.shared,
        query: row.query,
        columns: row.columns,
        created_at: row.created_at.to_jiff(),
        updated_at: row.updated_at.to_jiff(),
    });
    Ok(views.collect())
}

impl Change {
    async fn own_view(&mut self, user: UserId, id: ViewId) -> Result<Option<ViewRecord>, StoreError> {
        let held = sqlx::query_scalar!(
            "SELECT id FROM gateway.saved_view WHERE id = $1 AND user_id = $2 FOR UPDATE",
            id.as_uuid(),
            user.as_uuid()
        );
        if held.fetch_optional(&mut *self.tx).await?.is_none() {
            return Ok(None);
        }
        self.view(user, id).await
    }

    async fn view(&mut self, user: UserId, id: ViewId) -> Result<Option<ViewRecord>, StoreError> {
        let filter = ViewFilter { user, id: Some(id), after: None, limit: 1 };
        Ok(find(&mut *self.tx, &filter).await?.into_iter().next())
    }

    /// Keeps a view of a person.
    ///
    /// # Errors
    /// [`StoreError::ViewNameTaken`]; [`StoreError::TooManyViews`].
    pub async fn create_view(&mut self, user: UserId, fields: &ViewFields) -> Result<ViewRecord, StoreError> {
        // One after the other, so that two calls do not pass the bound together.
        sqlx::query!("SELECT id FROM gateway.user_account WHERE id = $1 FOR UPDATE", user.as_uuid())
            .fetch_optional(&mut *self.tx)
            .await?;
        let count = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM gateway.saved_view WHERE user_id = $1"#,
            user.as_uuid()
        );
        if count.fetch_one(&mut *self.tx).await? >= MOST {
            return Err(StoreError::TooManyViews);
        }
        let id = sqlx::query_scalar!(
            "INSERT INTO gateway.saved_view (user_id, name, shared, query, columns) VALUES ($1, $2, $3, $4, $5) RETURNING id",
            user.as_uuid(),
            fields.name.as_deref().unwrap_or_default(),
            fields.shared.unwrap_or(false),
            fields.query.as_deref().unwrap_or_default(),
            fields.columns.as_deref().unwrap_or_default()
        );
        let id = id.fetch_one(&mut *self.tx).await?;
        let unknown = || StoreError::Inconsistent { table: "saved_view", column: "id", row: id.to_string() };
        self.view(user, ViewId::from_uuid(id)).await?.ok_or_else(unknown)
    }

    /// Changes a view of a person. Gives it as it was and as it is; `None` where the person has none of this id.
    ///
    /// # Errors
    /// [`StoreError::ViewNameTaken`].
    pub async fn edit_view(
        &mut self,
        user: UserId,
        id: ViewId,
        fields: &ViewFields,
    ) -> Result<Option<(ViewRecord, ViewRecord)>, StoreError> {
        let Some(before) = self.own_view(user, id).await? else { return Ok(None) };
        sqlx::query!(
            "UPDATE gateway.saved_view
                SET name = coalesce($2, name), shared = coalesce($3, shared), query = coalesce($4, query),
                    columns = coalesce($5, columns), updated_at = now()
              WHERE id = $1",
            id.as_uuid(),
            fields.name,
            fields.shared,
            fields.query,
            fields.columns.as_deref()
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(self.view(user, id).await?.map(|after| (before, after)))
    }

    /// Removes a view of a person. Gives it as it was; `None` where the person has none of this id.
    ///
    /// # Errors
    /// [`StoreError`] of a statement.
    pub async fn delete_view(&mut self, user: UserId, id: ViewId) -> Result<Option<ViewRecord>, StoreError> {
        let Some(before) = self.own_view(user, id).await? else { return Ok(None) };
        sqlx::query!("DELETE FROM gateway.saved_view WHERE id = $1", id.as_uuid()).execute(&mut *self.tx).await?;
        Ok(Some(before))
    }
}

impl Store {
    /// A page of the views that a person sees, newest first.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_views(&self, filter: &ViewFilter) -> Result<Vec<ViewRecord>, StoreError> {
        find(&self.pool, filter).await
    }
}
