//! From bytes to a body.

use crate::digest::sha256;
use crate::error::{Error, ErrorKind, Result};
use crate::sigv4::chunked::chain::ChunkChain;
use crate::sigv4::chunked::head::{CRLF, chunk_head, trailer_signature_line};
use crate::sigv4::chunked::plan::ChunkPlan;
use crate::sigv4::chunked::trailer::Trailer;

/// Writes a body as its bytes come. It keeps one chunk: the signature, which
/// stands before the bytes, is known when the last of them came.
#[derive(Debug)]
pub struct ChunkEncoder {
    plan: ChunkPlan,
    chain: Option<ChunkChain>,
    chunk: Vec<u8>,
    /// Bytes that did not come yet.
    left: u64,
}

impl ChunkEncoder {
    /// For a plan, and the chain of its request if the format is signed.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] for a signed format without a chain, or a
    /// chain without one.
    pub fn new(plan: ChunkPlan, chain: Option<ChunkChain>) -> Result<Self> {
        check_chain(plan.format().is_signed(), chain.as_ref())?;
        Ok(Self { plan, chain, chunk: Vec::new(), left: plan.decoded_length() })
    }

    /// Adds the next bytes, and to `body` what of it is known by then.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSize`] for more bytes than planned; then nothing
    /// is added.
    pub fn update(&mut self, mut bytes: &[u8], body: &mut Vec<u8>) -> Result<()> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or_else(|| {
            Error::new(ErrorKind::InvalidSize, "there are more bytes than the request was signed for")
        })?;
        // 16 MiB at most.
        let size = self.plan.chunk_size().bytes() as usize;
        while !bytes.is_empty() {
            let (taken, rest) = bytes.split_at(bytes.len().min(size - self.chunk.len()));
            bytes = rest;
            if taken.len() == size {
                // A whole chunk at hand needs no copy first.
                push_chunk(self.chain.as_mut(), taken, body);
                continue;
            }
            self.chunk.extend_from_slice(taken);
            if self.chunk.len() == size {
                self.flush(body);
            }
        }
        Ok(())
    }

    /// Ends the body, with the trailer if the format has one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSize`] for fewer bytes than planned;
    /// [`ErrorKind::InvalidOption`] for another trailer than the format's.
    pub fn finish(mut self, trailer: Option<&Trailer>, body: &mut Vec<u8>) -> Result<()> {
        if self.left > 0 {
            return Err(Error::new(
                ErrorKind::InvalidSize,
                "there are fewer bytes than the request was signed for",
            ));
        }
        if trailer.map(Trailer::checksum) != self.plan.format().trailer() {
            return Err(Error::new(
                ErrorKind::InvalidOption,
                "the trailer is not the one that was announced",
            ));
        }
        self.flush(body);
        let signature = self.chain.as_mut().map(ChunkChain::sign_last);
        body.extend_from_slice(chunk_head(0, signature.as_ref()).as_bytes());
        if let Some(trailer) = trailer {
            body.extend_from_slice(trailer.line().as_bytes());
            body.extend_from_slice(CRLF);
            if let Some(chain) = &self.chain {
                body.extend_from_slice(trailer_signature_line(&chain.sign_trailer(trailer)).as_bytes());
            }
        }
        body.extend_from_slice(CRLF);
        Ok(())
    }

    fn flush(&mut self, body: &mut Vec<u8>) {
        if !self.chunk.is_empty() {
            push_chunk(self.chain.as_mut(), &self.chunk, body);
            self.chunk.clear();
        }
    }
}

fn push_chunk(chain: Option<&mut ChunkChain>, bytes: &[u8], body: &mut Vec<u8>) {
    let signature = chain.map(|chain| chain.sign(&sha256(bytes)));
    body.extend_from_slice(chunk_head(bytes.len() as u64, signature.as_ref()).as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(CRLF);
}

pub(super) fn check_chain(signed: bool, chain: Option<&ChunkChain>) -> Result<()> {
    if signed == chain.is_some() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidOption,
        if signed {
            "signed chunks need the chain of their request"
        } else {
            "unsigned chunks have no chain"
        },
    ))
}
