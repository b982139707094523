//! Attachments, in constant memory both ways.

use std::{
    io::{self, Read},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::{
        Multipart, Path, State,
        multipart::{Field, MultipartError},
    },
    http::header,
    response::{IntoResponse, Redirect},
};
use futures_util::stream;
use strongroom::room::{AttachmentId, AttachmentReader, TicketId};
use tokio::{sync::mpsc, task::spawn_blocking, time::timeout};

use crate::{Service, problem::Problem, web::Session};

/// How long the next piece of an upload may take: it holds a thread.
const PIECE_WAIT_MAX: Duration = Duration::from_secs(30);
/// Pieces between the socket and the room.
const PIECES: usize = 4;
/// One piece of a download, bytes.
const PIECE: usize = 64 * 1024;

/// Takes a file in.
pub async fn put(
    State(service): State<Service>,
    session: Session,
    Path(ticket): Path<String>,
    mut form: Multipart,
) -> Result<Redirect, Problem> {
    let ticket: TicketId = ticket.parse()?;
    let field = form.next_field().await?.ok_or(Problem::NoUpload)?;
    let name = field.file_name().filter(|name| !name.is_empty()).ok_or(Problem::NoUpload)?.to_owned();
    let media_type = field.content_type().and_then(|text| text.split(';').next()).map(str::to_owned);
    let media_type = media_type.unwrap_or_else(|| "application/octet-stream".to_owned());
    let (pieces, arriving) = mpsc::channel(PIECES);
    let stored = service.desk.upload(session, move |owner| {
        let content = Arriving { pieces: arriving, piece: Bytes::new(), is_whole: false };
        Ok(owner.attach(ticket, &name, &media_type, content)?)
    });
    let (stored, sent) = tokio::join!(stored, send(field, pieces));
    stored?;
    sent?;
    Ok(Redirect::to(&format!("/tickets/{ticket}")))
}

/// Hands the file on piece by piece, and an empty one when it has all come. Stops when the room has had enough.
async fn send(mut field: Field<'_>, pieces: mpsc::Sender<Bytes>) -> Result<(), MultipartError> {
    // Too slow is broken off: the room hears no end, and keeps nothing.
    while let Ok(next) = timeout(PIECE_WAIT_MAX, field.chunk()).await {
        let Some(piece) = next? else {
            let _refused_by_then = pieces.send(Bytes::new()).await;
            break;
        };
        if !piece.is_empty() && pieces.send(piece).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// The other end, as the room reads it. An upload that breaks off is an error, or half a file would be kept for a
/// whole one.
struct Arriving {
    pieces: mpsc::Receiver<Bytes>,
    piece: Bytes,
    is_whole: bool,
}

impl Read for Arriving {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() && !self.is_whole {
            self.piece = self.pieces.blocking_recv().ok_or(io::ErrorKind::UnexpectedEof)?;
            self.is_whole = self.piece.is_empty();
        }
        let read = self.piece.as_ref().read(out)?;
        drop(self.piece.split_to(read));
        Ok(read)
    }
}

/// Gives a file out: always to be saved, never to be shown. What a customer uploaded is no page of this site.
pub async fn get(
    State(service): State<Service>,
    session: Session,
    Path(attachment): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let attachment: AttachmentId = attachment.parse()?;
    let opened = service.desk.owner(session, move |owner| {
        let file = owner.open_attachment(attachment)?;
        Ok((file.name.expose().as_str().to_owned(), file.content))
    });
    let (name, content) = opened.await?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        // With it a stream that breaks off is told from one that ended.
        (header::CONTENT_LENGTH, content.len().to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}", percent(&name))),
    ];
    Ok((headers, Body::from_stream(stream::try_unfold(content, next_piece))))
}

/// Opens the next piece when the one before has left: a slow line holds no thread.
async fn next_piece(mut content: AttachmentReader) -> io::Result<Option<(Bytes, AttachmentReader)>> {
    let read = spawn_blocking(move || {
        let mut piece = vec![0; PIECE];
        let read = content.read(&mut piece)?;
        piece.truncate(read);
        Ok::<_, io::Error>((read > 0).then(|| (Bytes::from(piece), content)))
    });
    read.await.map_err(io::Error::other)?
}

/// Every byte but letters and digits as `%XX` (RFC 8187).
fn percent(text: &str) -> String {
    let quoted = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(quoted).collect()
}
