//! Medians of many short runs: these machines are shared, and single runs are off by half.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// What one way of doing one task costs.
pub struct Figure {
    pub task: &'static str,
    pub who: String,
    /// Nanoseconds for one operation.
    pub nanoseconds: f64,
}

/// Measures work that does `operations` of something.
pub fn nanoseconds(quick: bool, operations: usize, mut work: impl FnMut()) -> f64 {
    work();
    let (rounds, least) = if quick { (5, Duration::from_millis(20)) } else { (15, Duration::from_millis(100)) };
    let mut samples: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            let mut times = 0;
            while start.elapsed() < least {
                black_box(&mut work)();
                times += 1;
            }
            start.elapsed().as_nanos() as f64 / (times * operations) as f64
        })
        .collect();
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}
