//! Many files at once: connections, readers, shared calls.

use super::bench::{Bench, ok, plain, refusal, sha256};
use super::server::Server;
use sealift::upload::{Action, AttemptId, CallId, Config, Event, State, Transport, UploadId};
use std::collections::VecDeque;

#[test]
fn no_more_requests_than_connections_and_in_the_order_of_adding() {
    let mut it = Bench::new(Config { concurrency: 3, ..plain() });
    let ids: Vec<UploadId> = (0..10).map(|_| it.add(5)).collect();
    while it.actions.is_empty() {
        it.pass(1);
    }
    assert_eq!(it.grant_all(), 10);
    let mut sent = Vec::new();
    let mut under_way = VecDeque::new();
    while sent.len() < 10 {
        match it.next() {
            Action::Send { attempt, .. } => {
                sent.push(attempt.upload());
                under_way.push_back(attempt);
            }
            Action::Finish { .. } => {}
            other => panic!("{other:?}"),
        }
        assert!(under_way.len() <= 3);
        if it.actions.is_empty() {
            let attempt: AttemptId = under_way.pop_front().expect("one");
            it.respond(attempt, ok());
        }
    }
    assert_eq!(sent, ids);
}

#[test]
fn large_files_are_read_only_a_little_ahead() {
    let mut it = Bench::new(Config { concurrency: 4, ..Config::default() });
    for _ in 0..20 {
        it.add(1 << 30);
    }
    let mut reads = 0;
    loop {
        it.pass(10);
        match it.actions.pop_front() {
            Some(Action::Hash { hash, .. }) => {
                reads += 1;
                it.event(Event::Hashed { hash, digest: sha256([0; 32]) });
            }
            Some(Action::CreateGrants { call, files }) => {
                let items = files.iter().map(|_| Ok(it.grant())).collect();
                it.event(Event::Granted { call, items });
            }
            Some(Action::Send { .. }) => {}
            Some(other) => panic!("{other:?}"),
            None => break,
        }
    }
    assert_eq!(reads, 6, "four connections and two ahead");
}

/// Two hundred small files, with every answer 50 ms away.
#[test]
fn many_small_files_share_few_calls() {
    let mut it = Bench::new(Config { concurrency: 6, ..Config::default() });
    let ids: Vec<UploadId> = (0..200).map(|_| it.add(100_000)).collect();
    let mut answers: VecDeque<(u64, Event)> = VecDeque::new();
    let (mut grants, mut finishes, mut signs) = (0, 0, 0);
    loop {
        while let Some(action) = it.actions.pop_front() {
            let at = it.now + 50;
            let event = match action {
                Action::Hash { hash, .. } => {
                    // Two readers, a millisecond each.
                    answers.push_back((it.now + 1, Event::Hashed { hash, digest: sha256([0; 32]) }));
                    continue;
                }
                Action::CreateGrants { call, files } => {
                    grants += 1;
                    Event::Granted { call, items: files.iter().map(|_| Ok(it.grant())).collect() }
                }
                Action::Send { attempt, .. } => Event::Response { attempt, response: ok() },
                Action::Finish { call, items } => {
                    finishes += 1;
                    let object = |token: &str| super::bench::stored(&token.replace("token", "key"), 100_000);
                    Event::Finished {
                        call,
                        items: items.iter().map(|item| Ok(object(&item.token))).collect(),
                    }
                }
                Action::Sign { .. } => {
                    signs += 1;
                    continue;
                }
                other => panic!("{other:?}"),
            };
            answers.push_back((at, event));
        }
        let next = answers.iter().map(|(at, _)| *at).min();
        let Some(at) = next.or(it.uploader.poll_timeout().map(|at| at.millis())) else { break };
        it.pass(at.saturating_sub(it.now));
        let due: Vec<usize> = (0..answers.len()).filter(|index| answers[*index].0 <= it.now).collect();
        for index in due.into_iter().rev() {
            let (_, event) = answers.remove(index).expect("due");
            it.event(event);
        }
    }
    assert!(ids.iter().all(|id| it.state(*id) == State::Done));
    assert!(grants <= 8, "{grants} calls for grants");
    assert_eq!(signs, 0, "the first signatures come with the grants");
    assert!(finishes <= 40, "{finishes} calls to finish");
    assert!(it.now < 200 * 50 / 6 * 2, "the connections were busy: {} ms", it.now);
}

#[test]
fn an_endpoint_that_takes_fewer_files_is_asked_for_fewer() {
    let mut it = Bench::new(Config { tries: 0, ..plain() });
    for _ in 0..40 {
        it.add(5);
    }
    let mut granted = 0;
    while granted < 40 {
        match it.next() {
            Action::CreateGrants { call, files } if files.len() > 7 => {
                let error = refusal("too_many_files", 413, false);
                it.event(Event::CallFailed { call, error, retry_after_ms: None });
            }
            Action::CreateGrants { call, files } => {
                granted += files.len();
                let items = files.iter().map(|_| Ok(it.grant())).collect();
                it.event(Event::Granted { call, items });
            }
            Action::Send { attempt, .. } => it.respond(attempt, ok()),
            Action::Finish { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn one_file_refused_does_not_hold_the_others_of_its_call() {
    let mut it = Bench::new(plain());
    let (bad, good) = (it.add(5), it.add(5));
    let Action::CreateGrants { call, .. } = it.next() else { panic!("granted") };
    let grant = it.grant();
    it.event(Event::Granted { call, items: vec![Err(refusal("size_refused", 413, false)), Ok(grant)] });
    assert_eq!((it.state(bad), it.state(good)), (State::Failed, State::Uploading));
}

#[test]
fn the_uploads_of_a_failed_call_share_the_next_one_too() {
    let mut it = Bench::new(plain());
    for _ in 0..10 {
        it.add(5);
    }
    for _ in 0..3 {
        let Action::CreateGrants { call, files } = it.next() else { panic!("granted") };
        assert_eq!(files.len(), 10);
        it.event(Event::CallFailed {
            call,
            error: refusal("s3_unavailable", 503, true),
            retry_after_ms: None,
        });
    }
    assert_eq!(it.grant_all(), 10);
}

#[test]
fn progress_is_named_once_however_often_it_came() {
    let mut it = Bench::new(plain());
    let (first, one) = it.until_sent(5_000_000);
    let (second, two) = it.until_sent(5_000_000);
    for sent in 1..1_000 {
        it.progress(one, sent * 1_000);
        it.progress(two, sent * 1_000);
    }
    assert_eq!(it.uploader.poll_progress(), Some(first));
    assert_eq!(it.uploader.poll_progress(), Some(second));
    assert_eq!(it.uploader.poll_progress(), None);
}

#[test]
fn progress_of_all() {
    let mut it = Bench::new(plain());
    let (first, one) = it.until_sent(1_000_000);
    let (second, two) = it.until_sent(3_000_000);
    for step in 1..=10 {
        it.pass(100);
        it.progress(one, step * 50_000);
        it.progress(two, step * 50_000);
    }
    let total = it.uploader.total_progress(it.at());
    assert_eq!((total.total, total.confirmed, total.in_flight), (4_000_000, 0, 1_000_000));
    assert!((total.speed - 1_000_000.0).abs() < 100_000.0, "{}", total.speed);
    assert!((2_500..3_500).contains(&total.remaining_ms().expect("known")));
    assert!(it.command(|uploader, now| uploader.abort(second, now)));
    it.actions.clear();
    it.complete_beside(first, one);
    let total = it.uploader.total_progress(it.at());
    assert_eq!(total.confirmed, 1_000_000);
}

impl Bench {
    /// Completes one upload while the deletion of another is under way.
    fn complete_beside(&mut self, id: UploadId, attempt: AttemptId) {
        self.respond(attempt, ok());
        let call: CallId = loop {
            if let Action::Finish { call, .. } = self.next() {
                break call;
            }
        };
        let size = self.uploader.upload(id).expect("known").file().size;
        self.finish(call, Ok(super::bench::stored("key 1", size)));
    }
}

/// Ten thousand files take ten times what a thousand take, and no file waits for all others.
#[test]
fn ten_thousand_small_files_queue_and_finish() {
    for (count, transport) in [(1_000, Transport::Auto), (10_000, Transport::Auto), (10_000, Transport::Put)]
    {
        let mut it = Server::new(Config::default());
        let ids: Vec<UploadId> = (0..count).map(|_| it.add_by(1_000, transport)).collect();
        it.run();
        let done = ids.iter().filter(|id| it.it.state(**id) == State::Done).count();
        assert_eq!((done, it.sent.len()), (count, count), "{transport:?}");
        assert!(it.calls <= count / 50 + 10, "{} calls for {count} files", it.calls);
        // Each was read and sent; all else is shared.
        assert!(it.steps <= 2 * count + count / 20, "{} steps for {count} files", it.steps);
        // In the order in which they were added, as far as connections allow.
        let sent: Vec<UploadId> = it.sent.iter().map(|(attempt, _)| attempt.upload()).collect();
        let late =
            ids.iter().zip(&sent).filter(|(id, sent)| id.number().abs_diff(sent.number()) > 200).count();
        assert_eq!(late, 0, "{late} files were sent out of turn");
    }
}
