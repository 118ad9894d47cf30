//! The object that calls are made on.

use napi_derive::napi;

/// Something that calls are made on.
#[napi]
pub struct Floor(u32);

#[napi]
impl Floor {
    /// Makes one.
    #[napi(constructor)]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self(1)
    }

    /// A number in, a number out.
    #[napi]
    pub fn number(&self, number: u32) -> u32 {
        number ^ self.0
    }

    /// Three texts and a number in, a number out.
    #[napi]
    pub fn texts(&self, one: String, two: String, three: String, number: f64) -> napi::Result<bool> {
        Ok((one.len() + two.len() + three.len()) as f64 > number)
    }
}
