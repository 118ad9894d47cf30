//! The reason codes of decisions.

/// Every reason code of a decision, in the order in which decisions report them. `boundary:` and `label:` are followed
/// by a name of the policy.
pub const REASONS: &[&str] = &[
    "granted",
    "unknown-subject",
    "unknown-scope",
    "invited",
    "invitation-expired",
    "suspended",
    "removed",
    "support-closed",
    "login-method",
    "second-factor",
    "ip-denied",
    "ip-missing",
    "idle",
    "no-standalone-role",
    "separated",
    "expired",
    "not-yet",
    "no-grant",
    "boundary:",
    "label:",
];

/// Returns the names of the guards in explanations, in their order.
#[must_use]
pub const fn guards() -> [&'static str; 13] {
    [
        "subject",
        "scope",
        "status",
        "support",
        "login",
        "second-factor",
        "network",
        "idle",
        "standalone",
        "separation",
        "grant",
        "boundary",
        "label",
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use rolecall::Reason;

    #[test]
    fn every_code_is_a_reason_and_their_guards_are_in_order() {
        let reasons: Vec<Reason> = REASONS.iter().map(|code| code.parse().unwrap()).collect();
        assert!(reasons.iter().zip(REASONS).all(|(reason, code)| reason == code));
        let mut objecting: Vec<&str> = reasons.iter().filter_map(Reason::guard).collect();
        objecting.dedup();
        assert_eq!(objecting, guards());
    }
}
