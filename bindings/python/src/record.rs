//! Records of Python without what may not be read: the core says which parts, and what is kept stays the same object.

use crate::error::malformed;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple};
use rolecall::{Fault, FaultCode, FieldLabels, FieldPlace, limits};

/// Levels of maps and lists in each other: the limit of the core.
const DEPTH: usize = 127;

/// A map or a list in a record, with its entries. Each is read once.
struct Branch<'py> {
    kind: Kind,
    entries: Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Map,
    /// A named tuple, whose fields have a number as well.
    Named,
    List,
    Tuple,
    Set,
    FrozenSet,
}

fn numbered<'py>(py: Python<'py>, items: Vec<Bound<'py, PyAny>>) -> Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    items.into_iter().map(|item| (py.None().into_bound(py), item)).collect()
}

/// The parts of a value; nothing for a single one.
fn branch<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Branch<'py>>> {
    let py = value.py();
    if value.is_instance_of::<PyString>()
        || value.is_none()
        || value.is_instance_of::<PyInt>()
        || value.is_instance_of::<PyFloat>()
    {
        return Ok(None);
    }
    if value.is_exact_instance_of::<PyDict>() {
        let entries = value.cast::<PyDict>()?.items().extract()?;
        return Ok(Some(Branch { kind: Kind::Map, entries }));
    }
    for (is_it, kind) in
        [(value.is_exact_instance_of::<PyList>(), Kind::List), (value.is_exact_instance_of::<PyTuple>(), Kind::Tuple)]
    {
        if is_it {
            return Ok(Some(Branch { kind, entries: numbered(py, value.extract()?) }));
        }
    }
    let told = py.import("rolecall._records")?.call_method1("parts", (value,))?;
    if told.is_none() {
        return Ok(None);
    }
    let (kind, entries): (String, _) = told.extract()?;
    let kind = match kind.as_str() {
        "map" => Kind::Map,
        "named" => Kind::Named,
        "tuple" => Kind::Tuple,
        "set" => Kind::Set,
        "frozenset" => Kind::FrozenSet,
        _ => Kind::List,
    };
    Ok(Some(Branch { kind, entries }))
}

/// A record of which what a place withholds is dropped, or replaced by a mask. Raises `RequestError`.
pub(crate) fn redacted<'py>(
    record: &Bound<'py, PyAny>,
    labels: &FieldLabels,
    root: &FieldPlace,
    mask: Option<&str>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = record.py();
    weigh(record, 0, &mut 0)?;
    let Some(whole) = branch(record)? else {
        return Err(fault(py, FaultCode::RequestShape, "a record is a map, or a list of maps"));
    };
    let mask = mask.map(|mask| PyString::new(py, mask).into_any());
    kept(py, whole, labels, root, mask.as_ref(), 1)
}

fn fault(py: Python<'_>, code: FaultCode, message: impl Into<String>) -> PyErr {
    malformed(py, &Fault::new(code, "record", message))
}

fn too_deep(py: Python<'_>) -> PyErr {
    fault(py, FaultCode::RequestJson, format!("the record is nested deeper than {DEPTH} levels"))
}

/// Bounds what the built-in maps and lists of a record hold, as every binding does.
fn weigh(value: &Bound<'_, PyAny>, level: usize, bytes: &mut usize) -> PyResult<()> {
    let py = value.py();
    let text = match value.cast::<PyString>() {
        Ok(text) => {
            let half = |_| fault(py, FaultCode::RequestJson, "the record holds half a character");
            Some(text.to_str().map_err(half)?)
        }
        Err(_) => None,
    };
    // Whatever is not a text takes a byte in JSON at least. A list may be in many others.
    *bytes += text.map_or(1, str::len);
    if *bytes > limits::RECORD_BYTES {
        let message = format!("the record has more than {} bytes", limits::RECORD_BYTES);
        return Err(fault(py, FaultCode::RequestTooLarge, message));
    }
    if text.is_some() {
        return Ok(());
    }
    let is_map = value.is_exact_instance_of::<PyDict>();
    if !is_map && !value.is_exact_instance_of::<PyList>() && !value.is_exact_instance_of::<PyTuple>() {
        return Ok(());
    }
    if level == DEPTH {
        return Err(too_deep(py));
    }
    if let Some(Branch { entries, .. }) = branch(value)? {
        for (key, item) in &entries {
            if is_map {
                weigh(key, level + 1, bytes)?;
            }
            weigh(item, level + 1, bytes)?;
        }
    }
    Ok(())
}

/// The name that paths of fields have for a key: that of JSON.
fn name(key: &Bound<'_, PyAny>) -> PyResult<String> {
    let py = key.py();
    if let Ok(text) = key.cast::<PyString>() {
        return Ok(text
            .to_str()
            .map_err(|_| fault(py, FaultCode::RequestJson, "the record holds half a character"))?
            .to_string());
    }
    if let Ok(flag) = key.cast::<PyBool>() {
        return Ok(flag.is_true().to_string());
    }
    if key.is_none() {
        return Ok("null".to_string());
    }
    if key.is_instance_of::<PyInt>() || key.is_instance_of::<PyFloat>() {
        return Ok(key.str()?.to_str()?.to_string());
    }
    let message = format!("a key of a map is a text, not `{}`", crate::text::type_name(key));
    Err(fault(py, FaultCode::RequestShape, message))
}

fn kept<'py>(
    py: Python<'py>,
    whole: Branch<'py>,
    labels: &FieldLabels,
    here: &FieldPlace,
    mask: Option<&Bound<'py, PyAny>>,
    level: usize,
) -> PyResult<Bound<'py, PyAny>> {
    if level > DEPTH {
        return Err(too_deep(py));
    }
    let mut entries = Vec::with_capacity(whole.entries.len());
    for (index, (key, value)) in whole.entries.into_iter().enumerate() {
        let below = match whole.kind {
            Kind::Map => labels.under_key(here, &name(&key)?),
            Kind::Named => labels.under_key(here, &name(&key)?).or(&labels.under_item(here, index)),
            _ => labels.under_item(here, index),
        };
        if below.is_withheld() {
            entries.extend(mask.map(|mask| (key, mask.clone())));
        } else if below.is_clear() {
            entries.push((key, value));
        } else {
            let value = match branch(&value)? {
                Some(inner) => kept(py, inner, labels, &below, mask, level + 1)?,
                None => value,
            };
            entries.push((key, value));
        }
    }
    if matches!(whole.kind, Kind::Map | Kind::Named) {
        let map = PyDict::new(py);
        for (key, value) in entries {
            map.set_item(key, value)?;
        }
        return Ok(map.into_any());
    }
    let items = entries.into_iter().map(|(_, item)| item);
    Ok(match whole.kind {
        Kind::Tuple => PyTuple::new(py, items.collect::<Vec<_>>())?.into_any(),
        Kind::Set => PySet::new(py, items)?.into_any(),
        Kind::FrozenSet => PyFrozenSet::new(py, items)?.into_any(),
        _ => PyList::new(py, items.collect::<Vec<_>>())?.into_any(),
    })
}

/// What a redaction gives: `{"record", "withheld", "valid_until"?}`.
pub(crate) fn told<'py>(
    record: Bound<'py, PyAny>,
    withheld: Vec<String>,
    valid_until: Option<rolecall::Instant>,
) -> PyResult<Bound<'py, PyAny>> {
    let told = PyDict::new(record.py());
    told.set_item("record", record)?;
    told.set_item("withheld", withheld)?;
    if let Some(until) = valid_until {
        told.set_item("valid_until", until.as_text())?;
    }
    Ok(told.into_any())
}
