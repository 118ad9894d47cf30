//! Encodes answers as canonical JSON. In a module for browsers, a general library would need more code for numbers, keys
//! and errors than this whole encoder.

use alloc::string::String;
use core::fmt;
use rolecall::ffi::json::write_text;
use serde::ser::{self, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};

/// Encodes an answer of the core: texts, booleans, unsigned integers, lists and structures of these. Returns nothing
/// for other values.
pub(crate) fn encode(answer: &impl Serialize) -> Option<String> {
    let mut out = String::new();
    answer.serialize(Writer(&mut out)).ok()?;
    Some(out)
}

/// The error for a value that no answer has.
#[derive(Debug)]
struct UnsupportedValue;

impl fmt::Display for UnsupportedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("answers do not have values of this type")
    }
}

impl core::error::Error for UnsupportedValue {}

impl ser::Error for UnsupportedValue {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

struct Writer<'o>(&'o mut String);

/// A list or map in progress, with its closing character.
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
    type Error = UnsupportedValue;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), UnsupportedValue> {
        value.serialize(self.next())
    }

    fn end(self) -> Result<(), UnsupportedValue> {
        self.close();
        Ok(())
    }
}

impl SerializeStruct for Parts<'_> {
    type Ok = ();
    type Error = UnsupportedValue;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), UnsupportedValue> {
        let Writer(out) = self.next();
        write_text(key, out);
        out.push(':');
        value.serialize(Writer(out))
    }

    fn end(self) -> Result<(), UnsupportedValue> {
        self.close();
        Ok(())
    }
}

/// Keys must be texts.
impl SerializeMap for Parts<'_> {
    type Ok = ();
    type Error = UnsupportedValue;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), UnsupportedValue> {
        let Writer(out) = self.next();
        let begun = out.len();
        key.serialize(Writer(out))?;
        if out.get(begun..).is_some_and(|key| key.starts_with('"')) { Ok(()) } else { Err(UnsupportedValue) }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), UnsupportedValue> {
        self.out.push(':');
        value.serialize(Writer(self.out))
    }

    fn end(self) -> Result<(), UnsupportedValue> {
        self.close();
        Ok(())
    }
}

impl<'o> Serializer for Writer<'o> {
    type Ok = ();
    type Error = UnsupportedValue;
    type SerializeSeq = Parts<'o>;
    type SerializeTuple = Impossible<(), UnsupportedValue>;
    type SerializeTupleStruct = Impossible<(), UnsupportedValue>;
    type SerializeTupleVariant = Impossible<(), UnsupportedValue>;
    type SerializeMap = Parts<'o>;
    type SerializeStruct = Parts<'o>;
    type SerializeStructVariant = Impossible<(), UnsupportedValue>;

    fn serialize_bool(self, flag: bool) -> Result<(), UnsupportedValue> {
        self.0.push_str(if flag { "true" } else { "false" });
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Result<(), UnsupportedValue> {
        write_text(text, self.0);
        Ok(())
    }

    fn serialize_u64(self, number: u64) -> Result<(), UnsupportedValue> {
        rolecall::ffi::json::write_number(number, self.0);
        Ok(())
    }

    fn serialize_u32(self, number: u32) -> Result<(), UnsupportedValue> {
        self.serialize_u64(u64::from(number))
    }

    fn serialize_u16(self, number: u16) -> Result<(), UnsupportedValue> {
        self.serialize_u64(u64::from(number))
    }

    fn serialize_u8(self, number: u8) -> Result<(), UnsupportedValue> {
        self.serialize_u64(u64::from(number))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), UnsupportedValue> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), UnsupportedValue> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), UnsupportedValue> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'o>, UnsupportedValue> {
        Ok(Parts::new(self.0, '[', ']'))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts<'o>, UnsupportedValue> {
        Ok(Parts::new(self.0, '{', '}'))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'o>, UnsupportedValue> {
        Ok(Parts::new(self.0, '{', '}'))
    }

    fn serialize_i8(self, _: i8) -> Result<(), UnsupportedValue> {
        Err(UnsupportedValue)
    }

    fn serialize_i16(self, _: i16) -> Result<(), UnsupportedValue> {
        Err(UnsupportedValue)
    }

    fn serialize_i32(self, _: i32) -> Result<(), UnsupportedValue> {
        Err(UnsupportedValue)
    }

    fn serialize_i64(self, _: i64) -> Result<(), UnsupportedValue> {
        Err(UnsupportedValue)
    }

    fn serialize_f32(self, _: f32) -> Result<(), UnsupportedValue> {
        Err(UnsupportedValue)
    }

    fn serialize_f64(self, _: f64) -> Result<(), UnsupportedValue> {
        Err(UnsupportedValue)
    }

    fn serialize_char(self, _: char) -> Result<(), UnsupportedValue> {
        Err(UnsupportedValue)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), UnsupportedValue> {
        Err(UnsupportedValue)
    }

    fn serialize_none(self) -> Result<(), UnsupportedValue> {
        Err(UnsupportedValue)
    }

    fn serialize_unit(self) -> Result<(), UnsupportedValue> {
        Err(UnsupportedValue)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), UnsupportedValue> {
        Err(UnsupportedValue)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), UnsupportedValue> {
        Err(UnsupportedValue)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, UnsupportedValue> {
        Err(UnsupportedValue)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, UnsupportedValue> {
        Err(UnsupportedValue)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, UnsupportedValue> {
        Err(UnsupportedValue)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, UnsupportedValue> {
        Err(UnsupportedValue)
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
    fn values_of_answers_are_encoded_as_by_the_library() {
        let good = Good {
            below: vec![Inner(vec!["é\n\u{1}\"", ""]), Inner(Vec::new())],
            kind: Kind::OneOfThem,
            left_out: None,
            some: Some(true),
            numbers: vec![0, 7, 10, u64::from(u32::MAX), u64::MAX],
            by_name: BTreeMap::from([("a\"", vec![1, 2]), ("b", Vec::new())]),
            small: 255,
        };
        assert_eq!(encode(&good), Some(canonical(&good)));
        assert_eq!(encode(&["a"].as_slice()), Some(canonical(&["a"])));
    }

    #[test]
    fn other_values_are_not_encoded() {
        assert!(encode(&1.5).is_none() && encode(&-1).is_none() && encode(&None::<u8>).is_none());
        assert!(encode(&BTreeMap::from([(7, "a")])).is_none() && encode(&'a').is_none() && encode(&()).is_none());
    }
}
