//! What nobody kept goes, and nothing else, however a sweep ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::multipart::Upload;
use common::world::{World, head, keys, put_empty, uploads};
use common::{Options, Running, start_with};
use sealift::endpoint::{PendingRules, PendingStrategy, Rules};

const COPY: &str = "[rules.pending]\nstrategy = \"copy\"\ncopy_size = 5242880\n";
const TAGS: &str = "[rules.pending]\nstrategy = \"tags\"\n";
const DAY: i64 = 86_400;
/// Past `max_age`, and past the age of all grants.
const LATE: i64 = 9 * DAY;

fn rules(strategy: PendingStrategy) -> Rules {
    let pending = PendingRules { strategy, copy_size: 5 << 20, ..PendingRules::default() };
    Rules { pending: Some(pending), ..Rules::default() }
}

async fn started(toml: &str) -> (Running, World) {
    let server = start_with(Options { toml: toml.to_owned(), ..Options::default() }).await;
    let strategy = if toml == TAGS { PendingStrategy::Tags } else { PendingStrategy::Copy };
    let world = World::of(&server, rules(strategy));
    (server, world)
}

fn receipt(finished: &serde_json::Value) -> &str {
    finished["receipt"].as_str().unwrap()
}

#[tokio::test]
async fn what_nobody_kept_is_swept_when_its_time_has_come_and_not_before() {
    for toml in [COPY, TAGS] {
        let (server, world) = started(toml).await;
        let kept = server.upload("kept.txt", b"kept", &[]).await;
        let kept = world.keep(receipt(&kept)).await.unwrap();
        let unused = server.upload("unused.txt", b"unused", &[]).await;
        Upload::begin(&server, "given-up.bin", &[7; 100], "sha256").await;
        let before = (keys(&server).await, uploads(&server).await);

        for age in [0, 7 * DAY] {
            world.later(age);
            world.sweep().await;
            assert_eq!((keys(&server).await, uploads(&server).await), before, "{age}");
        }
        // No grant is as old as that: nobody goes on with an upload in parts.
        world.later(8 * DAY - 60);
        let swept = world.sweep().await;
        assert_eq!((swept.deleted, swept.aborted, uploads(&server).await), (0, 1, vec![]));
        assert_eq!(keys(&server).await, before.0);
        world.later(LATE);
        let swept = world.sweep().await;
        // The copy's source is pending as before; keeping by a tag leaves one object.
        assert_eq!((swept.deleted, swept.failed), (if toml == COPY { 2 } else { 1 }, 0));
        assert_eq!(keys(&server).await, std::slice::from_ref(&kept.key));
        assert_eq!(head(&server, &kept.key).await.unwrap().size, 4);
        assert!(head(&server, unused["key"].as_str().unwrap()).await.is_none());
        assert_eq!(world.sweep().await.deleted, 0);
    }
}

#[tokio::test]
async fn a_dry_run_says_what_it_would_do_and_does_nothing() {
    for toml in [COPY, TAGS] {
        let (server, world) = started(toml).await;
        let unused = server.upload("unused.txt", b"unused", &[]).await["key"].as_str().unwrap().to_owned();
        let upload = Upload::begin(&server, "given-up.bin", &[7; 100], "sha256").await;
        let before = (keys(&server).await, uploads(&server).await);
        world.later(LATE);
        let (report, named) = world.would_sweep().await;
        let mut expected = vec![unused, upload.created.grant["key"].as_str().unwrap().to_owned()];
        expected.sort();
        assert_eq!(named, expected);
        assert_eq!((report.deleted, report.deleted_bytes, report.aborted), (1, 6, 1));
        assert_eq!((keys(&server).await, uploads(&server).await), before);
        let swept = world.sweep().await;
        assert_eq!(
            (swept.deleted, swept.deleted_bytes, swept.aborted),
            (1, 6, 1),
            "it says what is then done"
        );
    }
}

/// Keys below the prefix that no upload has, and all others.
#[tokio::test]
async fn nothing_else_is_touched() {
    for toml in [COPY, TAGS] {
        let (server, world) = started(toml).await;
        let prefix = if toml == COPY { "pending/uploads" } else { "uploads" };
        let uuid = "6c82a562-cb80-4d10-9632-be89c8513ebf";
        let mut others: Vec<_> = [
            "by-hand.txt".to_owned(),
            format!("{prefix}/by-hand.txt"),
            format!("{prefix}/anna/{uuid}"),
            format!("{prefix}/anna/{uuid}/a/b"),
            format!("{prefix}/anna/not-a-uuid-but-just-as-long-as-one-is/a.txt"),
            format!("{prefix}/an na/{uuid}/a.txt"),
            format!("another/{prefix}/anna/{uuid}/a.txt"),
            format!("uploadss/anna/{uuid}/a.txt"),
        ]
        .into();
        if toml == COPY {
            others.push(format!("uploads/anna/{uuid}/kept.txt"));
        } else {
            // It has no tag, so nobody uploaded it as pending.
            others.push(format!("uploads/anna/{uuid}/a.txt"));
        }
        others.sort();
        for key in &others {
            put_empty(&server, key).await;
        }
        world.later(LATE);
        assert_eq!(world.sweep().await.deleted, 0);
        let mut left = keys(&server).await;
        left.sort();
        assert_eq!(left, others);
    }
}

#[tokio::test]
async fn a_sweep_that_is_killed_at_any_step_leaves_what_is_kept_and_the_next_one_ends_it() {
    for toml in [COPY, TAGS] {
        let (server, world) = started(toml).await;
        let kept = server.upload("kept.txt", b"kept", &[]).await;
        let kept = world.keep(receipt(&kept)).await.unwrap();
        let mut steps = 0;
        for after in 0.. {
            for reaches in [false, true] {
                for name in ["a.txt", "b.txt"] {
                    server.upload(name, b"unused", &[]).await;
                }
                Upload::begin(&server, "given-up.bin", &[7; 100], "sha256").await;
                world.later(LATE);
                let ended = world.killed_after(after, reaches, world.sweep()).await;
                steps += usize::from(ended.is_none());
                assert_eq!(head(&server, &kept.key).await.unwrap().size, 4, "{after}");
                let rest = world.sweep().await;
                assert_eq!(rest.failed, 0, "{after}");
                assert_eq!((keys(&server).await, uploads(&server).await), (vec![kept.key.clone()], vec![]));
                world.later(0);
            }
            if steps < 2 * (after as usize + 1) {
                break;
            }
        }
        assert!(steps >= 10, "only {steps} steps were tried");
    }
}

#[tokio::test]
async fn two_sweeps_at_once_do_what_one_does() {
    for toml in [COPY, TAGS] {
        let (server, world) = started(toml).await;
        let other = World::of(
            &server,
            rules(if toml == TAGS { PendingStrategy::Tags } else { PendingStrategy::Copy }),
        );
        let mut kept = Vec::new();
        for number in 0..40 {
            let finished = server.upload(&format!("{number}.txt"), b"hello", &[]).await;
            if number % 4 == 0 {
                kept.push(world.keep(receipt(&finished)).await.unwrap().key);
            }
        }
        kept.sort();
        for number in 0..5 {
            Upload::begin(&server, &format!("{number}.bin"), &[7; 100], "sha256").await;
        }
        world.later(LATE);
        other.later(LATE);
        let (one, two) = tokio::join!(world.sweep(), other.sweep());
        assert_eq!((one.failed, two.failed), (0, 0), "{one:?} {two:?}");
        let mut left = keys(&server).await;
        left.sort();
        assert_eq!((left, uploads(&server).await), (kept, vec![]));
    }
}

#[tokio::test]
async fn a_keep_that_is_killed_at_any_step_is_kept_by_the_next_one() {
    let (server, world) = started(COPY).await;
    // One that is copied at once, and one in two parts.
    for size in [1_000, (5 << 20) + 1] {
        let body = vec![42; size];
        let mut steps = 0;
        for after in 0.. {
            for reaches in [false, true] {
                let finished = server.upload("a.bin", &body, &[]).await;
                let receipt = receipt(&finished);
                let ended = world.killed_after(after, reaches, world.keep(receipt)).await;
                steps += usize::from(ended.is_none());
                let kept = world.keep(receipt).await.unwrap();
                assert_eq!(world.keep(receipt).await.unwrap(), kept, "asked again");
                let stored = head(&server, &kept.key).await.unwrap();
                assert_eq!((stored.size, stored.content_type.as_deref()), (size as u64, Some("text/plain")));
                assert!(stored.crc64nvme.is_some() || stored.sha256.is_some(), "a checksum stays");
            }
            if steps < 2 * (after as usize + 1) {
                break;
            }
        }
        assert!(steps >= if size > 5 << 20 { 10 } else { 4 }, "only {steps} steps were tried");
        // Copies that were killed half-way lie where only kept objects do.
        let left = uploads(&server).await;
        assert!(left.iter().all(|key| key.starts_with("uploads/")), "{left:?}");
        assert_eq!(left.is_empty(), size == 1_000);
        world.later(LATE);
        let swept = world.sweep().await;
        assert_eq!((swept.aborted, uploads(&server).await), (left.len() as u64, vec![]));
        assert!(keys(&server).await.iter().all(|key| key.starts_with("uploads/")));
        world.later(0);
    }
}

/// MinIO computes no checksums of parts that it copies, and takes none without.
#[tokio::test]
async fn an_s3_that_copies_no_checksums_copies_without() {
    let (server, world) = started(COPY).await;
    let body = vec![42; (11 << 20) + 3];
    let finished = server.upload("a.bin", &body, &[]).await;
    world.copies_no_checksums();
    let kept = world.keep(receipt(&finished)).await.unwrap();
    assert_eq!(head(&server, &kept.key).await.unwrap().size, body.len() as u64);
    assert_eq!(uploads(&server).await, Vec::<String>::new(), "what was begun in vain is given up");
}

/// Long past their time, while sweeps run: whatever is answered is true.
#[tokio::test]
async fn keeps_and_sweeps_that_meet_lose_nothing_that_was_said_to_be_kept() {
    let (server, world) = started(COPY).await;
    let sweeper = World::of(&server, rules(PendingStrategy::Copy));
    sweeper.later(LATE);
    let mut receipts = Vec::new();
    for number in 0..30 {
        receipts.push(server.upload(&format!("{number}.txt"), b"hello", &[]).await);
    }
    let keeping = async {
        let mut kept = Vec::new();
        for finished in &receipts {
            match world.keep(receipt(finished)).await {
                Ok(object) => kept.push(object.key),
                Err(code) => assert_eq!(code, "keep_expired"),
            }
        }
        kept
    };
    let (mut kept, _) = tokio::join!(keeping, async { (sweeper.sweep().await, sweeper.sweep().await) });
    sweeper.sweep().await;
    let mut left = keys(&server).await;
    kept.sort();
    left.sort();
    assert_eq!(left, kept);
}

#[tokio::test]
async fn with_tags_keep_and_sweep_cannot_meet() {
    let (server, world) = started(TAGS).await;
    let late = server.upload("late.txt", b"hello", &[]).await;
    let in_time = server.upload("in-time.txt", b"hello", &[]).await;
    let (limit, max_age) = (7 * DAY, 8 * DAY);
    // Receipts do not last so long: the app names the upload by its key.
    let keep = async |finished: &serde_json::Value| {
        let key = finished["key"].as_str().unwrap().to_owned();
        let attachments = vec![sealift::endpoint::protocol::KeepItem::Key { key }];
        let call = sealift::endpoint::protocol::KeepAttachments { attachments, user: None };
        let mut results = world.service.keep(call).await.unwrap().results;
        results.remove(0).into_result().map_err(|error| (error.status, error.code))
    };
    world.later(limit - 60);
    let kept = keep(&in_time).await.unwrap();
    for age in [limit, max_age - 60, max_age] {
        world.later(age);
        assert_eq!(keep(&late).await, Err((410, "keep_expired".to_owned())), "{age}");
        assert_eq!(keep(&in_time).await, Ok(kept.clone()), "what is kept is kept");
    }
    let swept = world.sweep().await;
    assert_eq!((swept.deleted, keys(&server).await), (1, vec![kept.key]));
}
