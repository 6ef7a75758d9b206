//! Any commands and answers, in any order, late or twice.

use super::bench::{Bench, answer, ok, refusal, sha256, stored};
use proptest::prelude::*;
use sealift::upload::{Action, Config, Event, Intent, Renewal, Signed, State};
use sealift::{Error, ErrorKind};

/// One thing that happens: a command to one of the uploads, an answer of some
/// kind to one of all actions so far (old ones too), or time that passes.
#[derive(Clone, Debug)]
enum Step {
    Command(u8, usize),
    Answer(u8, usize),
    Pass(u64),
    Network(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0_u8..6, 0_usize..4).prop_map(|(command, upload)| Step::Command(command, upload)),
        12 => (any::<u8>(), 0_usize..6).prop_map(|(kind, back)| Step::Answer(kind, back)),
        4 => (0_u64..100_000).prop_map(Step::Pass),
        1 => any::<bool>().prop_map(Step::Network),
    ];
    prop::collection::vec(step, 0..120)
}

fn answer_to(it: &mut Bench, action: &Action, kind: u8) -> Option<Event> {
    let lost = || Error::new(ErrorKind::Network, "away").with_retryable(true);
    let failed = |call| Some(Event::CallFailed { call, error: lost(), retry_after_ms: None });
    Some(match action {
        Action::Hash { hash, .. } if kind < 10 => {
            Event::HashFailed { hash: *hash, error: Error::new(ErrorKind::UnreadableFile, "gone") }
        }
        Action::DropChunks { .. } => panic!("nothing is in chunks"),
        Action::Hash { hash, .. } => Event::Hashed { hash: *hash, digest: sha256([0; 32]) },
        Action::CreateGrants { call, .. } | Action::Sign { call, .. } if kind < 20 => return failed(*call),
        Action::Finish { call, .. } | Action::Delete { call, .. } if kind < 20 => return failed(*call),
        Action::CreateGrants { call, files } => {
            Event::Granted { call: *call, items: files.iter().map(|_| Ok(it.grant())).collect() }
        }
        Action::Sign { call, items } if kind < 40 => Event::Signed {
            call: *call,
            items: items.iter().map(|_| Err(refusal("grant_expired", 410, false))).collect(),
        },
        Action::Sign { call, items } => Event::Signed {
            call: *call,
            items: items
                .iter()
                .map(|item| {
                    let renews = item.intents.contains(&Intent::Renew);
                    let grant = renews.then(|| Renewal { token: item.token.clone(), lifetime_ms: 10_000 });
                    Ok(Signed { requests: vec![it.signed()], grant })
                })
                .collect(),
        },
        Action::Send { attempt, .. } if kind < 20 => Event::NetworkError { attempt: *attempt },
        Action::Send { attempt, .. } if kind < 100 => {
            Event::Progress { attempt: *attempt, sent: u64::from(kind) * 50 }
        }
        Action::Send { attempt, .. } if kind < 120 => Event::Response {
            attempt: *attempt,
            response: answer(if kind < 110 { 503 } else { 412 }, "Code"),
        },
        Action::Send { attempt, .. } => Event::Response { attempt: *attempt, response: ok() },
        Action::Finish { call, items } if kind < 60 => Event::Finished {
            call: *call,
            items: items.iter().map(|_| Err(refusal("not_uploaded", 404, true))).collect(),
        },
        Action::Finish { call, items } => {
            let object = |token: &str| stored(&token.replace("token", "key"), 4_000);
            Event::Finished { call: *call, items: items.iter().map(|item| Ok(object(&item.token))).collect() }
        }
        Action::Delete { call, items } => {
            Event::Deleted { call: *call, items: items.iter().map(|_| Ok(())).collect() }
        }
        Action::Cancel { .. }
        | Action::CancelHash { .. }
        | Action::CancelCall { .. }
        | Action::Save { .. }
        | Action::Forget { .. } => return None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn nothing_breaks_it(steps in steps(), concurrency in 1_usize..4, tries in 0_u32..4) {
        let mut it = Bench::new(Config { concurrency, tries, ..Config::default() });
        let ids: Vec<_> = (0..4).map(|_| it.add(4_000)).collect();
        let mut asked: Vec<Action> = Vec::new();
        let mut settled = [false; 4];
        for step in steps {
            asked.extend(it.actions.drain(..));
            match step {
                Step::Command(command, upload) => {
                    let id = ids[upload];
                    let acted = it.command(|uploader, now| match command {
                        0 => uploader.pause(id, now),
                        1 => uploader.resume(id, now),
                        2 => uploader.retry(id, now),
                        3 => uploader.abort(id, now),
                        4 => uploader.delete(id, now),
                        _ => uploader.start(id, now),
                    });
                    settled[upload] &= !acted;
                }
                Step::Answer(kind, back) => {
                    let Some(action) = asked.iter().rev().nth(back).cloned() else { continue };
                    if let Some(event) = answer_to(&mut it, &action, kind) {
                        it.event(event);
                    }
                }
                Step::Pass(millis) => it.pass(millis),
                Step::Network(online) => it.event(if online { Event::Online } else { Event::Offline }),
            }
            let uploading = ids.iter().filter(|id| it.state(**id) == State::Uploading).count();
            prop_assert!(uploading <= concurrency);
            for (id, settled) in ids.iter().zip(&mut settled) {
                let (state, progress) = (it.state(*id), it.uploader.progress(*id, it.at()).unwrap());
                prop_assert!(progress.loaded() <= progress.total);
                prop_assert_eq!(progress.fraction() == 1.0, state == State::Done);
                prop_assert!(!*settled || state.is_settled(), "only a command brings a settled upload back");
                *settled = state.is_settled();
            }
            let now = it.at();
            prop_assert!(it.uploader.poll_timeout().is_none_or(|at| at > now));
        }
    }
}
