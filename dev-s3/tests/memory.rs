//! Bodies pass through: memory does not grow with them.
#![cfg(target_os = "linux")] // peak memory is read from /proc
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use support::signing::{Signer, form_request};
use support::{Folder, Program, Request};

const SIZE: u64 = 256 << 20;

/// What the program needs at all, and a few frames of each body under way.
const BOUND: u64 = 64 << 20;

#[test]
fn bodies_go_in_and_out_in_little_memory() {
    let folder = Folder::new();
    let program = Program::start(&folder, &[]);
    let server = &program.server;
    let signer = Signer::new();

    let put = Request::new("PUT", "/photos/put")
        .header("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
        .header("content-length", SIZE.to_string());
    server.send_long(signer.sign(server, put), b"", SIZE, b"").expect(200);

    let form = signer.form(&[("key", "form")], &[], 60);
    let whole = form_request(&form, "f", b"|");
    let split = whole.body.iter().rposition(|b| *b == b'|').unwrap();
    let (before, after) = (&whole.body[..split], &whole.body[split + 1..]);
    let length = before.len() as u64 + SIZE + after.len() as u64;
    let head = Request { body: Vec::new(), ..whole.clone() }.header("content-length", length.to_string());
    server.send_long(head, before, SIZE, after).expect(204);

    let get = signer.sign(server, Request::new("GET", "/photos/put"));
    assert!(server.count(get) > SIZE);
    let stored = folder.bytes();
    assert!((2 * SIZE..2 * SIZE + 100_000).contains(&stored), "{stored}");

    let peak = peak_memory(program.pid());
    println!("peak memory: {} MiB for bodies of {} MiB", peak >> 20, SIZE >> 20);
    assert!(peak < BOUND, "{} MiB", peak >> 20);
}

/// `VmHWM`, in bytes.
fn peak_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}
