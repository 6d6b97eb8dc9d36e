//! What the service keeps: one SQLite database.
//!
//! Every change is one transaction that is on the disk before an answer leaves (`synchronous=FULL`), so a
//! process may be killed at any time. Command-line tools work on the same file while the service runs.

mod attestation;
mod audit;
mod devices;
mod enrollment;
mod key_certificates;
mod known;
mod notices;
mod requests;

use core::time::Duration;
use std::{fs::File, io::Read, path::Path};

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub(crate) use attestation::Attestation;
pub(crate) use audit::AuditRecord;
pub(crate) use devices::{Caller, NewDevice};
pub use devices::{Device, DeviceState};
pub(crate) use enrollment::{Attempt, EnrollmentOutcome, NewCertificate};
pub(crate) use key_certificates::KeySeen;
pub(crate) use known::Remember;
pub(crate) use requests::{Begun, Found};

use crate::{Error, authority::time, folder::Folder};

/// The database's file in the state folder.
const FILE: &str = "service.db";

/// How every SQLite database begins (SQLite file format §1.3).
const MAGIC: &[u8] = b"SQLite format 3\0";

/// SQL of each version, in order. A file that has been released is never changed.
const MIGRATIONS: [&str; 5] = [
    include_str!("../../migrations/0001.sql"),
    include_str!("../../migrations/0002.sql"),
    include_str!("../../migrations/0003.sql"),
    include_str!("../../migrations/0004.sql"),
    include_str!("../../migrations/0005.sql"),
];

/// How far the clock may have gone back without a word: leap seconds and the steps of time synchronisation.
const CLOCK_TOLERANCE: i64 = 300;

/// Two pools: one connection writes, so that writers of this process queue instead of colliding; some read.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    write: SqlitePool,
    read: SqlitePool,
}

impl Store {
    /// Whether a service has kept its state in this folder. The database is the last file that a start makes.
    pub(crate) fn is_in(folder: &Path) -> bool {
        // What cannot be looked at is told by opening it.
        folder.join(FILE).try_exists().unwrap_or(true)
    }

    /// Opens the database, makes it where it is missing, checks that it is whole, and brings it up to date.
    pub(crate) async fn open(folder: &Folder) -> Result<Self, Error> {
        folder.reserve(FILE)?;
        let file = folder.path().join(FILE);
        if !is_database(&file) {
            return Err(Error::DatabaseDamaged);
        }
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        let pool = |connections| {
            SqlitePoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(10))
        };
        let write = pool(1).connect_with(options.clone()).await?;
        let store = Self { write, read: pool(4).connect_lazy_with(options) };
        store.check().await?;
        store.migrate().await?;
        Ok(store)
    }

    /// Starts a transaction that may write at once (`IMMEDIATE`): it waits for other writers here, never later.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, Error> {
        Ok(self.write.begin_with("BEGIN IMMEDIATE").await?)
    }

    async fn check(&self) -> Result<(), Error> {
        let (found,): (String,) = sqlx::query_as("PRAGMA quick_check(1)").fetch_one(&self.write).await?;
        if found == "ok" { Ok(()) } else { Err(Error::DatabaseDamaged) }
    }

    async fn migrate(&self) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        let (version,): (i64,) = sqlx::query_as("PRAGMA user_version").fetch_one(&mut *transaction).await?;
        let done = usize::try_from(version).map_err(|_| Error::DatabaseDamaged)?;
        let Some(open) = MIGRATIONS.get(done..) else {
            return Err(Error::DatabaseNewer { found: version });
        };
        for sql in open {
            sqlx::raw_sql(*sql).execute(&mut *transaction).await?;
        }
        // A pragma takes no parameter; the number is ours.
        let set = format!("PRAGMA user_version = {}", MIGRATIONS.len());
        sqlx::query(sqlx::AssertSqlSafe(set)).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Refuses a clock that stands before the time of the last change, and remembers the time.
    pub(crate) async fn check_clock(&self, now: i64) -> Result<(), Error> {
        let (last,): (i64,) = sqlx::query_as("SELECT last FROM service").fetch_one(&self.read).await?;
        if now < last - CLOCK_TOLERANCE {
            return Err(Error::ClockBehind { now: time(now)?, last: time(last)? });
        }
        let mut transaction = self.begin().await?;
        remember_time(&mut transaction, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// How devices reach the service.
    pub(crate) async fn origin(&self) -> Result<String, Error> {
        let (origin,) = sqlx::query_as("SELECT origin FROM service").fetch_one(&self.read).await?;
        Ok(origin)
    }

    pub(crate) async fn set_origin(&self, origin: &str) -> Result<(), Error> {
        sqlx::query("UPDATE service SET origin = ?1").bind(origin).execute(&self.write).await?;
        Ok(())
    }

    /// Closes all connections; what was committed is on the disk already.
    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

async fn remember_time(transaction: &mut Transaction<'static, Sqlite>, now: i64) -> Result<(), Error> {
    sqlx::query("UPDATE service SET last = ?1 WHERE last < ?1").bind(now).execute(&mut **transaction).await?;
    Ok(())
}

/// Whether a file is empty or begins as a database does. SQLite takes a file that is shorter than a page for a new
/// database, and would write over what somebody put there.
fn is_database(file: &Path) -> bool {
    let mut magic = Vec::new();
    let read = File::open(file).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut magic));
    // What cannot be read at all is told by SQLite.
    read.is_err() || magic.is_empty() || magic == MAGIC
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_is_no_database_is_told() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let file = root.path().join(FILE);
        for content in [&[0x55; 8192][..], b"short"] {
            std::fs::write(&file, content).expect("written");
            let folder = Folder::open(root.path()).expect("opened");
            assert!(matches!(Store::open(&folder).await, Err(Error::DatabaseDamaged)));
            assert_eq!(std::fs::read(&file).expect("still there"), content);
        }
    }

    #[tokio::test]
    async fn a_damaged_database_is_told() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open(root.path()).expect("opened");
        Store::open(&folder).await.expect("made").close().await;
        let file = root.path().join(FILE);
        let mut bytes = std::fs::read(&file).expect("there");
        for page in bytes.chunks_mut(4096).skip(1) {
            page.fill(0xA5);
        }
        std::fs::write(&file, bytes).expect("written");
        assert!(matches!(Store::open(&folder).await, Err(Error::DatabaseDamaged)));
    }

    #[tokio::test]
    async fn a_database_of_a_newer_program_is_left_alone() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open(root.path()).expect("opened");
        let store = Store::open(&folder).await.expect("made");
        sqlx::query("PRAGMA user_version = 99").execute(&store.write).await.expect("set");
        store.close().await;
        assert!(matches!(Store::open(&folder).await, Err(Error::DatabaseNewer { found: 99 })));
    }

    #[tokio::test]
    async fn a_database_of_an_older_program_is_brought_up_to_date() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open(root.path()).expect("opened");
        folder.reserve(FILE).expect("reserved");
        let options = SqliteConnectOptions::new().filename(root.path().join(FILE));
        let old = SqlitePoolOptions::new().connect_with(options).await.expect("opened");
        sqlx::raw_sql(MIGRATIONS[0]).execute(&old).await.expect("version 1");
        sqlx::raw_sql(
            "PRAGMA user_version = 1;
             INSERT INTO institution VALUES ('9919900010', '試験医院', 0, 1);
             INSERT INTO device VALUES ('d', '9919900010', 'S1', 'tablet', 'active', 'software', NULL, NULL, 1, 0, 1);
             INSERT INTO device_certificate VALUES (1, zeroblob(32), 'd', zeroblob(32), 1, 2, x'80', 1, 0);",
        )
        .execute(&old)
        .await
        .expect("an institution with a device");
        old.close().await;
        let store = Store::open(&folder).await.expect("brought up to date");
        assert!(store.institution("9919900010").await.expect("readable").is_some());
        let caller = store.caller(&[0; 32], 1).await.expect("readable").expect("the device");
        assert_eq!((caller.state, caller.assurance), (DeviceState::Active, crate::Assurance::Software));
        let key = store.tag_key("9919900010", &[1; 32]).await.expect("made");
        assert_eq!(store.tag_key("9919900010", &[2; 32]).await.expect("kept"), key);
    }

    #[tokio::test]
    async fn a_clock_that_went_back_is_told() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&Folder::open(root.path()).expect("opened")).await.expect("made");
        store.check_clock(1_790_000_000).await.expect("first start");
        store.check_clock(1_790_000_000 - CLOCK_TOLERANCE).await.expect("within the tolerance");
        let refused = store.check_clock(1_790_000_000 - CLOCK_TOLERANCE - 1).await;
        assert!(matches!(refused, Err(Error::ClockBehind { .. })));
    }

    #[tokio::test]
    async fn a_full_disk_is_told_and_nothing_is_lost() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&Folder::open(root.path()).expect("opened")).await.expect("made");
        store.add_institution("9919900010", "試験医院", false, 1).await.expect("there is room");
        // SQLite answers SQLITE_FULL for its own limit as it does for the disk's.
        sqlx::query("PRAGMA max_page_count = 1").execute(&store.write).await.expect("set");
        let mut last = Ok(());
        for number in 0..1000 {
            last = store.add_institution(&number.to_string(), &"長".repeat(100), false, 1).await;
            if last.is_err() {
                break;
            }
        }
        assert!(matches!(last, Err(Error::DiskFull)), "{last:?}");
        assert!(store.institution("9919900010").await.expect("readable").is_some());
    }
}
