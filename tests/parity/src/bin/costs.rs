//! Processes one input in the function `measured`, for counting its instructions. `costs ENTRY NAME SIZE` prints its
//! bytes. Without arguments it lists every input: entry point, name, size, whether it is one of the quick
//! ones, and whether its answer stays the same at any size.
#![allow(clippy::panic, clippy::indexing_slicing, clippy::expect_used)]

use anyhow::{Context, Result};
use rolecall_parity::costs::CASES;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [entry, name, size] = args.as_slice() else {
        for case in CASES {
            println!("{}\t{}\t{}\t{}\t{}", case.entry, case.name, case.size, case.quick, case.flat);
        }
        return Ok(());
    };
    let case =
        CASES.iter().find(|case| case.entry == entry && case.name == name).context("the input does not exist")?;
    let input = (case.make)(size.parse()?);
    println!("{}", input.bytes);
    // Let the allocator consolidate the memory of making the input now, so this is not counted.
    drop(std::hint::black_box(vec![0_u8; 100_000]));
    measured(&*input.work);
    Ok(())
}

/// The counted part.
#[inline(never)]
fn measured(work: &dyn Fn()) {
    work();
}
