//! CRC-64/NVME of two messages one behind the other, worked out another way
//! than the crate does: by 64 × 64 matrices over GF(2), as zlib does for CRC-32.

use std::sync::LazyLock;

type Matrix = [u64; 64];

const POLYNOMIAL: u64 = 0x9A6C_9329_AC4B_C9B5;

/// What 2^k zero bytes do to a CRC.
static ZEROS: LazyLock<[Matrix; 48]> = LazyLock::new(|| {
    let mut bit: Matrix = [0; 64];
    bit[0] = POLYNOMIAL;
    for (power, row) in bit.iter_mut().enumerate().skip(1) {
        *row = 1 << (power - 1);
    }
    let mut current = square(&square(&square(&bit)));
    std::array::from_fn(|_| {
        let this = current;
        current = square(&this);
        this
    })
});

fn times(matrix: &Matrix, mut vector: u64) -> u64 {
    let mut sum = 0;
    while vector != 0 {
        sum ^= matrix[vector.trailing_zeros() as usize];
        vector &= vector - 1;
    }
    sum
}

fn square(matrix: &Matrix) -> Matrix {
    std::array::from_fn(|row| times(matrix, matrix[row]))
}

/// The CRC of two messages, the second of `length` bytes.
pub fn combine(first: u64, second: u64, length: u64) -> u64 {
    let powers = (0..48).filter(|power| length >> power & 1 == 1);
    second ^ powers.fold(first, |crc, power| times(&ZEROS[power], crc))
}

#[test]
fn combining_is_right() {
    let bitwise = |message: &[u8]| {
        !message.iter().fold(u64::MAX, |crc, byte| {
            (0..8).fold(crc ^ u64::from(*byte), |crc, _| (crc >> 1) ^ (POLYNOMIAL * (crc & 1)))
        })
    };
    let message: Vec<u8> = (0..1_000_u32).map(|n| (n * n) as u8).collect();
    assert_eq!(bitwise(b"123456789"), 0xae8b_1486_0a79_9888);
    for cut in [0, 1, 7, 500, 999, 1_000] {
        let (first, second) = message.split_at(cut);
        assert_eq!(combine(bitwise(first), bitwise(second), second.len() as u64), bitwise(&message));
    }
}
