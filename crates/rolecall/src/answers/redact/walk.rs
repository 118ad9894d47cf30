//! Walks through the text of a record.

use super::FieldPlace;
use crate::json::Cursor;
use crate::types::error::{RequestError, RequestErrorCode};
use crate::types::limits;
use alloc::borrow::Cow;
use alloc::string::ToString;

/// Walks through the text of a record, which must be a map or a list, and of which nothing may follow.
pub(super) fn walk<'r>(
    record: &'r str,
    through: impl FnOnce(&mut Cursor<'r>) -> Option<()>,
) -> Result<(), RequestError> {
    let refused = |code, message: &[&str]| Err(RequestError::new(code, "record", message.concat()));
    if record.len() > limits::RECORD_BYTES {
        let most = limits::RECORD_BYTES.to_string();
        return refused(RequestErrorCode::RequestTooLarge, &["the record has more than ", &most, " bytes"]);
    }
    let mut cursor = Cursor::new(record);
    let first = cursor.peek();
    if through(&mut cursor).and_then(|()| cursor.end()).is_none() {
        return refused(RequestErrorCode::RequestJson, &[&cursor.wrong(record, "the record")]);
    }
    if !matches!(first, b'{' | b'[') {
        return refused(RequestErrorCode::RequestShape, &["a record is a map, or a list of maps"]);
    }
    Ok(())
}

/// Reads a value: `one` reads each value in it, with its key or its place, if there may be something to withhold in it.
/// Returns how a value is written in which there is nothing to withhold.
#[expect(
    clippy::type_complexity,
    reason = "one closure, not generic: the module for browsers would hold a copy for each"
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
