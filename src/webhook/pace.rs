//! How fast a service may be called: so many messages in so much time.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// So many messages in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many messages.
    pub messages: usize,
    /// In what time.
    pub per: Duration,
}

impl Rate {
    /// So many messages in so many seconds.
    pub const fn per_seconds(messages: usize, seconds: u64) -> Self {
        Self { messages, per: Duration::from_secs(seconds) }
    }
}

/// What was sent lately to one webhook, held against the rates of its service.
///
/// It counts what this process has sent, on the clock that nobody sets. After a restart it begins anew; a
/// service that was called too often meanwhile says so, and is left alone.
#[derive(Debug)]
pub struct Pace {
    rates: &'static [Rate],
    sent: VecDeque<Instant>,
}

impl Pace {
    /// Nothing was sent yet.
    pub fn new(rates: &'static [Rate]) -> Self {
        Self { rates, sent: VecDeque::new() }
    }

    /// How long to wait at `now` until the next message may go.
    pub fn wait(&self, now: Instant) -> Duration {
        let free = |rate: &Rate| {
            let nth = self.sent.len().checked_sub(rate.messages)?;
            Some((*self.sent.get(nth)? + rate.per).saturating_duration_since(now))
        };
        self.rates.iter().filter_map(free).max().unwrap_or_default()
    }

    /// Counts a message that goes at `now`.
    pub fn count(&mut self, now: Instant) {
        self.sent.push_back(now);
        let most = self.rates.iter().map(|rate| rate.messages).max().unwrap_or_default();
        while self.sent.len() > most {
            self.sent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATES: &[Rate] = &[Rate::per_seconds(2, 1), Rate::per_seconds(5, 10)];

    #[test]
    fn a_message_waits_for_the_rate_that_lets_it_through_last() {
        let start = Instant::now();
        let mut pace = Pace::new(RATES);
        let mut now = start;
        let mut went = Vec::new();
        for _ in 0..7 {
            now += pace.wait(now);
            pace.count(now);
            went.push((now - start).as_secs());
        }
        assert_eq!(went, [0, 0, 1, 1, 2, 10, 10]);
        assert_eq!(Pace::new(&[]).wait(now), Duration::ZERO);
    }

    proptest! {
        #[test]
        fn no_window_ever_holds_more_than_its_rate(pauses in proptest::collection::vec(0_u64..3_000, 1..60)) {
            let (mut pace, mut now, mut went) = (Pace::new(RATES), Instant::now(), Vec::new());
            for pause in pauses {
                now += Duration::from_millis(pause);
                now += pace.wait(now);
                pace.count(now);
                went.push(now);
            }
            for rate in RATES {
                for (n, first) in went.iter().enumerate() {
                    prop_assert!(went[n..].iter().filter(|time| **time < *first + rate.per).count() <= rate.messages);
                }
            }
        }
    }
}
