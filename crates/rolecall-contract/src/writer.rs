//! Answers into canonical JSON, without what a general library needs for numbers, keys and errors: in a module for browsers
//! that is more than the answers take.

use alloc::string::String;
use core::fmt;
use rolecall::ffi::json::write_text;
use serde::ser::{self, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};

/// Writes an answer of the core: texts, flags, whole numbers, lists and structures of these. Nothing, where it is something
/// else.
pub(crate) fn written(answer: &impl Serialize) -> Option<String> {
    let mut out = String::new();
    answer.serialize(Writer(&mut out)).ok()?;
    Some(out)
}

/// No answer has such a value.
#[derive(Debug)]
struct NoAnswer;

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no answer has such a value")
    }
}

impl core::error::Error for NoAnswer {}

impl ser::Error for NoAnswer {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

struct Writer<'o>(&'o mut String);

/// What is written item by item, and how it ends.
struct Parts<'o> {
    out: &'o mut String,
    is_first: bool,
    end: char,
}

impl<'o> Parts<'o> {
    fn new(out: &'o mut String, begin: char, end: char) -> Self {
        out.push(begin);
        Self { out, is_first: true, end }
    }

    fn next(&mut self) -> Writer<'_> {
        if !self.is_first {
            self.out.push(',');
        }
        self.is_first = false;
        Writer(self.out)
    }

    fn close(self) {
        self.out.push(self.end);
    }
}

impl SerializeSeq for Parts<'_> {
    type Ok = ();
    type Error = NoAnswer;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoAnswer> {
        value.serialize(self.next())
    }

    fn end(self) -> Result<(), NoAnswer> {
        self.close();
        Ok(())
    }
}

impl SerializeStruct for Parts<'_> {
    type Ok = ();
    type Error = NoAnswer;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), NoAnswer> {
        let Writer(out) = self.next();
        write_text(key, out);
        out.push(':');
        value.serialize(Writer(out))
    }

    fn end(self) -> Result<(), NoAnswer> {
        self.close();
        Ok(())
    }
}

/// Keys must be texts.
impl SerializeMap for Parts<'_> {
    type Ok = ();
    type Error = NoAnswer;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NoAnswer> {
        let Writer(out) = self.next();
        let begun = out.len();
        key.serialize(Writer(out))?;
        if out.get(begun..).is_some_and(|key| key.starts_with('"')) { Ok(()) } else { Err(NoAnswer) }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoAnswer> {
        self.out.push(':');
        value.serialize(Writer(self.out))
    }

    fn end(self) -> Result<(), NoAnswer> {
        self.close();
        Ok(())
    }
}

impl<'o> Serializer for Writer<'o> {
    type Ok = ();
    type Error = NoAnswer;
    type SerializeSeq = Parts<'o>;
    type SerializeTuple = Impossible<(), NoAnswer>;
    type SerializeTupleStruct = Impossible<(), NoAnswer>;
    type SerializeTupleVariant = Impossible<(), NoAnswer>;
    type SerializeMap = Parts<'o>;
    type SerializeStruct = Parts<'o>;
    type SerializeStructVariant = Impossible<(), NoAnswer>;

    fn serialize_bool(self, flag: bool) -> Result<(), NoAnswer> {
        self.0.push_str(if flag { "true" } else { "false" });
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Result<(), NoAnswer> {
        write_text(text, self.0);
        Ok(())
    }

    fn serialize_u64(self, number: u64) -> Result<(), NoAnswer> {
        rolecall::ffi::json::write_number(number, self.0);
        Ok(())
    }

    fn serialize_u32(self, number: u32) -> Result<(), NoAnswer> {
        self.serialize_u64(u64::from(number))
    }

    fn serialize_u16(self, number: u16) -> Result<(), NoAnswer> {
        self.serialize_u64(u64::from(number))
    }

    fn serialize_u8(self, number: u8) -> Result<(), NoAnswer> {
        self.serialize_u64(u64::from(number))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), NoAnswer> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), NoAnswer> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), NoAnswer> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'o>, NoAnswer> {
        Ok(Parts::new(self.0, '[', ']'))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts<'o>, NoAnswer> {
        Ok(Parts::new(self.0, '{', '}'))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'o>, NoAnswer> {
        Ok(Parts::new(self.0, '{', '}'))
    }

    fn serialize_i8(self, _: i8) -> Result<(), NoAnswer> {
        Err(NoAnswer)
    }

    fn serialize_i16(self, _: i16) -> Result<(), NoAnswer> {
        Err(NoAnswer)
    }

    fn serialize_i32(self, _: i32) -> Result<(), NoAnswer> {
        Err(NoAnswer)
    }

    fn serialize_i64(self, _: i64) -> Result<(), NoAnswer> {
        Err(NoAnswer)
    }

    fn serialize_f32(self, _: f32) -> Result<(), NoAnswer> {
        Err(NoAnswer)
    }

    fn serialize_f64(self, _: f64) -> Result<(), NoAnswer> {
        Err(NoAnswer)
    }

    fn serialize_char(self, _: char) -> Result<(), NoAnswer> {
        Err(NoAnswer)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), NoAnswer> {
        Err(NoAnswer)
    }

    fn serialize_none(self) -> Result<(), NoAnswer> {
        Err(NoAnswer)
    }

    fn serialize_unit(self) -> Result<(), NoAnswer> {
        Err(NoAnswer)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), NoAnswer> {
        Err(NoAnswer)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), NoAnswer> {
        Err(NoAnswer)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, NoAnswer> {
        Err(NoAnswer)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, NoAnswer> {
        Err(NoAnswer)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, NoAnswer> {
        Err(NoAnswer)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, NoAnswer> {
        Err(NoAnswer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical;
    use alloc::collections::BTreeMap;
    use alloc::vec;
    use alloc::vec::Vec;
    use serde::Serialize;

    #[derive(Serialize)]
    struct Inner(Vec<&'static str>);

    #[derive(Serialize)]
    #[serde(rename_all = "kebab-case")]
    enum Kind {
        OneOfThem,
    }

    #[derive(Serialize)]
    struct Good {
        below: Vec<Inner>,
        kind: Kind,
        #[serde(skip_serializing_if = "Option::is_none")]
        left_out: Option<bool>,
        some: Option<bool>,
        numbers: Vec<u64>,
        by_name: BTreeMap<&'static str, Vec<u16>>,
        small: u8,
    }

    #[test]
    fn what_answers_hold_is_written_as_by_the_library() {
        let good = Good {
            below: vec![Inner(vec!["é\n\u{1}\"", ""]), Inner(Vec::new())],
            kind: Kind::OneOfThem,
            left_out: None,
            some: Some(true),
            numbers: vec![0, 7, 10, u64::from(u32::MAX), u64::MAX],
            by_name: BTreeMap::from([("a\"", vec![1, 2]), ("b", Vec::new())]),
            small: 255,
        };
        assert_eq!(written(&good), Some(canonical(&good)));
        assert_eq!(written(&["a"].as_slice()), Some(canonical(&["a"])));
    }

    #[test]
    fn what_no_answer_holds_is_not_written() {
        assert!(written(&1.5).is_none() && written(&-1).is_none() && written(&None::<u8>).is_none());
        assert!(written(&BTreeMap::from([(7, "a")])).is_none() && written(&'a').is_none() && written(&()).is_none());
    }
}
