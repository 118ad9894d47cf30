//! The object that calls are made on.

use wasm_bindgen::prelude::*;

/// Something that calls are made on.
#[wasm_bindgen]
pub struct Floor(u32);

#[wasm_bindgen]
impl Floor {
    /// Makes one.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self(1)
    }

    /// A number in, a number out.
    pub fn number(&self, number: u32) -> u32 {
        number ^ self.0
    }

    /// Three texts and a number in, a number out.
    pub fn texts(&self, one: &str, two: &str, three: &str, number: f64) -> bool {
        (one.len() + two.len() + three.len()) as f64 > number
    }
}
