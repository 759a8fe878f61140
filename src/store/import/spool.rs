//! The file of an upload: stored in pieces while it comes in, read back as a file is.

use super::read::lock;
use super::{Done, State, actor_to_json};
use crate::domain::audit::Actor;
use crate::domain::ids::ImportId;
use crate::domain::import::{Asked, Counts, Listed, Options};
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::schema::{import_chunks, imports};
use crate::store::tx::Tx;
use diesel::prelude::*;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{self, Read, Seek, SeekFrom};

/// Bytes of a piece: what an upload holds in memory while it comes in, and a reader of it.
pub const PIECE: usize = 256 << 10;

/// The longest name of a file that is kept.
const LONGEST_NAME: usize = 200;

/// A file on its way. One that is dropped before [`Upload::finish`] stays `uploading` and expires.
pub struct Upload {
    store: Store,
    by: Actor,
    id: ImportId,
    most: u64,
    size: u64,
    pieces: i64,
    piece: Vec<u8>,
    hash: Sha256,
}

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// Longer than so many bytes; nothing of it is kept.
    #[error("the file is longer than {0} bytes")]
    TooLarge(u64),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Upload {
    /// Begins to store a file of at most so many bytes.
    pub async fn begin(
        store: &Store,
        by: Actor,
        file_name: &str,
        most: u64,
    ) -> Result<Self, StoreError> {
        let name = shown_name(file_name);
        let id = store.write(by.clone(), move |tx| insert(tx, &name)).await?;
        Ok(Self {
            store: store.clone(),
            by,
            id,
            most,
            size: 0,
            pieces: 0,
            piece: Vec::with_capacity(PIECE),
            hash: Sha256::new(),
        })
    }

    pub fn id(&self) -> ImportId {
        self.id
    }

    /// Takes what came in.
    ///
    /// # Errors
    /// `TooLarge` once it is; what was stored is removed.
    pub async fn push(&mut self, mut bytes: &[u8]) -> Result<(), UploadError> {
        self.size += bytes.len() as u64;
        if self.size > self.most {
            let id = self.id;
            self.store
                .write(self.by.clone(), move |tx| remove(tx, id))
                .await?;
            return Err(UploadError::TooLarge(self.most));
        }
        self.hash.update(bytes);
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.piece.len()));
            self.piece.extend_from_slice(now);
            bytes = later;
            if self.piece.len() == PIECE {
                self.store_piece().await?;
            }
        }
        Ok(())
    }

    async fn store_piece(&mut self) -> Result<(), StoreError> {
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        let (id, number) = (self.id, self.pieces);
        self.pieces += 1;
        self.store
            .write(self.by.clone(), move |tx| append(tx, id, number, &piece))
            .await
    }

    /// The file is whole: it waits to be planned.
    pub async fn finish(mut self, asked: Asked, options: Options) -> Result<ImportId, UploadError> {
        if !self.piece.is_empty() {
            self.store_piece().await?;
        }
        let (id, size) = (self.id, self.size);
        let hash = hex(&self.hash.finalize());
        self.store
            .write(self.by, move |tx| {
                whole(tx, id, size, &hash, &asked, &options)
            })
            .await?;
        Ok(id)
    }
}

/// A name as a browser sends it, without folders and signs that don't show.
fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown = last.chars().filter(|c| !c.is_control());
    let shown: String = shown.take(LONGEST_NAME).collect();
    match shown.trim() {
        "" => "upload".to_owned(),
        shown => shown.to_owned(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn insert(tx: &mut Tx<'_>, file_name: &str) -> Result<ImportId, StoreError> {
    let id: i64 = diesel::insert_into(imports::table)
        .values((
            imports::actor_kind.eq(tx.by.kind.word()),
            imports::actor_id.eq(tx.by.id),
            imports::actor.eq(actor_to_json(tx.by)),
            imports::created_at.eq(tx.now.0),
            imports::file_name.eq(file_name),
            imports::size.eq(0_i64),
            imports::state.eq(State::Uploading.word()),
            imports::asked.eq(Asked::default().to_json()),
            imports::options.eq(Options::default().to_json()),
            imports::listed.eq(Listed::default().to_json()),
            imports::plan.eq(0_i64),
            imports::counts.eq(Counts::default().to_json()),
            imports::place.eq(0_i64),
            imports::done.eq(Done::default().to_json()),
            imports::changed_at.eq(tx.now.0),
            imports::version.eq(1_i64),
        ))
        .returning(imports::id)
        .get_result(tx.conn)?;
    Ok(ImportId(id))
}

fn append(tx: &mut Tx<'_>, id: ImportId, number: i64, bytes: &[u8]) -> Result<(), StoreError> {
    // Whoever was too slow finds that the upload has expired.
    if lock(tx, id)?.state != State::Uploading {
        return Err(StoreError::NotFound);
    }
    diesel::insert_into(import_chunks::table)
        .values((
            import_chunks::import_id.eq(id.0),
            import_chunks::chunk.eq(number),
            import_chunks::bytes.eq(bytes),
        ))
        .execute(tx.conn)?;
    diesel::update(imports::table.find(id.0))
        .set(imports::changed_at.eq(tx.now.0))
        .execute(tx.conn)?;
    Ok(())
}

fn whole(
    tx: &mut Tx<'_>,
    id: ImportId,
    size: u64,
    hash: &str,
    asked: &Asked,
    options: &Options,
) -> Result<(), StoreError> {
    let coming = imports::table
        .filter(imports::id.eq(id.0))
        .filter(imports::state.eq(State::Uploading.word()));
    let found = diesel::update(coming)
        .set((
            imports::size.eq(i64::try_from(size).unwrap_or(i64::MAX)),
            imports::sha256.eq(hash),
            imports::asked.eq(asked.to_json()),
            imports::options.eq(options.to_json()),
            imports::state.eq(State::Planning.word()),
            imports::changed_at.eq(tx.now.0),
            imports::version.eq(imports::version + 1),
        ))
        .execute(tx.conn)?;
    match found {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Removes an upload of which nothing is to be kept.
fn remove(tx: &mut Tx<'_>, id: ImportId) -> Result<(), StoreError> {
    forget(tx, id)?;
    diesel::delete(imports::table.find(id.0)).execute(tx.conn)?;
    Ok(())
}

/// Removes the file; the upload stays in the history.
pub(super) fn forget(tx: &mut Tx<'_>, id: ImportId) -> Result<(), StoreError> {
    let pieces = import_chunks::table.filter(import_chunks::import_id.eq(id.0));
    diesel::delete(pieces).execute(tx.conn)?;
    Ok(())
}

/// The file of an upload, read piece by piece from the database: one piece is in memory.
pub struct Spooled {
    store: Store,
    id: ImportId,
    size: u64,
    at: u64,
    /// The number of the piece that is held.
    held: Option<u64>,
    piece: Vec<u8>,
}

impl Spooled {
    pub fn open(store: &Store, id: ImportId, size: u64) -> Self {
        Self {
            store: store.clone(),
            id,
            size,
            at: 0,
            held: None,
            piece: Vec::new(),
        }
    }

    fn hold(&mut self, number: u64) -> io::Result<()> {
        if self.held == Some(number) {
            return Ok(());
        }
        let key = (self.id.0, i64::try_from(number).unwrap_or(i64::MAX));
        let read = self.store.read(|conn| {
            Ok(import_chunks::table
                .find(key)
                .select(import_chunks::bytes)
                .first(conn)?)
        });
        self.piece = read.map_err(io::Error::other)?;
        self.held = Some(number);
        Ok(())
    }
}

impl Read for Spooled {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size || into.is_empty() {
            return Ok(0);
        }
        self.hold(self.at / PIECE as u64)?;
        let begin = (self.at % PIECE as u64) as usize;
        let rest = self.piece.get(begin..).unwrap_or_default();
        let read = rest.len().min(into.len());
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        into[..read].copy_from_slice(&rest[..read]);
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Spooled {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
