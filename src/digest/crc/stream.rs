//! A CRC of bytes as they come.
//!
//! The remainder stays the same when the message is changed by multiples of P:
//! with a multiple of few terms, whole bytes apart, the message is folded over
//! itself by loads and XORs alone, and only what is left at the end, shorter
//! than the multiple, is divided.

use super::Field;

/// Bytes folded before what the next ones need is moved to the front.
pub(super) const ROOM: usize = 60 * 1024;

/// No lag of any CRC is longer.
const LONGEST: usize = 9122;

/// [`fold`](super::fold::fold) with the lags of one CRC.
type Fold = fn(window: &mut [u8], end: usize, block: &[u8]) -> usize;

/// One of the CRCs.
#[derive(Debug)]
pub(in crate::digest) struct Kind {
    field: Field,
    shortest: usize,
    longest: usize,
    lags: &'static [usize],
    /// What brings the remainder, which lies behind the message, back to its end.
    back: u64,
    fold: Fold,
}

impl Kind {
    /// `lags`, ascending, are a multiple of P: its terms lie these numbers of
    /// bytes behind the first.
    pub(in crate::digest) const fn new<const N: usize>(
        field: Field,
        lags: &'static [usize; N],
        fold: Fold,
    ) -> Self {
        let (Some(&shortest), Some(&longest)) = (lags.first(), lags.last()) else {
            return Self { field, shortest: 0, longest: 0, lags, back: 0, fold };
        };
        Self { field, shortest, longest, lags, back: field.back(longest as u64), fold }
    }
}

/// A streaming CRC. It keeps 70 KB at most.
#[derive(Clone, Debug)]
pub(in crate::digest) struct Stream {
    kind: &'static Kind,
    /// The checksum of what came before the bytes that are counted here.
    before: u64,
    length: u64,
    /// The message after folding, up to `end`: at first, nothing stands before it.
    window: Vec<u8>,
    end: usize,
}

impl Stream {
    /// The checksum of what is added from now on, behind a message that has
    /// this checksum: 0 for none.
    pub(in crate::digest) fn after(kind: &'static Kind, before: u64) -> Self {
        Self { kind, before, length: 0, window: vec![0; kind.longest + ROOM], end: kind.longest }
    }

    pub(in crate::digest) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.end == self.window.len() {
                self.window.copy_within(self.end - self.kind.longest.., 0);
                self.end = self.kind.longest;
            }
            let size = (self.kind.fold)(&mut self.window, self.end, bytes);
            let Some((_, rest)) = bytes.split_at_checked(size).filter(|_| size > 0) else { return };
            self.end += size;
            self.length += size as u64;
            bytes = rest;
        }
    }

    /// The checksum of everything added; more may be added afterwards.
    pub(in crate::digest) fn finish(&self) -> u64 {
        let Kind { field, shortest, longest, back, .. } = *self.kind;
        let message = if self.length <= shortest as u64 {
            // Nothing was folded yet.
            divide(field, self.window.get(longest..self.end).unwrap_or_default())
        } else {
            let mut room = [0; LONGEST];
            let behind = room.get_mut(..longest).unwrap_or_default();
            for lag in self.kind.lags {
                let folded = self.window.get(self.end - lag..self.end).unwrap_or_default();
                for (byte, folded) in behind.iter_mut().zip(folded) {
                    *byte ^= folded;
                }
            }
            field.multiply(divide(field, behind), back)
        };
        // A CRC begins with all bits set and is told with all bits turned.
        message ^ field.shift(self.before ^ field.all(), self.length) ^ field.all()
    }
}

/// The remainder of a message and as many bytes of nothing behind it as the
/// remainder has.
fn divide(field: Field, message: &[u8]) -> u64 {
    let table: [u64; 256] =
        std::array::from_fn(|byte| (0..8).fold(byte as u64, |value, _| field.times_x(value)));
    message.iter().fold(0, |value, byte| {
        let low = usize::from(value as u8 ^ byte);
        (value >> 8) ^ table.get(low).copied().unwrap_or_default()
    })
}
