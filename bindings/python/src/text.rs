//! Between plain data of Python and JSON text. Each part is read once, and by its own type: what the core checks is what is
//! used.

use crate::error::{malformed, uncompiled};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use rolecall::document::DocumentKind;
use rolecall::json::write_text;
use rolecall::{CompileError, Issue, IssueCode, RequestError, RequestErrorCode, limits};
use std::fmt::Write as _;

/// Data that JSON has no value for.
struct Refused {
    is_instant: bool,
    message: String,
    help: String,
}

fn refused<T>(message: impl Into<String>, help: impl Into<String>) -> PyResult<Result<T, Refused>> {
    Ok(Err(Refused { is_instant: false, message: message.into(), help: help.into() }))
}

const PLAINLY: &str = "hand over plain data: `dict`, `list`, `str`, `int`, `bool`; `dict(…)` and `list(…)` make copies";

/// Writes plain data as JSON, in which instants may be `datetime`s, and keeps the place of what is refused.
struct Writer {
    text: String,
    place: Vec<String>,
}

impl Writer {
    fn write(&mut self, data: &Bound<'_, PyAny>) -> PyResult<Result<(), Refused>> {
        if let Ok(text) = data.cast::<PyString>() {
            return Ok(self.write_str(text));
        }
        if data.is_none() {
            self.text.push_str("null");
        } else if let Ok(flag) = data.cast::<PyBool>() {
            self.text.push_str(if flag.is_true() { "true" } else { "false" });
        } else if data.is_instance_of::<PyInt>() {
            let Ok(number) = data.extract::<i64>() else { return refused("the number is too large", PLAINLY) };
            // Writing to memory cannot fail.
            let _ = write!(self.text, "{number}");
        } else if data.is_exact_instance_of::<PyFloat>() {
            let number: f64 = data.extract()?;
            if !number.is_finite() {
                return refused(format!("JSON has no value for `{number}`"), "check what it was computed from");
            }
            let _ = write!(self.text, "{number:?}");
        } else if let Some(items) = plain_dict(data)? {
            return self.write_map(&items);
        } else if data.is_exact_instance_of::<PyList>() || data.is_exact_instance_of::<PyTuple>() {
            return self.write_list(&data.extract::<Vec<Bound<'_, PyAny>>>()?);
        } else {
            return self.write_instant(data);
        }
        Ok(Ok(()))
    }

    fn write_str(&mut self, text: &Bound<'_, PyString>) -> Result<(), Refused> {
        let Ok(text) = text.to_str() else {
            return Err(Refused {
                is_instant: false,
                message: "the text holds half a character".to_string(),
                help: PLAINLY.to_string(),
            });
        };
        write_text(text, &mut self.text);
        Ok(())
    }

    /// Writes a part under a key or an index.
    fn below(&mut self, place: String, data: &Bound<'_, PyAny>) -> PyResult<Result<(), Refused>> {
        if self.place.len() >= DEPTH {
            return refused(format!("it is nested deeper than {DEPTH} levels"), PLAINLY);
        }
        self.place.push(place);
        let written = self.write(data)?;
        if written.is_ok() {
            self.place.pop();
        }
        Ok(written)
    }

    fn write_map(&mut self, items: &Bound<'_, PyList>) -> PyResult<Result<(), Refused>> {
        self.text.push('{');
        for (index, item) in items.iter().enumerate() {
            let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
            let Ok(key) = key.cast::<PyString>() else {
                return refused(format!("a key is a text, not `{}`", type_name(&key)), PLAINLY);
            };
            if index > 0 {
                self.text.push(',');
            }
            if let Err(refused) = self.write_str(key) {
                return Ok(Err(refused));
            }
            self.text.push(':');
            if let Err(refused) = self.below(format!(".{}", key.to_string_lossy()), &value)? {
                return Ok(Err(refused));
            }
        }
        self.text.push('}');
        Ok(Ok(()))
    }

    fn write_list(&mut self, items: &[Bound<'_, PyAny>]) -> PyResult<Result<(), Refused>> {
        self.text.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            if let Err(refused) = self.below(format!("[{index}]"), item)? {
                return Ok(Err(refused));
            }
        }
        self.text.push(']');
        Ok(Ok(()))
    }

    fn write_instant(&mut self, data: &Bound<'_, PyAny>) -> PyResult<Result<(), Refused>> {
        let told = data.py().import("rolecall._timestamps")?.call_method1("text_of", (data,))?;
        if told.is_none() {
            return refused(format!("`{}` is not plain data", type_name(data)), PLAINLY);
        }
        if let Ok((message, help)) = told.extract::<(String, String)>() {
            return Ok(Err(Refused { is_instant: true, message, help }));
        }
        write_text(&told.extract::<String>()?, &mut self.text);
        Ok(Ok(()))
    }
}

/// Levels of lists and maps in each other: deeper than any document or question nests.
const DEPTH: usize = 100;

/// The entries of a `dict` as it stores them. `None` for a class that may answer otherwise than it stores.
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

/// The name of a value's type, for messages.
pub(crate) fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "object".to_string(), |name| name.to_string())
}

fn written(data: &Bound<'_, PyAny>) -> PyResult<Result<String, (Refused, String)>> {
    let mut writer = Writer { text: String::new(), place: Vec::new() };
    let told = writer.write(data)?;
    Ok(match told {
        Ok(()) => Ok(writer.text),
        Err(refused) => Err((refused, writer.place.concat())),
    })
}

/// The JSON text of a request, or of a part of one at a path. Raises `RequestError` where it is not plain data.
pub(crate) fn dump(py: Python<'_>, data: &Bound<'_, PyAny>, path: &str) -> PyResult<String> {
    let text = written(data)?.map_err(|(refused, below)| {
        let path = if path.is_empty() { below.trim_start_matches('.').to_string() } else { [path, &below].concat() };
        let code = if refused.is_instant { RequestErrorCode::TimeMalformed } else { RequestErrorCode::RequestJson };
        malformed(py, &RequestError::new(code, path, refused.message).with_help(refused.help))
    })?;
    if text.len() > limits::REQUEST_BYTES {
        let message = format!("the request has more than {} bytes", limits::REQUEST_BYTES);
        return Err(malformed(py, &RequestError::new(RequestErrorCode::RequestTooLarge, "", message)));
    }
    Ok(text)
}

/// The JSON text of a document. Raises `CompileError` where it is not plain data.
pub(crate) fn dump_document(py: Python<'_>, kind: DocumentKind, data: &Bound<'_, PyAny>) -> PyResult<String> {
    written(data)?.map_err(|(refused, below)| {
        let issue = Issue {
            code: if refused.is_instant { IssueCode::InstantMalformed } else { IssueCode::DocumentJson },
            document: kind,
            path: below.trim_start_matches('.').to_string(),
            position: None,
            message: refused.message,
            help: Some(refused.help),
        };
        uncompiled(py, &CompileError { issues: vec![issue] })
    })
}

/// The text of an instant: a text as it is, a `datetime` in ISO format. Raises `RequestError` and `TypeError`.
pub(crate) fn instant(value: &Bound<'_, PyAny>, path: &str) -> PyResult<String> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(text.to_str()?.to_string());
    }
    let told = value.py().import("rolecall._timestamps")?.call_method1("text_of", (value,))?;
    if told.is_none() {
        return Err(PyTypeError::new_err(format!(
            "an instant is needed at `{path}`, not `{}`: give a `datetime` with a time zone, such as \
             `datetime.fromtimestamp(seconds, timezone.utc)`, or a text such as `2026-11-21T10:00:00Z`",
            type_name(value)
        )));
    }
    if let Ok((message, help)) = told.extract::<(String, String)>() {
        let fault = RequestError::new(RequestErrorCode::TimeMalformed, path, message).with_help(help);
        return Err(malformed(value.py(), &fault));
    }
    told.extract()
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
            // What is too large, or below zero, is the number of no permission.
            return Ok(Self::Number(permission.extract().unwrap_or(u32::MAX)));
        }
        Err(PyTypeError::new_err(format!(
            "a permission is a text such as `segments:edit`, or its number, not `{}`",
            type_name(permission)
        )))
    }
}
