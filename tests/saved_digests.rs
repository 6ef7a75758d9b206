//! Digests put away and gone on with.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use proptest::prelude::*;
use sealift::ErrorKind;
use sealift::digest::{Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};

/// A digest, put away as `save` does after each piece and loaded again.
type Digest = fn(&[&[u8]]) -> sealift::Result<Vec<u8>>;

/// Name, digest in pieces, a state in the middle of one, loading, and the size of what is saved.
struct Case {
    name: &'static str,
    saved_between: Digest,
    whole: fn(&[u8]) -> Vec<u8>,
    save: fn(&[u8]) -> Vec<u8>,
    load: fn(&[u8]) -> sealift::Result<()>,
    size: usize,
}

macro_rules! case {
    ($Name:ident, $size:literal, $finish:expr) => {
        Case {
            name: stringify!($Name),
            saved_between: |pieces| {
                let mut digest = $Name::new();
                for piece in pieces {
                    digest.update(piece);
                    digest = $Name::load(&digest.save())?;
                }
                Ok($finish(digest))
            },
            whole: |message| {
                let mut digest = $Name::new();
                digest.update(message);
                $finish(digest)
            },
            save: |message| {
                let mut digest = $Name::new();
                digest.update(message);
                digest.save()
            },
            load: |saved| $Name::load(saved).map(drop),
            size: $size,
        }
    };
}

fn cases() -> [Case; 6] {
    [
        case!(Sha256, 117, |digest: Sha256| digest.finalize().to_vec()),
        case!(Sha1, 105, |digest: Sha1| digest.finalize().to_vec()),
        case!(Md5, 101, |digest: Md5| digest.finalize().to_vec()),
        case!(Crc32, 17, |digest: Crc32| digest.finish().to_be_bytes().to_vec()),
        case!(Crc32c, 17, |digest: Crc32c| digest.finish().to_be_bytes().to_vec()),
        case!(Crc64Nvme, 21, |digest: Crc64Nvme| digest.finish().to_be_bytes().to_vec()),
    ]
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 31 + (index >> 9)) as u8).collect()
}

#[test]
fn at_every_place_of_a_block() {
    for Case { name, saved_between, whole, save, size, .. } in cases() {
        for length in 0..=130 {
            let message = pattern(length + 70);
            assert_eq!(save(&message[..length]).len(), size, "{name}");
            let digest = saved_between(&[&message[..length], &message[length..]]).unwrap();
            assert_eq!(digest, whole(&message), "{name} after {length}");
        }
    }
}

#[test]
fn a_state_of_another_digest_is_refused() {
    for (place, Case { load, .. }) in cases().into_iter().enumerate() {
        for (other, Case { name, save, .. }) in cases().into_iter().enumerate() {
            let loaded = load(&save(b"some message"));
            assert_eq!(
                loaded.map_err(|error| error.kind()).err(),
                (place != other).then_some(ErrorKind::InvalidState),
                "{name}"
            );
        }
    }
}

/// States of this version can be loaded as long as there are any: these were
/// written down from the format, not by this program.
#[test]
fn what_was_saved_once() {
    let states = include_str!("vectors/saved-digests.txt").lines().filter(|line| !line.starts_with('#'));
    let states: Vec<_> = states.collect();
    assert_eq!(states.len(), 6);
    for (state, Case { name, save, .. }) in states.iter().zip(cases()) {
        assert_eq!(*state, hex::encode(save(b"sealift")), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn between_any_pieces(lengths in proptest::collection::vec(0..20_000_usize, 0..6)) {
        let pieces: Vec<_> = lengths.iter().map(|length| pattern(*length)).collect();
        let slices: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        for Case { saved_between, whole, .. } in cases() {
            prop_assert_eq!(saved_between(&slices).unwrap(), whole(&pieces.concat()));
        }
    }

    #[test]
    fn a_damaged_state_is_refused(length in 0..200_usize, place: prop::sample::Index, flip in 1..=255_u8, cut: prop::sample::Index) {
        for Case { name, save, load, .. } in cases() {
            let sound = save(&pattern(length));
            prop_assert!(load(&sound).is_ok());
            let mut damaged = sound.clone();
            damaged[place.index(sound.len())] ^= flip;
            prop_assert!(load(&damaged).is_err(), "{} flipped", name);
            prop_assert!(load(&sound[..cut.index(sound.len())]).is_err(), "{} cut", name);
            prop_assert!(load(&[&sound[..], &[flip]].concat()).is_err(), "{} with more", name);
        }
    }

    #[test]
    fn anything_else_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..150)) {
        for Case { load, .. } in cases() {
            prop_assert!(load(&bytes).is_err());
        }
    }
}
