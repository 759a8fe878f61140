//! Files that are written while they are sent, in small pieces: a slow reader slows the writer down,
//! and nothing large is ever held in memory.

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use std::io::{self, Write};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// What browsers call a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// What browsers call a table as text.
pub const CSV: &str = "text/csv; charset=utf-8";

/// Pieces that wait for the reader.
const WAITING: usize = 4;
const PIECE: usize = 32 * 1024;

/// Writes into the body of an answer. Blocks while the reader is behind, and fails when it is gone.
pub struct BodyWriter {
    piece: Vec<u8>,
    sender: Sender<io::Result<Bytes>>,
}

impl BodyWriter {
    fn send(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        self.sender
            .blocking_send(Ok(piece.into()))
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for BodyWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}

/// A file to be saved under a name; `write` runs where blocking is allowed. If it fails midway the
/// connection breaks, so that nobody takes half a file for a whole one.
pub fn file(
    name: &str,
    content_type: &'static str,
    write: impl FnOnce(&mut BodyWriter) -> io::Result<()> + Send + 'static,
) -> HttpResponse {
    let (sender, receiver) = channel(WAITING);
    actix_web::rt::spawn(web::block(move || {
        let mut writer = BodyWriter {
            piece: Vec::with_capacity(PIECE),
            sender,
        };
        let written = write(&mut writer).and_then(|()| writer.flush());
        if let Err(error) = written
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            tracing::warn!(%error, "a file could not be written to its end");
            let _ = writer.sender.blocking_send(Err(error));
        }
    }));
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ))
        .streaming(pieces(receiver))
}

fn pieces(
    receiver: Receiver<io::Result<Bytes>>,
) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
    futures_util::stream::unfold(receiver, |mut receiver| async move {
        let piece = receiver.recv().await?;
        Some((piece, receiver))
    })
}
