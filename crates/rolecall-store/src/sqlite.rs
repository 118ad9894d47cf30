//! A store in one SQLite file.

use crate::chain::Hash;
use crate::error::StoreError;
use crate::head::{Head, ObjectsDigest};
use crate::private_record::PrivateRecord;
use crate::store::{CommandRecord, EventRecord, Opening, Records, SecretUse, Store, StoreContents, Transaction};
use rolecall::Timestamp;
use rolecall_admin::{Event, LastLogin, ObjectKey, ObjectKind};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, TransactionBehavior, params};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::NamedTempFile;

/// `RLCL`: distinguishes Rolecall files from other databases.
const APPLICATION: u32 = 0x524c_434c;
/// The current schema: the number of [`MIGRATIONS`] that were applied to a file.
const SCHEMA: u32 = MIGRATIONS.len() as u32;
/// The maximum time to wait for the transaction of another program.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// The time between two checks of a file.
const MOMENT: Duration = Duration::from_millis(20);
/// Files up to this size, in bytes, are checked page by page when they are opened.
const CHECKED_AT_OPEN: u64 = 64 << 20;
/// The number of pages that a backup copies at once. Other programs can write in between.
const PAGES: i32 = 256;

/// The statements that lead from each schema to the next.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE events (seq INTEGER PRIMARY KEY, body TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
    CREATE TABLE commands (id TEXT PRIMARY KEY, digest BLOB NOT NULL, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE objects (
        kind TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
    CREATE TRIGGER events_last BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
    ",
    // Since this schema, a command that changes nothing is an event, which the chain covers.
    "DELETE FROM commands WHERE seq = 0;",
    // The time at which a server last saw the clock, in milliseconds: at most one row.
    "CREATE TABLE clock (one INTEGER PRIMARY KEY CHECK (one = 1), seen INTEGER NOT NULL) STRICT;",
    // The last event that each follower of the log knows.
    "CREATE TABLE positions (follower TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
    // Values that the events contain as hashes only. A deleted value leaves nothing behind.
    "CREATE TABLE private (
        seal BLOB PRIMARY KEY, salt BLOB NOT NULL, value TEXT NOT NULL, secret INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;",
    // The last use of each secret of an application, in milliseconds.
    "
    CREATE TABLE secret_uses (
        subject TEXT NOT NULL, secret TEXT NOT NULL, time INTEGER NOT NULL, ip TEXT, PRIMARY KEY (subject, secret)
    ) STRICT, WITHOUT ROWID;
    ",
    // A secret that was handed over has no value any more.
    "ALTER TABLE private ADD COLUMN spent INTEGER NOT NULL DEFAULT 0;",
    // The last event, the digest of the objects, and the last logins, which events of sessions do not add to the objects.
    "
    CREATE TABLE head (
        one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, hash BLOB NOT NULL, state_seq INTEGER NOT NULL,
        state_hash BLOB NOT NULL, objects BLOB NOT NULL
    ) STRICT;
    CREATE TABLE logins (
        subject TEXT NOT NULL, scope TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (subject, scope)
    ) STRICT, WITHOUT ROWID;
    ",
];

/// Administration in a file.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    path: PathBuf,
}

impl Sqlite {
    /// Creates an empty file.
    ///
    /// [`StoreError::Exists`] and others.
    /// [`StoreError::Exists`] and others.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        let file = temporary_file_next_to(path)?;
        let mut connection = Connection::open(file.path())?;
        migrate(&mut connection, 0)?;
        connection.pragma_update(None, "application_id", APPLICATION)?;
        drop(connection);
        place(file, path)?;
        Self::open(path)
    }

    /// Opens a file that [`create`](Self::create) made. Migrates an older schema to the current one.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or [`StoreError::Unusable`] if the file is not a Rolecall file, is damaged, or was made
    /// by a later version. Such a file is not changed.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        check_header_twice(path)?;
        let is_large = std::fs::metadata(path).is_ok_and(|file| file.len() > CHECKED_AT_OPEN);
        let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        if !is_large {
            check_integrity(path, &connection)?;
        }
        let schema = read_schema(path, &connection)?;
        // A command is acknowledged only after its event is on the disk.
        connection.pragma_update(None, "synchronous", "EXTRA")?;
        // Deleted private values are overwritten.
        connection.pragma_update(None, "secure_delete", "ON")?;
        migrate(&mut connection, schema)?;
        Ok(Self { connection, path: path.into() })
    }

    /// Opens a copy of a file in memory. The file is only read: neither its schema nor its content changes. Other
    /// programs can work with it meanwhile.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_copy(path: &Path) -> Result<Self, StoreError> {
        check_header_twice(path)?;
        let mut connection = Connection::open_in_memory()?;
        let file = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let read = file.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0));
        match read.as_ref().map_err(rusqlite::Error::sqlite_error_code) {
            // Another program was interrupted while it wrote. Roll that back in a copy, not in the file.
            Err(Some(ErrorCode::ReadOnly)) => copy_rolled_back(path, &mut connection),
            _ => copy_pages(&file, &mut connection, PAGES),
        }
        .map_err(|error| damaged(path, error))?;
        drop(file);
        check_integrity(path, &connection)?;
        let schema = read_schema(path, &connection)?;
        migrate(&mut connection, schema)?;
        Ok(Self { connection, path: path.into() })
    }

    /// Checks every page of the file.
    ///
    /// # Errors
    /// [`StoreError::Unusable`].
    pub fn check_pages(&self) -> Result<(), StoreError> {
        check_integrity(&self.path, &self.connection)
    }

    /// Sets the maximum time that transactions and reads wait for another process that has locked the file.
    ///
    /// # Errors
    /// An error of the database.
    pub fn set_patience(&self, patience: Duration) -> Result<(), StoreError> {
        Ok(self.connection.busy_timeout(patience)?)
    }

    /// Returns the path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Copies the store to another file, while the store is in use.
    ///
    /// # Errors
    /// [`StoreError::Exists`] and others.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        self.is_other(to)?;
        let file = temporary_file_next_to(to)?;
        let mut copy = Connection::open(file.path())?;
        copy_pages(&self.connection, &mut copy, PAGES)?;
        drop(copy);
        place(file, to)
    }
}

impl Sqlite {
    /// Returns the objects and their digest.
    fn objects(&self, connection: &Connection) -> Result<(BTreeMap<ObjectKey, Value>, ObjectsDigest), StoreError> {
        let (mut objects, mut digest) = (BTreeMap::new(), ObjectsDigest::default());
        let mut query = connection.prepare("SELECT kind, id, value FROM objects")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let (name, id, text): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let kind = ObjectKind::ALL.into_iter().find(|known| known.as_str() == name);
            let value = serde_json::from_str(&text).ok();
            let (Some(kind), Some(value)) = (kind, value) else {
                let what = format!("it contains an object `{id}` that cannot be read");
                return Err(StoreError::unusable(&self.path, what));
            };
            digest.add(&name, &id, &text);
            objects.insert(ObjectKey::new(kind, id), value);
        }
        Ok((objects, digest))
    }

    /// Replaces the content by that of another file, in one step.
    pub(crate) fn restore(&mut self, from: &Self) -> Result<(), StoreError> {
        // Copy all pages at once, so no reader sees a mixture.
        copy_pages(&from.connection, &mut self.connection, i32::MAX)
    }

    /// Checks that a path is not the file of this store, under any name. Nothing is copied onto itself.
    ///
    /// # Errors
    /// [`StoreError::Same`].
    pub fn is_other(&self, path: &Path) -> Result<(), StoreError> {
        // A missing file is not the file of this store.
        match same_file::is_same_file(&self.path, path) {
            Ok(true) => Err(StoreError::Same(path.into())),
            _ => Ok(()),
        }
    }
}

/// Copies pages, `pages` at once. Waits for other programs as long as a transaction does.
fn copy_pages(from: &Connection, to: &mut Connection, pages: i32) -> Result<(), StoreError> {
    let backup = Backup::new(from, to)?;
    let mut waited = Duration::ZERO;
    loop {
        match backup.step(pages)? {
            StepResult::Done => return Ok(()),
            StepResult::More => waited = Duration::ZERO,
            _ if waited >= BUSY_TIMEOUT => return Err(StoreError::Busy),
            _ => {
                std::thread::sleep(MOMENT);
                waited += MOMENT;
            }
        }
    }
}

/// Creates a temporary file next to the target, so an interrupted write leaves no partial file at the target.
fn temporary_file_next_to(path: &Path) -> Result<NamedTempFile, StoreError> {
    let file = tempfile::Builder::new().prefix(".rolecall-").tempfile_in(folder(path));
    file.map_err(|error| StoreError::Io(path.into(), error))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Moves a complete file to its target, which must not exist.
fn place(file: NamedTempFile, path: &Path) -> Result<(), StoreError> {
    let io = |error| StoreError::Io(path.into(), error);
    file.as_file().sync_all().map_err(io)?;
    file.persist_noclobber(path).map_err(|refused| match refused.error.kind() {
        std::io::ErrorKind::AlreadyExists => StoreError::Exists(path.into()),
        _ => io(refused.error),
    })?;
    // On Unix, a new name is durable only after its folder is synchronised.
    if cfg!(unix) {
        File::open(folder(path)).and_then(|folder| folder.sync_all()).map_err(io)?;
    }
    Ok(())
}

/// Rejects a file that is not a Rolecall file, by its first bytes and its length, before anything could change it.
fn check_header(path: &Path) -> Result<(), StoreError> {
    let io = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => StoreError::Missing(path.into()),
        _ => StoreError::Io(path.into(), error),
    };
    let mut head = Vec::new();
    let file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    file.take(100).read_to_end(&mut head).map_err(io)?;
    let number = |at: usize| {
        let bytes = head.get(at..).and_then(<[u8]>::first_chunk);
        bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes))
    };
    if !head.starts_with(b"SQLite format 3\0") || head.len() < 100 {
        return Err(StoreError::unusable(path, "it is not an SQLite file"));
    }
    if number(68) != APPLICATION {
        return Err(StoreError::unusable(path, "it is not a Rolecall file"));
    }
    // A page of 65,536 bytes is written as 1.
    let page = match u64::from(number(16) >> 16) {
        1 => 65_536,
        page => page,
    };
    // After an interruption a journal is left, from which SQLite restores the file's length too.
    if !journal(path).exists() && length != page * u64::from(number(28)) {
        return Err(StoreError::unusable(path, "its length differs from the length in its header"));
    }
    Ok(())
}

/// Returns the path of the journal, from which SQLite rolls back an interrupted transaction.
fn journal(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push("-journal");
    path.with_file_name(name)
}

/// Copies a file whose last transaction was interrupted, without that transaction.
fn copy_rolled_back(path: &Path, to: &mut Connection) -> Result<(), StoreError> {
    let io = |error| StoreError::Io(path.into(), error);
    let folder = tempfile::tempdir().map_err(io)?;
    let copy = folder.path().join("store");
    std::fs::copy(path, &copy).map_err(io)?;
    std::fs::copy(journal(path), journal(&copy)).map_err(io)?;
    copy_pages(&connect(&copy, OpenFlags::SQLITE_OPEN_READ_WRITE)?, to, PAGES)
}

/// Checks the header again after a short time. While another program writes, the length and the header may not match.
fn check_header_twice(path: &Path) -> Result<(), StoreError> {
    check_header(path).or_else(|_| {
        std::thread::sleep(MOMENT);
        check_header(path)
    })
}

/// Turns a database error of an unusable file into [`StoreError::Unusable`].
fn damaged(path: &Path, error: StoreError) -> StoreError {
    match error {
        StoreError::Database(what) => StoreError::unusable(path, what),
        other => other,
    }
}

fn connect(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    let opened = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let connection = opened.map_err(|error| damaged(path, error.into()))?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Checks every page of a database.
fn check_integrity(path: &Path, connection: &Connection) -> Result<(), StoreError> {
    let unusable = |error: rusqlite::Error| damaged(path, error.into());
    let result: String = connection.pragma_query_value(None, "integrity_check", |row| row.get(0)).map_err(unusable)?;
    if result == "ok" { Ok(()) } else { Err(StoreError::unusable(path, format!("it is damaged: {result}"))) }
}

/// Returns the schema of a database, which must be a known one.
fn read_schema(path: &Path, connection: &Connection) -> Result<u32, StoreError> {
    let unusable = |error: rusqlite::Error| damaged(path, error.into());
    let schema: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(unusable)?;
    if schema > SCHEMA {
        let what = format!("it was made by a later version (schema {schema}, known are up to {SCHEMA})");
        return Err(StoreError::unusable(path, what));
    }
    Ok(schema)
}

/// Migrates a file from a schema to the current one.
fn migrate(connection: &mut Connection, from: u32) -> Result<(), StoreError> {
    for (number, migration) in MIGRATIONS.iter().enumerate().skip(from as usize) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", number as u32 + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

fn record(row: &Row<'_>) -> rusqlite::Result<EventRecord> {
    let seq: i64 = row.get(0)?;
    Ok(EventRecord { seq: seq as u64, body: row.get(1)?, hash: row.get(2)? })
}

/// Reads the record of a command, from `column` on.
fn command_record(row: &Row<'_>, column: usize) -> rusqlite::Result<CommandRecord> {
    let (digest, seq): (Hash, i64) = (row.get(column)?, row.get(column + 1)?);
    Ok(CommandRecord { digest, seq: seq as u64 })
}

fn head(connection: &Connection) -> Result<Option<(u64, Hash)>, StoreError> {
    let mut query = connection.prepare_cached("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1")?;
    let head: Option<(i64, Hash)> = query.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(head.map(|(seq, hash)| (seq as u64, hash)))
}

fn hash(connection: &Connection, seq: u64) -> Result<Option<Hash>, StoreError> {
    let mut query = connection.prepare_cached("SELECT hash FROM events WHERE seq = ?1")?;
    Ok(query.query_row([seq as i64], |row| row.get(0)).optional()?)
}

fn records(connection: &Connection, after: u64, most: usize) -> Result<Vec<EventRecord>, StoreError> {
    let statement = "SELECT seq, body, hash FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    let mut query = connection.prepare_cached(statement)?;
    let found = query.query_map([after as i64, most as i64], record)?;
    Ok(found.collect::<Result<_, _>>()?)
}

impl Records for Sqlite {
    fn head(&self) -> Result<Option<(u64, Hash)>, StoreError> {
        head(&self.connection)
    }

    fn hash(&self, seq: u64) -> Result<Option<Hash>, StoreError> {
        hash(&self.connection, seq)
    }

    fn records(&self, after: u64, most: usize) -> Result<Vec<EventRecord>, StoreError> {
        records(&self.connection, after, most)
    }
}

impl Records for SqliteTransaction<'_> {
    fn head(&self) -> Result<Option<(u64, Hash)>, StoreError> {
        head(&self.0)
    }

    fn hash(&self, seq: u64) -> Result<Option<Hash>, StoreError> {
        hash(&self.0, seq)
    }

    fn records(&self, after: u64, most: usize) -> Result<Vec<EventRecord>, StoreError> {
        records(&self.0, after, most)
    }
}

fn private_record(row: &Row<'_>) -> rusqlite::Result<PrivateRecord> {
    let (value, is_spent): (String, bool) = (row.get(2)?, row.get(4)?);
    let value = Some(value).filter(|_| !is_spent);
    Ok(PrivateRecord { seal: row.get(0)?, salt: row.get(1)?, value, is_secret: row.get(3)? })
}

fn private(connection: &Connection, seal: &Hash) -> Result<Option<PrivateRecord>, StoreError> {
    let mut query =
        connection.prepare_cached("SELECT seal, salt, value, secret, spent FROM private WHERE seal = ?1")?;
    Ok(query.query_row([seal], private_record).optional()?)
}

fn clock_seen(connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let mut query = connection.prepare_cached("SELECT seen FROM clock")?;
    let seen: Option<i64> = query.query_row([], |row| row.get(0)).optional()?;
    Ok(seen.and_then(Timestamp::from_millis))
}

/// Returns the head, or `None` if there is none. A program of an earlier release adds events without moving the head, which
/// then says nothing.
fn read_head(connection: &Connection) -> Result<Option<Head>, StoreError> {
    let Some(found) = stored_head(connection)? else { return Ok(None) };
    let is_left_behind =
        head(connection)?.is_some_and(|(last, _)| last > found.seq) && hash(connection, found.seq)? == Some(found.hash);
    Ok((!is_left_behind).then_some(found))
}

fn stored_head(connection: &Connection) -> Result<Option<Head>, StoreError> {
    let mut query = connection.prepare_cached("SELECT seq, hash, state_seq, state_hash, objects FROM head")?;
    let head = query.query_row([], |row| {
        let (seq, state_seq): (i64, i64) = (row.get(0)?, row.get(2)?);
        let objects = ObjectsDigest::from_bytes(&row.get(4)?);
        Ok(Head { seq: seq as u64, hash: row.get(1)?, state_seq: state_seq as u64, state_hash: row.get(3)?, objects })
    });
    Ok(head.optional()?)
}

fn write_head(connection: &Connection, head: &Head) -> Result<(), StoreError> {
    let mut put = connection.prepare_cached(
        "INSERT OR REPLACE INTO head (one, seq, hash, state_seq, state_hash, objects) VALUES (1, ?1, ?2, ?3, ?4, ?5)",
    )?;
    let (seq, state_seq) = (head.seq as i64, head.state_seq as i64);
    put.execute(params![seq, head.hash, state_seq, head.state_hash, head.objects.to_bytes()])?;
    Ok(())
}

fn logins(connection: &Connection) -> Result<Vec<LastLogin>, StoreError> {
    let mut query = connection.prepare_cached("SELECT subject, scope, time FROM logins")?;
    let rows = query.query_map([], |row| {
        let time = Timestamp::from_millis(row.get(2)?).unwrap_or(Timestamp::MIN);
        Ok(LastLogin { subject: row.get(0)?, scopes: BTreeSet::from([row.get(1)?]), time })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl Store for Sqlite {
    type Transaction<'s> = SqliteTransaction<'s>;

    fn begin(&mut self) -> Result<SqliteTransaction<'_>, StoreError> {
        Ok(SqliteTransaction(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?))
    }

    fn position(&self, follower: &str) -> Result<u64, StoreError> {
        let mut query = self.connection.prepare_cached("SELECT seq FROM positions WHERE follower = ?1")?;
        let seq: Option<i64> = query.query_row([follower], |row| row.get(0)).optional()?;
        Ok(seq.unwrap_or(0) as u64)
    }

    fn secret_uses(&self) -> Result<Vec<SecretUse>, StoreError> {
        let mut query = self.connection.prepare_cached("SELECT subject, secret, time, ip FROM secret_uses")?;
        let rows = query.query_map([], |row| {
            let time = Timestamp::from_millis(row.get(2)?).unwrap_or(Timestamp::MIN);
            Ok(SecretUse { subject: row.get(0)?, secret: row.get(1)?, time, ip: row.get(3)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn clock_seen(&self) -> Result<Option<Timestamp>, StoreError> {
        clock_seen(&self.connection)
    }

    fn private(&self, seal: &Hash) -> Result<Option<PrivateRecord>, StoreError> {
        private(&self.connection, seal)
    }

    fn contents(&self) -> Result<StoreContents, StoreError> {
        // Read everything in one transaction, so all parts belong to the same version.
        let transaction = self.connection.unchecked_transaction()?;
        let version: Option<i64> = transaction.query_row("SELECT max(seq) FROM events", [], |row| row.get(0))?;
        let (objects, digest) = self.objects(&transaction)?;
        let mut query = transaction.prepare("SELECT id, digest, seq FROM commands")?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, command_record(row, 1)?)))?;
        let commands = rows.collect::<Result<_, _>>()?;
        let mut query = transaction.prepare("SELECT seal, salt, value, secret, spent FROM private")?;
        let private = query.query_map([], private_record)?.collect::<Result<_, _>>()?;
        let head = read_head(&transaction)?.map(|head| (head, digest));
        let logins = if head.is_some() { logins(&transaction)? } else { Vec::new() };
        Ok(StoreContents { objects, commands, private, version: version.unwrap_or(0) as u64, head, logins })
    }

    fn opening(&self) -> Result<Option<Opening>, StoreError> {
        // Read everything in one transaction, so all parts belong to the same version.
        let transaction = self.connection.unchecked_transaction()?;
        let Some(head) = read_head(&transaction)? else { return Ok(None) };
        let (objects, digest) = self.objects(&transaction)?;
        Ok(Some(Opening { head, objects, digest, logins: logins(&transaction)? }))
    }
}

/// A transaction in a file.
#[derive(Debug)]
pub struct SqliteTransaction<'s>(rusqlite::Transaction<'s>);

impl Transaction for SqliteTransaction<'_> {
    fn command(&self, id: &str) -> Result<Option<CommandRecord>, StoreError> {
        let mut query = self.0.prepare_cached("SELECT digest, seq FROM commands WHERE id = ?1")?;
        Ok(query.query_row([id], |row| command_record(row, 0)).optional()?)
    }

    fn remember(&mut self, id: &str, record: &CommandRecord) -> Result<(), StoreError> {
        let mut insert = self.0.prepare_cached("INSERT INTO commands (id, digest, seq) VALUES (?1, ?2, ?3)")?;
        insert.execute(params![id, record.digest, record.seq as i64])?;
        Ok(())
    }

    fn clock_seen(&self) -> Result<Option<Timestamp>, StoreError> {
        clock_seen(&self.0)
    }

    fn see_clock(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let mut insert = self.0.prepare_cached("INSERT OR REPLACE INTO clock (one, seen) VALUES (1, ?1)")?;
        insert.execute([now.as_millis()])?;
        Ok(())
    }

    fn set_position(&mut self, follower: &str, seq: u64) -> Result<(), StoreError> {
        let mut insert = self.0.prepare_cached("INSERT OR REPLACE INTO positions (follower, seq) VALUES (?1, ?2)")?;
        insert.execute(params![follower, seq as i64])?;
        Ok(())
    }

    fn private(&self, seal: &Hash) -> Result<Option<PrivateRecord>, StoreError> {
        private(&self.0, seal)
    }

    fn put_private(&mut self, record: &PrivateRecord) -> Result<(), StoreError> {
        let mut insert = self
            .0
            .prepare_cached("INSERT INTO private (seal, salt, value, secret, spent) VALUES (?1, ?2, ?3, ?4, ?5)")?;
        let (value, is_spent) = (record.value.as_deref().unwrap_or_default(), record.value.is_none());
        insert.execute(params![record.seal, record.salt, value, record.is_secret, is_spent])?;
        Ok(())
    }

    fn spend_private(&mut self, seal: &Hash) -> Result<(), StoreError> {
        self.0.prepare_cached("UPDATE private SET value = '', spent = 1 WHERE seal = ?1")?.execute([seal])?;
        Ok(())
    }

    fn remove_private(&mut self, seal: &Hash) -> Result<(), StoreError> {
        self.0.prepare_cached("DELETE FROM private WHERE seal = ?1")?.execute([seal])?;
        Ok(())
    }

    fn set_secret_use(&mut self, last: &SecretUse) -> Result<(), StoreError> {
        let statement = "INSERT OR REPLACE INTO secret_uses (subject, secret, time, ip) VALUES (?1, ?2, ?3, ?4)";
        let mut insert = self.0.prepare_cached(statement)?;
        insert.execute(params![last.subject, last.secret, last.time.as_millis(), last.ip])?;
        Ok(())
    }

    fn append(&mut self, record: &EventRecord, event: &Event) -> Result<(), StoreError> {
        let head = if record.seq == 1 { Some(Head::default()) } else { read_head(&self.0)? };
        let mut objects = head.as_ref().map(|head| head.objects).unwrap_or_default();
        let mut insert = self.0.prepare_cached("INSERT INTO events (seq, body, hash) VALUES (?1, ?2, ?3)")?;
        insert.execute(params![record.seq as i64, record.body, record.hash])?;
        let mut put = self.0.prepare_cached("INSERT OR REPLACE INTO objects (kind, id, value) VALUES (?1, ?2, ?3)")?;
        let mut remove = self.0.prepare_cached("DELETE FROM objects WHERE kind = ?1 AND id = ?2")?;
        let mut get = self.0.prepare_cached("SELECT value FROM objects WHERE kind = ?1 AND id = ?2")?;
        for change in &event.changes {
            let (kind, id) = (change.kind.as_str(), &change.id);
            let before: Option<String> = get.query_row(params![kind, id], |row| row.get(0)).optional()?;
            before.iter().for_each(|before| objects.remove(kind, id, before));
            match &change.after {
                Some(after) => {
                    let after = after.to_string();
                    put.execute(params![kind, id, after])?;
                    objects.add(kind, id, &after);
                }
                None => drop(remove.execute(params![kind, id])?),
            }
        }
        let Some(before) = head else { return Ok(()) };
        let (seq, hash) = (record.seq, record.hash);
        let is_session = event.session.is_some();
        let (state_seq, state_hash) = if is_session { (before.state_seq, before.state_hash) } else { (seq, hash) };
        write_head(&self.0, &Head { seq, hash, state_seq, state_hash, objects })
    }

    fn put_login(&mut self, login: &LastLogin) -> Result<(), StoreError> {
        let mut put =
            self.0.prepare_cached("INSERT OR REPLACE INTO logins (subject, scope, time) VALUES (?1, ?2, ?3)")?;
        for scope in &login.scopes {
            put.execute(params![login.subject, scope, login.time.as_millis()])?;
        }
        Ok(())
    }

    fn start_head(&mut self, head: &Head) -> Result<(), StoreError> {
        if read_head(&self.0)?.is_some() {
            return Ok(());
        }
        let mut objects = ObjectsDigest::default();
        let mut query = self.0.prepare("SELECT kind, id, value FROM objects")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let (kind, id, value): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            objects.add(&kind, &id, &value);
        }
        write_head(&self.0, &Head { objects, ..head.clone() })
    }

    fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit()?)
    }
}
