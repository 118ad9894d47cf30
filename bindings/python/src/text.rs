//! Converts plain Python data into JSON text. Each part is read once, by its exact type, so that the core checks the same
//! values that it uses.

use crate::error::{malformed, uncompiled};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use rolecall::document::DocumentKind;
use rolecall::ffi::json::write_text;
use rolecall::{Issue, IssueCode, RequestError, RequestErrorCode, limits};
use std::fmt::Write as _;

/// The reason why data cannot be converted.
struct Invalid {
    is_timestamp: bool,
    message: String,
    help: String,
}

fn invalid<T>(message: impl Into<String>, help: impl Into<String>) -> PyResult<Result<T, Invalid>> {
    Ok(Err(Invalid { is_timestamp: false, message: message.into(), help: help.into() }))
}

const PLAIN_DATA: &str =
    "pass plain data: `dict`, `list`, `str`, `int`, `bool`; `dict(…)` and `list(…)` convert other maps and lists";

/// Writes plain data as JSON. Timestamps may be `datetime`s. `place` is the path of the part that is being written.
struct Writer {
    text: String,
    place: Vec<String>,
}

impl Writer {
    fn write(&mut self, data: &Bound<'_, PyAny>) -> PyResult<Result<(), Invalid>> {
        if let Ok(text) = data.cast::<PyString>() {
            return Ok(self.write_str(text));
        }
        if data.is_none() {
            self.text.push_str("null");
        } else if let Ok(flag) = data.cast::<PyBool>() {
            self.text.push_str(if flag.is_true() { "true" } else { "false" });
        } else if data.is_instance_of::<PyInt>() {
            let Ok(number) = data.extract::<i64>() else { return invalid("the number is too large", PLAIN_DATA) };
            // Writing to memory cannot fail.
            let _ = write!(self.text, "{number}");
        } else if data.is_exact_instance_of::<PyFloat>() {
            let number: f64 = data.extract()?;
            if !number.is_finite() {
                return invalid(format!("JSON has no value for `{number}`"), "check the computation of the number");
            }
            let _ = write!(self.text, "{number:?}");
        } else if let Some(items) = plain_dict(data)? {
            return self.write_map(&items);
        } else if data.is_exact_instance_of::<PyList>() || data.is_exact_instance_of::<PyTuple>() {
            return self.write_list(&data.extract::<Vec<Bound<'_, PyAny>>>()?);
        } else {
            return self.write_timestamp(data);
        }
        Ok(Ok(()))
    }

    fn write_str(&mut self, text: &Bound<'_, PyString>) -> Result<(), Invalid> {
        let Ok(text) = text.to_str() else {
            return Err(Invalid {
                is_timestamp: false,
                message: "the text contains an unpaired surrogate".to_string(),
                help: PLAIN_DATA.to_string(),
            });
        };
        write_text(text, &mut self.text);
        Ok(())
    }

    /// Writes a part under a key or an index.
    fn below(&mut self, place: String, data: &Bound<'_, PyAny>) -> PyResult<Result<(), Invalid>> {
        if self.place.len() >= DEPTH {
            return invalid(format!("the data is nested deeper than {DEPTH} levels"), PLAIN_DATA);
        }
        self.place.push(place);
        let result = self.write(data)?;
        if result.is_ok() {
            self.place.pop();
        }
        Ok(result)
    }

    fn write_map(&mut self, items: &Bound<'_, PyList>) -> PyResult<Result<(), Invalid>> {
        self.text.push('{');
        for (index, item) in items.iter().enumerate() {
            let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
            let Ok(key) = key.cast::<PyString>() else {
                return invalid(format!("a key must be a text, not `{}`", type_name(&key)), PLAIN_DATA);
            };
            if index > 0 {
                self.text.push(',');
            }
            if let Err(invalid) = self.write_str(key) {
                return Ok(Err(invalid));
            }
            self.text.push(':');
            if let Err(invalid) = self.below(format!(".{}", key.to_string_lossy()), &value)? {
                return Ok(Err(invalid));
            }
        }
        self.text.push('}');
        Ok(Ok(()))
    }

    fn write_list(&mut self, items: &[Bound<'_, PyAny>]) -> PyResult<Result<(), Invalid>> {
        self.text.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            if let Err(invalid) = self.below(format!("[{index}]"), item)? {
                return Ok(Err(invalid));
            }
        }
        self.text.push(']');
        Ok(Ok(()))
    }

    fn write_timestamp(&mut self, data: &Bound<'_, PyAny>) -> PyResult<Result<(), Invalid>> {
        let text = data.py().import("rolecall._timestamps")?.call_method1("text_of", (data,))?;
        if text.is_none() {
            return invalid(format!("`{}` is not plain data", type_name(data)), PLAIN_DATA);
        }
        if let Ok((message, help)) = text.extract::<(String, String)>() {
            return Ok(Err(Invalid { is_timestamp: true, message, help }));
        }
        write_text(&text.extract::<String>()?, &mut self.text);
        Ok(Ok(()))
    }
}

/// The most levels of lists and maps in each other. No valid document or request nests deeper.
const DEPTH: usize = 100;

/// Returns the entries of a `dict`. `None` for other classes: they may override how entries are read.
fn plain_dict<'py>(data: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyList>>> {
    let Ok(dict) = data.cast::<PyDict>() else { return Ok(None) };
    if dict.is_exact_instance_of::<PyDict>() {
        return Ok(Some(dict.items()));
    }
    let (kind, collections) = (dict.get_type(), data.py().import("collections")?);
    for known in ["OrderedDict", "defaultdict"] {
        if kind.is(collections.getattr(known)?) {
            return Ok(Some(dict.items()));
        }
    }
    Ok(None)
}

/// Returns the name of a value's type, for messages.
pub(crate) fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "object".to_string(), |name| name.to_string())
}

fn to_json(data: &Bound<'_, PyAny>) -> PyResult<Result<String, (Invalid, String)>> {
    let mut writer = Writer { text: String::new(), place: Vec::new() };
    Ok(match writer.write(data)? {
        Ok(()) => Ok(writer.text),
        Err(invalid) => Err((invalid, writer.place.concat())),
    })
}

/// Returns the JSON text of a request, or of its part at a path. Raises `RequestError` if it is not plain data.
pub(crate) fn dump(py: Python<'_>, data: &Bound<'_, PyAny>, path: &str) -> PyResult<String> {
    let text = to_json(data)?.map_err(|(invalid, below)| {
        let path = if path.is_empty() { below.trim_start_matches('.').to_string() } else { [path, &below].concat() };
        let code = if invalid.is_timestamp { RequestErrorCode::TimeMalformed } else { RequestErrorCode::RequestJson };
        malformed(py, &RequestError::new(code, path, invalid.message).with_help(invalid.help))
    })?;
    if text.len() > limits::REQUEST_BYTES {
        let message = format!("the request has more than {} bytes", limits::REQUEST_BYTES);
        return Err(malformed(py, &RequestError::new(RequestErrorCode::RequestTooLarge, "", message)));
    }
    Ok(text)
}

/// Returns the JSON text of a document. Raises `CompileError` if it is not plain data.
pub(crate) fn dump_document(py: Python<'_>, kind: DocumentKind, data: &Bound<'_, PyAny>) -> PyResult<String> {
    to_json(data)?.map_err(|(invalid, below)| {
        let code = if invalid.is_timestamp { IssueCode::InstantMalformed } else { IssueCode::DocumentJson };
        let mut issue = Issue::new(kind, code, invalid.message);
        issue.path = below.trim_start_matches('.').to_string();
        issue.help = Some(invalid.help);
        uncompiled(py, &issue.into())
    })
}

/// Returns the text of a timestamp: a text unchanged, a `datetime` in ISO format. Raises `RequestError` and `TypeError`.
pub(crate) fn timestamp(value: &Bound<'_, PyAny>, path: &str) -> PyResult<String> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(text.to_str()?.to_string());
    }
    let text = value.py().import("rolecall._timestamps")?.call_method1("text_of", (value,))?;
    if text.is_none() {
        return Err(PyTypeError::new_err(format!(
            "`{path}` must be a timestamp, not `{}`: pass a `datetime` with a time zone, such as \
             `datetime.fromtimestamp(seconds, timezone.utc)`, or a text such as `2026-11-21T10:00:00Z`",
            type_name(value)
        )));
    }
    if let Ok((message, help)) = text.extract::<(String, String)>() {
        let error = RequestError::new(RequestErrorCode::TimeMalformed, path, message).with_help(help);
        return Err(malformed(value.py(), &error));
    }
    text.extract()
}

/// A permission by name or number. Raises `TypeError`.
pub(crate) enum Named {
    Name(String),
    Number(u32),
}

impl Named {
    pub(crate) fn read(permission: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(name) = permission.cast::<PyString>() {
            return Ok(Self::Name(name.to_str()?.to_string()));
        }
        if permission.is_instance_of::<PyInt>() && !permission.is_instance_of::<PyBool>() {
            // A number that is negative or too large becomes one that no permission has.
            return Ok(Self::Number(permission.extract().unwrap_or(u32::MAX)));
        }
        Err(PyTypeError::new_err(format!(
            "a permission must be a name such as `segments:edit`, or a number, not `{}`",
            type_name(permission)
        )))
    }
}
