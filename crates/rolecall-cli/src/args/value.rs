//! Values of options that have two parts.

/// Splits at the last `=`, since a key may contain one.
pub(crate) fn field(text: &str) -> Result<(String, String), String> {
    let (path, label) = text.rsplit_once('=').ok_or("write it as PATH=LABEL, such as `address.street=pii`")?;
    Ok((path.to_string(), label.to_string()))
}

/// Splits at the first `=`.
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE, such as `domain=shop.example`")?;
    Ok((name.to_string(), value.to_string()))
}
