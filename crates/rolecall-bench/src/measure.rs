//! Medians of many short runs: these machines are shared, and single runs are off by half.

use serde::{Deserialize, Serialize};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// What one way of doing one task costs.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Figure {
    pub size: String,
    /// The runtime.
    #[serde(rename = "where")]
    pub place: String,
    pub task: String,
    pub who: String,
    /// Nanoseconds for one operation; for memory bytes for one assignment.
    pub ns: f64,
}

impl Figure {
    /// Writes a figure as a line of JSON, as every program of the benchmark does.
    pub fn tell(size: &str, place: &str, task: &str, who: &str, ns: f64) {
        let [size, place, task, who] = [size, place, task, who].map(String::from);
        println!("{}", serde_json::json!(Self { size, place, task, who, ns }));
    }
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
