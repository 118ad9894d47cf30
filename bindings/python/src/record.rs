//! Redaction of Python records. The core determines the fields that are withheld; remaining values stay the same objects.

use crate::error::malformed;
use crate::json::class;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple};
use rolecall::{FieldLabels, FieldPlace, RequestError, RequestErrorCode, limits};
use std::collections::HashMap;

/// The most levels of maps and lists in each other: the limit of the core.
const DEPTH: usize = 127;

/// The entries of a map or a list in a record, each read once.
struct Branch<'py> {
    kind: Kind,
    entries: Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Map,
    /// A named tuple. Paths may name its fields by name or by number.
    Named,
    List,
    Tuple,
    Set,
    FrozenSet,
}

fn numbered<'py>(py: Python<'py>, items: Vec<Bound<'py, PyAny>>) -> Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    items.into_iter().map(|item| (py.None().into_bound(py), item)).collect()
}

/// Returns the entries of a built-in map or list, or `None` for any other value.
fn built_in<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Branch<'py>>> {
    if value.is_exact_instance_of::<PyDict>() {
        let entries = value.cast::<PyDict>()?.items().extract()?;
        return Ok(Some(Branch { kind: Kind::Map, entries }));
    }
    for (is_it, kind) in
        [(value.is_exact_instance_of::<PyList>(), Kind::List), (value.is_exact_instance_of::<PyTuple>(), Kind::Tuple)]
    {
        if is_it {
            return Ok(Some(Branch { kind, entries: numbered(value.py(), value.extract()?) }));
        }
    }
    Ok(None)
}

/// Returns the entries of any other map or list, at most `room`, or `None` for a single value.
fn other<'py>(value: &Bound<'py, PyAny>, room: usize) -> PyResult<Option<Branch<'py>>> {
    let py = value.py();
    if value.is_instance_of::<PyString>()
        || value.is_none()
        || value.is_instance_of::<PyInt>()
        || value.is_instance_of::<PyFloat>()
    {
        return Ok(None);
    }
    let parts = py.import("rolecall._records")?.call_method1("parts", (value, room))?;
    if parts.is_none() {
        return Ok(None);
    }
    let (kind, entries): (String, _) = parts.extract()?;
    let kind = match kind.as_str() {
        "large" => return Err(too_large(py)),
        "map" => Kind::Map,
        "named" => Kind::Named,
        "tuple" => Kind::Tuple,
        "set" => Kind::Set,
        "frozenset" => Kind::FrozenSet,
        _ => Kind::List,
    };
    Ok(Some(Branch { kind, entries }))
}

/// Returns a record without its withheld fields, or with a mask in their place. Raises `RequestError`.
pub(crate) fn redacted<'py>(
    record: &Bound<'py, PyAny>,
    labels: &FieldLabels,
    root: &FieldPlace,
    mask: Option<&str>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = record.py();
    let mask = mask.map(|mask| PyString::new(py, mask).into_any());
    let mut walk = Walk { py, labels, mask, bytes: 0, deepest: 0, known: HashMap::new() };
    weigh(record, 0, &mut walk.bytes)?;
    match walk.redacted(record, root, 0)? {
        Some(redacted) => Ok(redacted),
        None => Err(invalid(py, RequestErrorCode::RequestShape, "a record is a map, or a list of maps")),
    }
}

fn invalid(py: Python<'_>, code: RequestErrorCode, message: impl Into<String>) -> PyErr {
    malformed(py, &RequestError::new(code, "record", message))
}

fn too_deep(py: Python<'_>) -> PyErr {
    invalid(py, RequestErrorCode::RequestJson, format!("the record is nested deeper than {DEPTH} levels"))
}

fn too_large(py: Python<'_>) -> PyErr {
    invalid(py, RequestErrorCode::RequestTooLarge, format!("the record has more than {} bytes", limits::RECORD_BYTES))
}

fn count(py: Python<'_>, bytes: &mut usize, more: usize) -> PyResult<()> {
    *bytes += more;
    if *bytes > limits::RECORD_BYTES { Err(too_large(py)) } else { Ok(()) }
}

/// Counts the bytes of a record's built-in maps and lists, and rejects more than the limit, as every binding does.
fn weigh(value: &Bound<'_, PyAny>, level: usize, bytes: &mut usize) -> PyResult<()> {
    let py = value.py();
    let text = match value.cast::<PyString>() {
        Ok(text) => {
            let unpaired = |_| invalid(py, RequestErrorCode::RequestJson, "the record contains an unpaired surrogate");
            Some(text.to_str().map_err(unpaired)?)
        }
        Err(_) => None,
    };
    // Every other value takes at least one byte in JSON. A list that occurs many times counts each time.
    count(py, bytes, text.map_or(1, str::len))?;
    if text.is_some() {
        return Ok(());
    }
    if let Some(Branch { kind, entries }) = built_in(value)? {
        if level == DEPTH {
            return Err(too_deep(py));
        }
        for (key, item) in &entries {
            if kind == Kind::Map {
                weigh(key, level + 1, bytes)?;
            }
            weigh(item, level + 1, bytes)?;
        }
    }
    Ok(())
}

/// Returns the name of a key in the paths of fields: its name in JSON.
fn name(key: &Bound<'_, PyAny>) -> PyResult<String> {
    let py = key.py();
    if let Ok(text) = key.cast::<PyString>() {
        return Ok(text
            .to_str()
            .map_err(|_| invalid(py, RequestErrorCode::RequestJson, "the record contains an unpaired surrogate"))?
            .to_string());
    }
    if let Ok(flag) = key.cast::<PyBool>() {
        return Ok(flag.is_true().to_string());
    }
    if key.is_none() {
        return Ok("null".to_string());
    }
    // The class of an enumeration of numbers may format them differently from JSON.
    if key.is_instance_of::<PyInt>() {
        return py.get_type::<PyInt>().call_method1("__repr__", (key,))?.extract();
    }
    if let Ok(number) = key.cast::<PyFloat>() {
        return match number.value() {
            number if number.is_nan() => Ok("NaN".to_string()),
            f64::INFINITY => Ok("Infinity".to_string()),
            f64::NEG_INFINITY => Ok("-Infinity".to_string()),
            _ => py.get_type::<PyFloat>().call_method1("__repr__", (key,))?.extract(),
        };
    }
    let message = format!("a key of a map must be a text, not `{}`", crate::text::type_name(key));
    Err(invalid(py, RequestErrorCode::RequestShape, message))
}

/// The redaction of a map or a list that is not built in, at one place. Each object is read once, however often it occurs.
struct Known<'py> {
    /// Keeps the object alive, so that no other object gets its address.
    _object: Bound<'py, PyAny>,
    redacted: Bound<'py, PyAny>,
    bytes: usize,
    levels: usize,
}

struct Walk<'a, 'py> {
    py: Python<'py>,
    labels: &'a FieldLabels,
    mask: Option<Bound<'py, PyAny>>,
    /// The bytes that were counted so far.
    bytes: usize,
    deepest: usize,
    known: HashMap<(usize, FieldPlace), Known<'py>>,
}

impl<'py> Walk<'_, 'py> {
    /// Returns the redaction of a map or a list at a level, or `None` for a single value.
    fn redacted(
        &mut self,
        value: &Bound<'py, PyAny>,
        here: &FieldPlace,
        level: usize,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        if let Some(branch) = built_in(value)? {
            return self.entries(branch, here, level + 1).map(Some);
        }
        let at = (value.as_ptr() as usize, here.clone());
        if let Some(known) = self.known.get(&at) {
            count(self.py, &mut self.bytes, known.bytes)?;
            self.deepest = self.deepest.max(level + known.levels);
            return if self.deepest > DEPTH { Err(too_deep(self.py)) } else { Ok(Some(known.redacted.clone())) };
        }
        let Some(branch) = other(value, limits::RECORD_BYTES - self.bytes)? else { return Ok(None) };
        let before = (self.bytes, std::mem::replace(&mut self.deepest, level));
        for (key, item) in &branch.entries {
            if matches!(branch.kind, Kind::Map | Kind::Named) {
                weigh(key, level + 1, &mut self.bytes)?;
            }
            weigh(item, level + 1, &mut self.bytes)?;
        }
        let redacted = self.entries(branch, here, level + 1)?;
        let (bytes, levels) = (self.bytes - before.0, self.deepest - level);
        self.deepest = self.deepest.max(before.1);
        self.known.insert(at, Known { _object: value.clone(), redacted: redacted.clone(), bytes, levels });
        Ok(Some(redacted))
    }

    fn entries(&mut self, whole: Branch<'py>, here: &FieldPlace, level: usize) -> PyResult<Bound<'py, PyAny>> {
        if level > DEPTH {
            return Err(too_deep(self.py));
        }
        self.deepest = self.deepest.max(level);
        let labels = self.labels;
        let mut entries = Vec::with_capacity(whole.entries.len());
        for (index, (key, value)) in whole.entries.into_iter().enumerate() {
            let below = match whole.kind {
                Kind::Map => labels.under_key(here, &name(&key)?),
                Kind::Named => labels.under_key(here, &name(&key)?).or(&labels.under_item(here, index)),
                _ => labels.under_item(here, index),
            };
            if below.is_withheld() {
                entries.extend(self.mask.clone().map(|mask| (key, mask)));
            } else if below.is_clear() {
                entries.push((key, value));
            } else {
                let redacted = self.redacted(&value, &below, level)?;
                entries.push((key, redacted.unwrap_or(value)));
            }
        }
        built(self.py, whole.kind, entries)
    }
}

/// Builds a map or a list of a kind from its remaining entries.
fn built<'py>(
    py: Python<'py>,
    kind: Kind,
    entries: Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)>,
) -> PyResult<Bound<'py, PyAny>> {
    if matches!(kind, Kind::Map | Kind::Named) {
        let map = PyDict::new(py);
        for (key, value) in entries {
            map.set_item(key, value)?;
        }
        return Ok(map.into_any());
    }
    let items = entries.into_iter().map(|(_, item)| item);
    Ok(match kind {
        Kind::Tuple => PyTuple::new(py, items.collect::<Vec<_>>())?.into_any(),
        Kind::Set => PySet::new(py, items)?.into_any(),
        Kind::FrozenSet => PyFrozenSet::new(py, items)?.into_any(),
        _ => PyList::new(py, items.collect::<Vec<_>>())?.into_any(),
    })
}

/// Returns the answer `Redacted`.
pub(crate) fn redaction<'py>(
    record: Bound<'py, PyAny>,
    withheld: Vec<String>,
    valid_until: Option<rolecall::Timestamp>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = record.py();
    let until = valid_until.map(|until| until.as_text().to_string());
    class(py, "Redacted")?.call1((record, PyTuple::new(py, withheld)?, until))
}
