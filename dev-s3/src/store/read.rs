//! An object's bytes out of its files, a few blocks ahead of the client.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use s3s::dto::StreamingBlob;
use tokio::sync::mpsc;

use super::Object;

const BLOCK: usize = 256 * 1024;
const BLOCKS_IN_FLIGHT: usize = 4;

/// The bytes of `range`, which must lie within the object.
pub(crate) fn stream(object: Arc<Object>, range: Range<u64>) -> StreamingBlob {
    let (sender, mut receiver) = mpsc::channel(BLOCKS_IN_FLIGHT);
    tokio::task::spawn_blocking(move || {
        if let Err(e) = send(&object, range, &sender) {
            let _ = sender.blocking_send(Err(e));
        }
    });
    StreamingBlob::wrap(futures::stream::poll_fn(move |cx| receiver.poll_recv(cx)))
}

fn send(object: &Object, range: Range<u64>, sender: &mpsc::Sender<io::Result<Bytes>>) -> io::Result<()> {
    let mut start = 0;
    for (data, segment) in object.data.iter().zip(&object.record.segments) {
        let end = start + segment.size;
        let from = range.start.clamp(start, end);
        let to = range.end.clamp(start, end);
        if from < to {
            let mut file = File::open(data.path())?;
            file.seek(SeekFrom::Start(from - start))?;
            let mut left = to - from;
            while left > 0 {
                let size = usize::try_from(left).map_or(BLOCK, |left| left.min(BLOCK));
                let mut block = vec![0; size];
                file.read_exact(&mut block)?;
                left -= size as u64;
                if sender.blocking_send(Ok(block.into())).is_err() {
                    return Ok(()); // the client went away
                }
            }
        }
        start = end;
    }
    Ok(())
}
