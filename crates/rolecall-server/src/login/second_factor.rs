//! Whether an ID token states that the user proved a second factor.

use serde_json::{Map, Value};

/// The methods of RFC 8176 by kind of factor: something that the user knows, has, or is.
const KINDS: [&[&str]; 3] =
    [&["pwd", "pin", "kba"], &["otp", "hwk", "swk", "sms", "tel", "sc"], &["face", "fpt", "iris", "retina", "vbm"]];

/// Returns whether verified claims prove two factors: `amr` has `mfa` or methods of two kinds, or `acr` is one of the
/// values that the configuration accepts.
pub(super) fn is_proven(claims: &Map<String, Value>, accepted: &[String]) -> bool {
    let methods: Vec<&str> =
        claims.get("amr").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let kinds = KINDS.iter().filter(|kind| methods.iter().any(|method| kind.contains(method))).count();
    let acr = claims.get("acr").and_then(Value::as_str);
    methods.contains(&"mfa") || kinds > 1 || acr.is_some_and(|acr| accepted.iter().any(|one| one == acr))
}

#[cfg(test)]
mod tests {
    use super::is_proven;
    use serde_json::{Value, json};

    fn proven(claims: &Value) -> bool {
        is_proven(claims.as_object().unwrap(), &["urn:two".to_string()])
    }

    #[test]
    fn two_kinds_of_factor_or_an_accepted_class_prove_a_second_factor() {
        for claims in [
            json!({ "amr": ["mfa"] }),
            json!({ "amr": ["pwd", "mfa"] }),
            json!({ "amr": ["pwd", "otp"] }),
            json!({ "amr": ["hwk", "fpt"] }),
            json!({ "acr": "urn:two" }),
        ] {
            assert!(proven(&claims), "{claims}");
        }
        for claims in [
            json!({}),
            json!({ "amr": [] }),
            json!({ "amr": ["pwd"] }),
            json!({ "amr": ["pwd", "pin"] }),
            json!({ "amr": ["otp", "sms"] }),
            json!({ "amr": ["mca", "user"] }),
            json!({ "amr": "mfa" }),
            json!({ "amr": [["mfa"]] }),
            json!({ "acr": "urn:one" }),
            json!({ "acr": ["urn:two"] }),
        ] {
            assert!(!proven(&claims), "{claims}");
        }
    }
}
