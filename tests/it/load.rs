//! How much of the machine is left to a test: what a promise of so many milliseconds is stretched by where
//! others compute beside it, and by nothing else.

use std::time::{Duration, Instant};

/// The share of the machine that others may have at most, for a limit to be stretched by it.
const MOST_OF_OTHERS: f64 = 0.9;

/// Linux counts the time of its processors in hundredths of a second, whatever its kernel does within
/// (`USER_HZ`): <https://man7.org/linux/man-pages/man5/proc_stat.5.html>.
const TICKS: f64 = 100.0;

/// What others do on this machine from a moment on.
pub(crate) struct Load {
    daemon: u32,
    since: Instant,
    before: i64,
}

impl Load {
    /// Begins to measure. The work of this process and of the daemon with this id is not that of others.
    pub(crate) fn beside(daemon: u32) -> Self {
        Self { daemon, since: Instant::now(), before: ticks_of_others(daemon) }
    }

    /// How long ago it began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }

    /// The share of all processors that others have had since then, from 0 to [`MOST_OF_OTHERS`].
    pub(crate) fn share(&self) -> f64 {
        let cores = std::thread::available_parallelism().unwrap().get() as f64;
        // One tick is too short a time to divide by.
        let spent = self.since.elapsed().as_secs_f64().max(1.0 / TICKS);
        ((ticks_of_others(self.daemon) - self.before) as f64 / (spent * TICKS * cores)).clamp(0.0, MOST_OF_OTHERS)
    }

    /// As much time as `limit` is on a machine of which nobody else uses a part.
    pub(crate) fn stretched(&self, limit: Duration) -> Duration {
        limit.div_f64(1.0 - self.share())
    }

    /// Fails the test where what was waited for from the beginning until now took longer than `limit`.
    pub(crate) fn assert_within(&self, limit: Duration, what: &str) {
        let took = self.elapsed();
        let allowed = self.stretched(limit);
        assert!(took < allowed, "{what} took {took:?}, and others had {:.0} % of the machine", self.share() * 100.0);
    }
}

/// What the processors have done for others than this test and its daemon, in ticks; 0 where the system
/// does not tell.
fn ticks_of_others(daemon: u32) -> i64 {
    let numbers = |text: &str| text.split_whitespace().filter_map(|word| word.parse().ok()).collect::<Vec<i64>>();
    let Ok(all) = std::fs::read_to_string("/proc/stat") else { return 0 };
    let all = numbers(all.lines().next().unwrap_or_default());
    // User, nice, system; then idle and waiting for the disk, then interrupts and what a host took away.
    let busy: i64 = all.iter().enumerate().filter(|(n, _)| ![3, 4].contains(n) && *n < 8).map(|(_, ticks)| ticks).sum();
    let own = |process: &str| {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // The name of the program stands in brackets and may hold anything; utime and stime are the
        // twelfth and thirteenth words behind it.
        let words: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        words.iter().skip(11).take(2).filter_map(|word| word.parse::<i64>().ok()).sum::<i64>()
    };
    busy - own("self") - own(&daemon.to_string())
}

#[test]
fn own_work_is_not_that_of_others() {
    // A process that nobody is: what this one does is left out all the same.
    let load = Load::beside(u32::MAX);
    let mut sum = 0_u64;
    while load.elapsed() < Duration::from_millis(600) {
        sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(7));
    }
    let own = std::fs::read_to_string("/proc/self/stat").is_ok();
    let quiet = load.share();
    // The same work by another process is that of others.
    let load = Load::beside(u32::MAX);
    let mut other = std::process::Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(600));
    let busy = load.share();
    other.kill().unwrap();
    other.wait().unwrap();
    if own {
        assert!(busy > 0.1 && quiet <= MOST_OF_OTHERS, "{quiet} and {busy}");
        assert!(load.stretched(Duration::from_secs(1)) > Duration::from_millis(1_100));
    }
}
