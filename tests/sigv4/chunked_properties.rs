//! Encoder and decoder against each other: whatever the pieces, what was
//! written is read, and nothing else is.

use proptest::prelude::*;
use sealift::digest::sha256;
use sealift::sigv4::chunked::{
    ChunkChain, ChunkDecoder, ChunkEncoder, ChunkFormat, ChunkPlan, ChunkSize, Trailer, TrailerChecksum,
    chunk_head,
};
use sealift::sigv4::{Credentials, Signature, Signer, SigningOptions};
use sealift::{Error, ErrorKind, Timestamp};

const MIN: usize = 8192;

fn chain(format: ChunkFormat) -> Option<ChunkChain> {
    let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None).unwrap();
    let options = SigningOptions::s3("eu-west-1", Timestamp::parse("20260101T120000Z").unwrap()).unwrap();
    let seed = Signature::parse(&"5e".repeat(32)).unwrap();
    format.is_signed().then(|| Signer::new(&credentials).chunk_chain(&options, seed))
}

/// A digest of the bytes, cut to the checksum's length: it is not the format's
/// business how a checksum is computed.
fn trailer(format: ChunkFormat, bytes: &[u8]) -> Option<Trailer> {
    let checksum = format.trailer()?;
    Some(Trailer::new(checksum, &sha256(bytes)[..checksum.digest_length()]).unwrap())
}

fn encode(format: ChunkFormat, size: usize, bytes: &[u8], cuts: &[usize]) -> Vec<u8> {
    let plan = ChunkPlan::new(format, ChunkSize::new(size as u64).unwrap(), bytes.len() as u64).unwrap();
    let mut encoder = ChunkEncoder::new(plan, chain(format)).unwrap();
    let mut body = Vec::new();
    for piece in cut(bytes, cuts) {
        encoder.update(piece, &mut body).unwrap();
    }
    encoder.finish(trailer(format, bytes).as_ref(), &mut body).unwrap();
    assert_eq!(body.len() as u64, plan.encoded_length());
    body
}

/// The bytes, if the body is sound and its checksum theirs.
fn decode(format: ChunkFormat, length: usize, body: &[u8], cuts: &[usize]) -> Result<Vec<u8>, Error> {
    let mut decoder = ChunkDecoder::new(format, length as u64, chain(format)).unwrap();
    let mut bytes = Vec::new();
    for piece in cut(body, cuts) {
        decoder.update(piece, &mut bytes)?;
    }
    let found = decoder.finish()?;
    if found != trailer(format, &bytes) {
        return Err(Error::new(ErrorKind::IntegrityMismatch, "another checksum"));
    }
    Ok(bytes)
}

/// The bytes in pieces of the sizes given, over and over.
fn cut<'a>(mut bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut sizes = cuts.iter().cycle();
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        let size = sizes.next().map_or(bytes.len(), |size| (*size).min(bytes.len()));
        let (piece, rest) = bytes.split_at(size.max(1));
        pieces.push(piece);
        bytes = rest;
    }
    pieces
}

fn message(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn formats() -> impl Strategy<Value = ChunkFormat> {
    let checksums = || proptest::sample::select(TrailerChecksum::ALL.to_vec());
    prop_oneof![
        Just(ChunkFormat::Signed),
        checksums().prop_map(ChunkFormat::SignedTrailer),
        checksums().prop_map(ChunkFormat::UnsignedTrailer),
    ]
}

/// Around a chunk's borders.
fn lengths() -> impl Strategy<Value = usize> {
    prop_oneof![Just(0), 1..20_usize, MIN - 2..MIN + 3, 2 * MIN - 2..2 * MIN + 3, 0..5 * MIN]
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(prop_oneof![1..4_usize, 1..100_usize, 1..20_000_usize], 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_was_written_is_read_in_any_pieces(
        format in formats(), length in lengths(), size in MIN..3 * MIN, seed: u64, written in cuts(), read in cuts(),
    ) {
        let bytes = message(length, seed);
        let body = encode(format, size, &bytes, &written);
        prop_assert_eq!(&body, &encode(format, size, &bytes, &[usize::MAX]));
        prop_assert!(decode(format, length, &body, &read).unwrap() == bytes);
    }

    /// Cut short, lengthened, a piece doubled, left out or moved.
    #[test]
    fn another_body_is_refused(
        format in formats(), length in lengths(), seed: u64, pieces in cuts(),
        from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(), what in 0..4_u8,
    ) {
        let body = encode(format, MIN, &message(length, seed), &[usize::MAX]);
        let (from, to) = (from.index(body.len()), to.index(body.len()));
        let (from, to) = (from.min(to), from.max(to));
        let other = match what {
            0 => body[..to].to_vec(),
            1 => [&body, &body[from..=to]].concat(),
            2 => [&body[..from], &body[to..]].concat(),
            _ => [&body[..from], &body[to..], &body[from..to]].concat(),
        };
        prop_assume!(other != body);
        prop_assert!(decode(format, length, &other, &pieces).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic(
        format in formats(), length in 0..3 * MIN, body in proptest::collection::vec(any::<u8>(), 0..300), pieces in cuts(),
    ) {
        let _ = decode(format, length, &body, &pieces);
    }

    /// Lines that nearly are those of a body.
    #[test]
    fn no_lines_make_it_panic(
        format in formats(), length in 0..40_usize, pieces in cuts(),
        lines in proptest::collection::vec("[0-9a-f]{0,20}|0|;chunk-signature=[0-9a-f]{62,66}|x-amz-checksum-sha1:.{0,30}|\r\n|\n|\0", 0..12),
    ) {
        let _ = decode(format, length, lines.concat().as_bytes(), &pieces);
    }
}

#[test]
fn every_place_to_cut_a_body_in_two() {
    for format in [
        ChunkFormat::Signed,
        ChunkFormat::SignedTrailer(TrailerChecksum::Sha256),
        ChunkFormat::UnsignedTrailer(TrailerChecksum::Crc32),
    ] {
        let bytes = message(MIN + 100, 7);
        let body = encode(format, MIN, &bytes, &[usize::MAX]);
        for place in (0..body.len()).filter(|place| *place < 200 || *place > MIN - 100) {
            assert!(
                decode(format, bytes.len(), &body, &[place.max(1), usize::MAX]).unwrap() == bytes,
                "{place}"
            );
            let cut_off = decode(format, bytes.len(), &body[..place], &[usize::MAX]).unwrap_err();
            assert_eq!(
                (cut_off.kind(), cut_off.code()),
                (ErrorKind::InvalidChunks, "IncompleteBody"),
                "{place}"
            );
        }
    }
}

/// Each byte of a body, each of its bits: nothing but what was written is read.
#[test]
fn every_single_bit_flipped_is_refused() {
    for format in [
        ChunkFormat::Signed,
        ChunkFormat::SignedTrailer(TrailerChecksum::Crc64Nvme),
        ChunkFormat::UnsignedTrailer(TrailerChecksum::Crc32c),
    ] {
        let bytes = message(MIN + 20, 3);
        let body = encode(format, MIN, &bytes, &[usize::MAX]);
        // All bits of what is not data, one bit of every byte that is.
        for place in 0..body.len() {
            let framing = !(200..MIN).contains(&place);
            for bit in if framing { 0..8 } else { place % 8..place % 8 + 1 } {
                let mut changed = body.clone();
                changed[place] ^= 1 << bit;
                let mut decoder = ChunkDecoder::new(format, bytes.len() as u64, chain(format)).unwrap();
                let mut decoded = Vec::new();
                let outcome = decoder.update(&changed, &mut decoded).and_then(|()| decoder.finish());
                let sound = outcome.is_ok_and(|found| found == trailer(format, &decoded));
                assert!(!sound, "{format:?}: byte {place}, bit {bit}");
                // What came out of signed chunks was verified before.
                assert!(!format.is_signed() || bytes.starts_with(&decoded), "{place}");
            }
        }
    }
}

/// Bodies mangled in a few places, from seeds: `SEALIFT_CHUNK_SEEDS=1000000` for a
/// long run.
#[test]
fn mangled_bodies_are_refused() {
    let seeds = std::env::var("SEALIFT_CHUNK_SEEDS").map_or(3000, |text| text.parse().expect("a number"));
    for seed in 0..seeds {
        let mut state = seed ^ 0x5EA1_1F70;
        let mut below = |bound: usize| {
            state = u64::wrapping_add(state, 0x9E37_79B9_7F4A_7C15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            ((mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 33) as usize % bound.max(1)
        };
        let checksum = TrailerChecksum::ALL[below(5)];
        let format = [
            ChunkFormat::Signed,
            ChunkFormat::SignedTrailer(checksum),
            ChunkFormat::UnsignedTrailer(checksum),
        ][below(3)];
        let length = [0, 1, MIN - 1, MIN, MIN + 1, 2 * MIN, below(3 * MIN)][below(7)];
        let bytes = message(length, seed);
        let body = encode(format, MIN, &bytes, &[usize::MAX]);
        let mut mangled = body.clone();
        for _ in 0..=below(3) {
            if mangled.is_empty() {
                break;
            }
            // Half of the time where the framing is: near the ends.
            let length = mangled.len();
            let place =
                if below(2) == 0 { below(length) } else { length.saturating_sub(below(300)).min(length - 1) };
            let end = (place + below(200)).min(length);
            match below(6) {
                0 => mangled[place] = below(256) as u8,
                1 => drop(mangled.splice(place..place, message(below(100), seed))),
                2 => drop(mangled.drain(place..end)),
                3 => {
                    let piece = mangled[place..end].to_vec();
                    drop(mangled.splice(end..end, piece));
                }
                4 => {
                    let word = ["\r\n", "\n", "0", "2000", ";chunk-signature=", "x-amz-trailer-signature:"]
                        [below(6)];
                    drop(mangled.splice(place..place, word.bytes()));
                }
                _ => mangled.truncate(place.max(1)),
            }
        }
        let cuts = [1 + below(50), 1 + below(20_000)];
        match decode(format, length, &mangled, &cuts) {
            Ok(read) => assert!(mangled == body && read == bytes, "seed {seed}"),
            Err(error) => assert_ne!(mangled, body, "seed {seed}: {error}"),
        }
    }
}

#[test]
fn chunks_cannot_change_places() {
    let format = ChunkFormat::Signed;
    // Alike but for their signatures.
    let bytes = vec![7; 3 * MIN];
    let body = encode(format, MIN, &bytes, &[usize::MAX]);
    let chunk = chunk_head(MIN as u64, Some(&Signature::parse(&"0".repeat(64)).unwrap())).len() + MIN + 2;
    let mut swapped = body.clone();
    swapped[..chunk].copy_from_slice(&body[chunk..2 * chunk]);
    swapped[chunk..2 * chunk].copy_from_slice(&body[..chunk]);
    let error = decode(format, bytes.len(), &swapped, &[usize::MAX]).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::IntegrityMismatch, "SignatureDoesNotMatch"));
    let left_out = [&body[..chunk], &body[2 * chunk..]].concat();
    let error = decode(format, 2 * MIN, &left_out, &[usize::MAX]).unwrap_err();
    assert_eq!(error.code(), "SignatureDoesNotMatch");
}

/// Unsigned, so that nothing but the framing can refuse it.
#[test]
fn framing_that_is_refused() {
    let format = ChunkFormat::UnsignedTrailer(TrailerChecksum::Crc32);
    let data = |length: usize| "d".repeat(length);
    let whole = |chunks: &str, trailer: &str| format!("{chunks}0\r\n{trailer}\r\n");
    let sum = "x-amz-checksum-crc32:AAAAAA==\r\n";
    for (name, length, body, code) in [
        ("no size", 2, whole(";\r\ndd\r\n", sum), "InvalidRequest"),
        ("upper case", 10, whole(&format!("A\r\n{}\r\n", data(10)), sum), "InvalidRequest"),
        ("a zero before the size", 2, whole("02\r\ndd\r\n", sum), "InvalidRequest"),
        ("a sign before the size", 2, whole("+2\r\ndd\r\n", sum), "InvalidRequest"),
        ("a space behind the size", 2, whole("2 \r\ndd\r\n", sum), "InvalidRequest"),
        ("LF alone", 2, whole("2\ndd\r\n", sum), "InvalidRequest"),
        ("a long line", 2, whole(&format!("{}2\r\ndd\r\n", "0".repeat(100)), sum), "InvalidRequest"),
        ("a size beyond 16 MiB", 2, "1000001\r\n".to_owned(), "InvalidRequest"),
        ("a size beyond 64 bits", 2, "fffffffffffffffff\r\n".to_owned(), "InvalidRequest"),
        ("more than announced", 2, whole("3\r\nddd\r\n", sum), "IncompleteBody"),
        (
            "fewer than announced",
            MIN + 1,
            whole(&format!("2000\r\n{}\r\n", data(MIN)), sum),
            "IncompleteBody",
        ),
        ("a small chunk before another", 4, whole("2\r\ndd\r\n2\r\ndd\r\n", sum), "InvalidChunkSizeError"),
        ("a chunk longer than its size", 2, whole("2\r\nddd\r\n", sum), "InvalidRequest"),
        ("no last chunk", 2, "2\r\ndd\r\n".to_owned(), "IncompleteBody"),
        ("nothing", 0, String::new(), "IncompleteBody"),
        ("no trailer", 2, whole("2\r\ndd\r\n", ""), "MalformedTrailerError"),
        (
            "another trailer",
            2,
            whole("2\r\ndd\r\n", "x-amz-checksum-sha1:AAAAAA==\r\n"),
            "MalformedTrailerError",
        ),
        (
            "a trailer of another length",
            2,
            whole("2\r\ndd\r\n", "x-amz-checksum-crc32:AAAAAAA=\r\n"),
            "MalformedTrailerError",
        ),
        ("two trailers", 2, whole("2\r\ndd\r\n", &format!("{sum}{sum}")), "InvalidRequest"),
        (
            "a signature of an unsigned trailer",
            2,
            whole("2\r\ndd\r\n", &format!("{sum}x-amz-trailer-signature:{}\r\n", data(64))),
            "InvalidRequest",
        ),
        ("data behind the end", 2, whole("2\r\ndd\r\n", sum) + "d", "InvalidRequest"),
        ("a line behind the end", 2, whole("2\r\ndd\r\n", sum) + "\r\n", "InvalidRequest"),
    ] {
        let error = decode(format, length, body.as_bytes(), &[usize::MAX]).expect_err(name);
        assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidChunks, code), "{name}: {error}");
        let in_bytes = decode(format, length, body.as_bytes(), &[1]).expect_err(name);
        assert_eq!(in_bytes, error, "{name}");
    }
    let sound = whole("2\r\ndd\r\n", sum);
    let mut decoder = ChunkDecoder::new(format, 2, None).unwrap();
    let mut bytes = Vec::new();
    decoder.update(sound.as_bytes(), &mut bytes).unwrap();
    assert!(decoder.finish().unwrap().is_some_and(|trailer| trailer.is_of(&[0; 4])));
}

#[test]
fn a_refused_body_stays_refused() {
    let format = ChunkFormat::UnsignedTrailer(TrailerChecksum::Crc32);
    let mut decoder = ChunkDecoder::new(format, 2, None).unwrap();
    let mut bytes = Vec::new();
    assert!(decoder.update(b"x\r\n", &mut bytes).is_err());
    assert!(decoder.update(b"2\r\ndd\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", &mut bytes).is_err());
    assert!(bytes.is_empty() && decoder.finish().is_err());
}

#[test]
fn an_encoder_takes_exactly_what_was_planned() {
    let plan = |format| ChunkPlan::new(format, ChunkSize::MIN, 3).unwrap();
    let signed_trailer = ChunkFormat::SignedTrailer(TrailerChecksum::Sha1);
    let mut body = Vec::new();
    let mut encoder = ChunkEncoder::new(plan(ChunkFormat::Signed), chain(ChunkFormat::Signed)).unwrap();
    assert_eq!(encoder.update(b"abcd", &mut body).unwrap_err().kind(), ErrorKind::InvalidSize);
    encoder.update(b"ab", &mut body).unwrap();
    assert_eq!(encoder.finish(None, &mut body).unwrap_err().kind(), ErrorKind::InvalidSize);
    assert!(body.is_empty());

    for trailer in [None, trailer(ChunkFormat::SignedTrailer(TrailerChecksum::Crc32), b"abc")] {
        let mut encoder = ChunkEncoder::new(plan(signed_trailer), chain(signed_trailer)).unwrap();
        encoder.update(b"abc", &mut body).unwrap();
        assert_eq!(encoder.finish(trailer.as_ref(), &mut body).unwrap_err().kind(), ErrorKind::InvalidOption);
    }
    assert!(ChunkEncoder::new(plan(signed_trailer), None).is_err());
    assert!(ChunkDecoder::new(signed_trailer, 3, None).is_err());
    let unsigned = ChunkFormat::UnsignedTrailer(TrailerChecksum::Sha1);
    assert!(ChunkEncoder::new(plan(unsigned), chain(signed_trailer)).is_err());
    assert!(ChunkDecoder::new(unsigned, 3, chain(signed_trailer)).is_err());
    assert!(ChunkDecoder::new(unsigned, u64::MAX, None).is_err());
}
