//! Takes an upload off the wire: piece by piece into the store, so that no file is ever held in memory.

use super::size;
use crate::domain::audit::Actor;
use crate::domain::ids::ImportId;
use crate::domain::import::{Asked, Options};
use crate::store::import::spool::{Upload, UploadError};
use crate::web::error::AppError;
use crate::web::state::AppState;
use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::{Bytes, Payload};
use futures_util::{Stream, StreamExt};

/// So much is read of a field that is no file.
const LONGEST_FIELD: usize = 16 << 10;
/// So many fields are read.
const MOST_FIELDS: usize = 300;
/// So much of what is too long is still read and thrown away: a browser shows an answer only once it has sent
/// everything, so cutting it off would look like a broken connection.
const MOST_THROWN_AWAY: u64 = 256 << 20;

/// What came with a form: its fields, and the file, which waits to be finished.
pub struct Received {
    pub fields: Vec<(String, String)>,
    /// None where no file was chosen.
    pub file: Option<Upload>,
}

/// Why nothing is kept.
#[derive(Debug)]
pub enum Refusal {
    /// In words for whoever uploads.
    TooLarge(String),
    /// The form itself makes no sense.
    Malformed(&'static str),
    Other(AppError),
}

impl From<UploadError> for Refusal {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::TooLarge(most) => Self::TooLarge(too_large(most)),
            UploadError::Store(error) => Self::Other(error.into()),
        }
    }
}

impl From<MultipartError> for Refusal {
    fn from(error: MultipartError) -> Self {
        tracing::debug!(%error, "an upload could not be read");
        Self::Malformed(
            "The upload broke off, or is no form with a file. Nothing is kept: try again.",
        )
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooLarge(_) => Self::TooLarge,
            Refusal::Malformed(why) => Self::BadRequest(why.to_owned()),
            Refusal::Other(error) => error,
        }
    }
}

pub fn too_large(most: u64) -> String {
    format!(
        "The file is larger than {}, so nothing of it is kept. Split it and upload the parts.",
        size(most)
    )
}

/// Reads a form with one file in it, called `file`; other fields may stand before and after it.
pub async fn form(state: &AppState, by: &Actor, mut form: Multipart) -> Result<Received, Refusal> {
    let most = state.config.upload.bytes;
    let mut received = Received {
        fields: Vec::new(),
        file: None,
    };
    while let Some(field) = form.next().await {
        let mut field = field?;
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field
            .content_disposition()
            .and_then(|of| of.get_filename())
            .map(str::to_owned);
        match (name.as_str(), file_name) {
            ("file", file_name) => {
                if received.file.is_some() {
                    return Err(Refusal::Malformed("One file at a time."));
                }
                let file = store(
                    state,
                    by,
                    file_name.as_deref().unwrap_or_default(),
                    most,
                    &mut field,
                )
                .await;
                match file {
                    Ok(file) => received.file = file,
                    Err(refusal) => {
                        throw_away(field, form).await;
                        return Err(refusal);
                    }
                }
            }
            (_, Some(_)) => {
                return Err(Refusal::Malformed(
                    "The file belongs into the field “file”.",
                ));
            }
            (_, None) => {
                let value = text(&mut field).await?;
                if received.fields.len() == MOST_FIELDS {
                    return Err(Refusal::Malformed("The form has too many fields."));
                }
                received.fields.push((name, value));
            }
        }
    }
    Ok(received)
}

/// Stores the file; none when the browser sent an empty one without a name: nothing was chosen.
async fn store(
    state: &AppState,
    by: &Actor,
    name: &str,
    most: u64,
    field: &mut Field,
) -> Result<Option<Upload>, Refusal> {
    let mut upload = None;
    while let Some(piece) = field.next().await {
        let upload = match &mut upload {
            Some(upload) => upload,
            None => upload.insert(begin(state, by, name, most).await?),
        };
        upload.push(&piece?).await?;
    }
    match (upload, name) {
        (None, "") => Ok(None),
        (None, name) => Ok(Some(begin(state, by, name, most).await?)),
        (upload, _) => Ok(upload),
    }
}

async fn begin(state: &AppState, by: &Actor, name: &str, most: u64) -> Result<Upload, Refusal> {
    let upload = Upload::begin(&state.store, by.clone(), name, most).await;
    upload.map_err(|error| Refusal::Other(error.into()))
}

async fn text(field: &mut Field) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.next().await {
        let piece = piece?;
        if bytes.len() + piece.len() > LONGEST_FIELD {
            return Err(Refusal::Malformed("A field of the form is too long."));
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| Refusal::Malformed("The form is not readable as text."))
}

async fn throw_away(field: Field, form: Multipart) {
    let mut left = MOST_THROWN_AWAY;
    drain(field, &mut left).await;
    // Once the first field is read the others follow; each is short or is thrown away too.
    let mut form = form;
    while let Some(Ok(field)) = form.next().await {
        drain(field, &mut left).await;
        if left == 0 {
            return;
        }
    }
}

async fn drain<E>(mut body: impl Stream<Item = Result<Bytes, E>> + Unpin, left: &mut u64) {
    while let Some(Ok(piece)) = body.next().await {
        *left = left.saturating_sub(piece.len() as u64);
        if *left == 0 {
            return;
        }
    }
}

/// A file that is the whole body of a request.
pub async fn body(
    state: &AppState,
    by: &Actor,
    name: &str,
    mut body: Payload,
) -> Result<Upload, Refusal> {
    let mut upload = begin(state, by, name, state.config.upload.bytes).await?;
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|_| Refusal::Malformed("The upload broke off."))?;
        if let Err(error) = upload.push(&piece).await {
            drain(body, &mut MOST_THROWN_AWAY.clone()).await;
            return Err(error.into());
        }
    }
    Ok(upload)
}

/// The file is whole: it is planned at once.
pub async fn finish(
    state: &AppState,
    file: Upload,
    asked: Asked,
    options: Options,
) -> Result<ImportId, Refusal> {
    let id = file.finish(asked, options).await?;
    state.uploads.ring();
    Ok(id)
}

/// Whether the body is a form rather than the file itself.
pub fn is_form(req: &HttpRequest) -> bool {
    let kind = req.headers().get(header::CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("multipart/"))
}
