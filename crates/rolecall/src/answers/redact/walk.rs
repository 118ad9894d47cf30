//! Walks through the text of a record.

use super::FieldPlace;
use crate::json::Cursor;
use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::limits;
use alloc::borrow::Cow;
use alloc::string::ToString;

/// Walks through the text of a record, which must be one map or one list.
pub(super) fn walk<'r>(
    record: &'r str,
    through: impl FnOnce(&mut Cursor<'r>) -> Option<()>,
) -> Result<(), RequestError> {
    let rejected = |code, message: &[&str]| Err(RequestError::new(code, "record", message.concat()));
    if record.len() > limits::RECORD_BYTES {
        let most = limits::RECORD_BYTES.to_string();
        return rejected(RequestErrorCode::RequestTooLarge, &["the record has more than ", &most, " bytes"]);
    }
    let mut cursor = Cursor::new(record);
    let first = cursor.peek();
    if through(&mut cursor).and_then(|()| cursor.end()).is_none() {
        return rejected(RequestErrorCode::RequestJson, &[&cursor.wrong(record, "the record")]);
    }
    if !matches!(first, b'{' | b'[') {
        return rejected(RequestErrorCode::RequestShape, &["a record is a map, or a list of maps"]);
    }
    Ok(())
}

/// Reads a value. If something may be withheld in it, `one` reads each value in it, with its key or its index.
/// Otherwise returns the text of the value.
#[expect(
    clippy::type_complexity,
    reason = "a generic closure would add a copy for each caller to the module for browsers"
)]
pub(super) fn each_below<'r>(
    from: &mut Cursor<'r>,
    here: &FieldPlace,
    one: &mut dyn FnMut(&mut Cursor<'r>, Option<Cow<'r, str>>, usize) -> Option<()>,
) -> Option<Option<&'r str>> {
    let first = from.peek();
    if here.is_clear() || !matches!(first, b'{' | b'[') {
        return from.skip().map(Some);
    }
    let is_map = first == b'{';
    let mut index = 0;
    from.each(if is_map { b'}' } else { b']' }, &mut |from| {
        let key = if is_map { Some(from.key()?) } else { None };
        index += 1;
        one(from, key, index - 1)
    })?;
    Some(None)
}
