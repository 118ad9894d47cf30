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

/// One way of doing a task: who does it, how many operations a run is, and a run.
pub struct Way<'w> {
    who: &'w str,
    operations: usize,
    run: Box<dyn FnMut() + 'w>,
}

/// A way whose run does `operations` of the task.
pub fn way<'w>(who: &'w str, operations: usize, run: impl FnMut() + 'w) -> Way<'w> {
    Way { who, operations, run: Box::new(run) }
}

/// Measures ways of doing a task side by side, a short round of each in turn: what disturbs one disturbs all.
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

/// Measures one way alone.
pub fn nanoseconds(quick: bool, operations: usize, run: impl FnMut()) -> f64 {
    side_by_side(quick, &mut [way("", operations, run)])[0]
}

/// Measures ways of doing a task side by side, and tells the figures.
pub fn tell_side_by_side(quick: bool, size: &str, place: &str, task: &str, mut ways: Vec<Way<'_>>) {
    let figures = side_by_side(quick, &mut ways);
    for (way, ns) in ways.iter().zip(figures) {
        Figure::tell(size, place, task, way.who, ns);
    }
}
