//! Messages of the operator to staff.

use service::messages::Notice;

use super::Store;
use crate::Error;

impl Store {
    /// Replaces all notices.
    pub(crate) async fn set_notices(&self, notices: &[Notice]) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM notice").execute(&mut *transaction).await?;
        for notice in notices {
            sqlx::query("INSERT INTO notice (ja, en) VALUES (?1, ?2)")
                .bind(&notice.ja)
                .bind(&notice.en)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    pub(crate) async fn notices(&self) -> Result<Vec<Notice>, Error> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT ja, en FROM notice ORDER BY number").fetch_all(&self.read).await?;
        Ok(rows.into_iter().map(|(ja, en)| Notice { ja, en }).collect())
    }
}
