//! The items of a list, several at a time.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use crate::endpoint::Refusal;
use crate::endpoint::protocol::Outcome;

/// How many of a list's items are asked of S3 at the same time.
const AT_ONCE: usize = 16;

/// What comes of each item, in their order.
pub(super) async fn each<I, T, W>(items: Vec<I>, work: impl FnMut(I) -> W) -> Vec<Outcome<T>>
where
    W: Future<Output = Result<T, Refusal>>,
{
    each_of(items, work).await.into_iter().map(Outcome::from).collect()
}

/// As [`each`], whatever comes of them.
pub(super) async fn each_of<I, T, W>(items: Vec<I>, mut work: impl FnMut(I) -> W) -> Vec<T>
where
    W: Future<Output = T>,
{
    let mut waiting: VecDeque<_> = items.into_iter().enumerate().collect();
    let mut running: Vec<(usize, Pin<Box<W>>)> = Vec::new();
    let mut done: Vec<(usize, T)> = Vec::new();
    poll_fn(|context| {
        loop {
            while running.len() < AT_ONCE {
                let Some((index, item)) = waiting.pop_front() else { break };
                running.push((index, Box::pin(work(item))));
            }
            // So few run that each can be asked whenever one of them wakes the task.
            let before = done.len();
            running.retain_mut(|(index, work)| match work.as_mut().poll(context) {
                Poll::Ready(result) => {
                    done.push((*index, result));
                    false
                }
                Poll::Pending => true,
            });
            if running.is_empty() && waiting.is_empty() {
                return Poll::Ready(());
            }
            if done.len() == before || waiting.is_empty() {
                return Poll::Pending;
            }
        }
    })
    .await;
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::task::{Context, Waker};

    /// Ready at the second poll.
    fn later<T>(value: T) -> impl Future<Output = T> {
        let mut value = Some(value);
        let mut asked = false;
        poll_fn(move |context| {
            if std::mem::replace(&mut asked, true) {
                return value.take().map_or(Poll::Pending, Poll::Ready);
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
    }

    #[test]
    fn the_order_stays_and_few_run_at_once() {
        let (running, most) = (Cell::new(0_usize), Cell::new(0_usize));
        let (running, most) = (&running, &most);
        let mut all = Box::pin(each((0..100).collect(), |item: u32| async move {
            running.set(running.get() + 1);
            most.set(most.get().max(running.get()));
            for _ in 0..=item % 7 {
                later(()).await;
            }
            running.set(running.get() - 1);
            Ok(item)
        }));
        let mut context = Context::from_waker(Waker::noop());
        let done = loop {
            if let Poll::Ready(done) = all.as_mut().poll(&mut context) {
                break done;
            }
        };
        let items: Vec<_> = done.into_iter().map(|outcome| outcome.into_result().expect("done")).collect();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
        assert_eq!(most.get(), AT_ONCE);
    }
}
