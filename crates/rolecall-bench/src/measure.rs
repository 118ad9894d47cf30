//! Medians of many short runs, because single runs on a shared machine can differ by half.

use serde::{Deserialize, Serialize};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// The cost of one task in one implementation.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Figure {
    pub size: String,
    /// The runtime.
    #[serde(rename = "where")]
    pub place: String,
    pub task: String,
    pub who: String,
    /// Nanoseconds for one operation, or bytes for one assignment.
    pub ns: f64,
}

impl Figure {
    /// Prints a figure as a line of JSON, like every program of the benchmark.
    pub fn print(size: &str, place: &str, task: &str, who: &str, ns: f64) {
        let [size, place, task, who] = [size, place, task, who].map(String::from);
        println!("{}", serde_json::json!(Self { size, place, task, who, ns }));
    }
}

/// One implementation of a task: its name, the number of operations in a run, and a run.
pub struct Way<'w> {
    who: &'w str,
    operations: usize,
    run: Box<dyn FnMut() + 'w>,
}

/// Returns an implementation whose run does the task `operations` times.
pub fn way<'w>(who: &'w str, operations: usize, run: impl FnMut() + 'w) -> Way<'w> {
    Way { who, operations, run: Box::new(run) }
}

/// Measures implementations of a task in turn, in short rounds, so that a disturbance affects all of them.
pub fn side_by_side(quick: bool, ways: &mut [Way<'_>]) -> Vec<f64> {
    let (rounds, least) = if quick { (5, Duration::from_millis(20)) } else { (15, Duration::from_millis(100)) };
    let mut samples = vec![Vec::with_capacity(rounds); ways.len()];
    for way in ways.iter_mut() {
        (way.run)();
    }
    for _ in 0..rounds {
        for (way, samples) in ways.iter_mut().zip(&mut samples) {
            let start = Instant::now();
            let mut times = 0;
            while start.elapsed() < least {
                black_box(&mut way.run)();
                times += 1;
            }
            samples.push(start.elapsed().as_nanos() as f64 / (times * way.operations) as f64);
        }
    }
    let median = |mut samples: Vec<f64>| {
        samples.sort_by(f64::total_cmp);
        samples[samples.len() / 2]
    };
    samples.into_iter().map(median).collect()
}

/// Measures one implementation.
pub fn nanoseconds(quick: bool, operations: usize, run: impl FnMut()) -> f64 {
    side_by_side(quick, &mut [way("", operations, run)])[0]
}

/// Measures implementations of a task in turn, and prints the figures.
pub fn print_side_by_side(quick: bool, size: &str, place: &str, task: &str, mut ways: Vec<Way<'_>>) {
    let figures = side_by_side(quick, &mut ways);
    for (way, ns) in ways.iter().zip(figures) {
        Figure::print(size, place, task, way.who, ns);
    }
}
