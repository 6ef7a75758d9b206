//! A request's body into a file: hashed as it passes, kept in memory only a few
//! frames at a time, and judged before anything can refer to it.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use bytes::Bytes;
use futures::StreamExt as _;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::StreamingBlob;
use s3s::{S3Result, s3_error};
use tokio::sync::mpsc;

use super::files::DataFile;
use crate::checksum::{Algorithm, Checksum, Hasher};
use crate::errors::{body_error, io_error};

/// Frames between the connection and the disk: about 400 KiB each.
const FRAMES_IN_FLIGHT: usize = 8;

/// A body on disk that nothing refers to yet.
#[derive(Debug)]
pub(crate) struct Ingested {
    pub(crate) file: DataFile,
    pub(crate) size: u64,
    pub(crate) md5: [u8; 16],
    pub(crate) checksum: Checksum,
}

/// Streams `body` into a new file of `folder`.
pub(crate) async fn ingest(
    folder: &Path,
    body: Option<StreamingBlob>,
    algorithm: Algorithm,
) -> S3Result<Ingested> {
    let (data, file) = DataFile::create(folder).map_err(io_error)?;
    let (frames, received) = mpsc::channel(FRAMES_IN_FLIGHT);
    let writer = tokio::task::spawn_blocking(move || write(file, received, algorithm));

    let mut outcome = Ok(());
    if let Some(mut body) = body {
        while let Some(frame) = body.next().await {
            match frame {
                // The writer stops early only on an error, which it reports.
                Ok(frame) => {
                    if frames.send(frame).await.is_err() {
                        break;
                    }
                }
                Err(e) => {
                    outcome = Err(body_error(&*e));
                    break;
                }
            }
        }
    }
    drop(frames);
    let written = writer.await.map_err(|e| s3_error!(e, InternalError))?.map_err(io_error);
    outcome?;
    let (size, md5, digest) = written?;
    Ok(Ingested { file: data, size, md5, checksum: Checksum::of_whole(algorithm, &digest) })
}

fn write(
    mut file: File,
    mut frames: mpsc::Receiver<Bytes>,
    algorithm: Algorithm,
) -> io::Result<(u64, [u8; 16], Vec<u8>)> {
    let mut md5 = Md5::new();
    let mut checksum = Hasher::new(algorithm);
    let mut size = 0;
    while let Some(frame) = frames.blocking_recv() {
        file.write_all(&frame)?;
        md5.update(&frame);
        checksum.update(&frame);
        size += frame.len() as u64;
    }
    Ok((size, md5.finalize(), checksum.finalize()))
}
