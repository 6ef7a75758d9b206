//! `sealift-server`: the signing backend.

fn main() {}
