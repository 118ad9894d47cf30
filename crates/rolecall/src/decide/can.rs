//! Answers with allow or deny alone, for requests without an item and without connection details.
//!
//! Gives the answers of [`evaluate`], but faster. Most subjects are active, are not support staff and have a policy
//! that does not separate active roles. Where no scope on the path restricts addresses or requires two-step
//! verification, only the guards `standalone` and `grant` can deny these subjects, and the functions here evaluate
//! both themselves. In all other cases they evaluate every guard.

use crate::decide::evaluate;
use crate::decide::resolved::{EvalInputs, Evaluation, ResolvedSubject};
use crate::directory::{Directory, MaskBlock};
use crate::policy::PermissionId;
use crate::storage::arena::{ScopeId, SubjectKey};
use crate::storage::bits::Bits;
use crate::types::context::Context;
use crate::types::timestamp::Timestamp;

/// Returns whether a listed subject has a permission at a listed scope.
///
/// Stops at the first reason to deny. Allocates nothing, unless the policy separates active roles.
pub(crate) fn can(
    directory: &Directory,
    subject: SubjectKey,
    permission: PermissionId,
    scope: ScopeId,
    time: Timestamp,
) -> bool {
    let guards = &directory.policy.guards;
    if guards.separates_active || !directory.is_plain(subject) {
        return allowed_by_guards(directory, subject, scope, time).contains(permission.bit());
    }
    if !directory.is_open(scope) {
        return can_where_restricted(directory, subject, permission, scope, time);
    }
    let (mut granted, mut standalone) = (false, !guards.standalone_required);
    for role in directory.own_roles(subject, scope, time) {
        granted |= directory.holds(role, permission);
        standalone = standalone || directory.is_standalone(role);
        if granted && standalone {
            return true;
        }
    }
    // The closure borrows variables of its own, so that those above stay in registers.
    let (mut is_granted, mut is_standalone) = (granted, standalone);
    directory.any_other_role(subject, scope, time, &mut |role| {
        is_granted |= directory.holds(role, permission);
        is_standalone = is_standalone || directory.is_standalone(role);
        is_granted && is_standalone
    })
}

/// Writes everything that [`can`] allows into words, one bit for each permission by its number. Permissions beyond the
/// last word are left out, and bits beyond the last permission become zero.
pub(crate) fn can_all(directory: &Directory, subject: SubjectKey, scope: ScopeId, time: Timestamp, words: &mut [u64]) {
    let guards = &directory.policy.guards;
    if guards.separates_active || !directory.is_plain(subject) {
        return can_all_by_guards(directory, subject, scope, time, words);
    }
    if !directory.is_open(scope) {
        return can_all_where_restricted(directory, subject, scope, time, words);
    }
    let mut standalone = !guards.standalone_required;
    // A block has room for the permissions of most policies, and stays in registers while roles are added.
    if let Ok(words) = <&mut MaskBlock>::try_from(&mut *words) {
        let mut all = MaskBlock::default();
        for role in directory.own_roles(subject, scope, time) {
            standalone = standalone || directory.is_standalone(role);
            add_mask(&mut all, directory.first_mask(role));
        }
        *words = all;
    } else {
        words.fill(0);
        for role in directory.own_roles(subject, scope, time) {
            standalone = standalone || directory.is_standalone(role);
            add_mask(words, directory.mask(role).as_flattened());
        }
    }
    // The closure borrows a variable of its own, so that the one above stays in a register.
    let mut is_standalone = standalone;
    directory.any_other_role(subject, scope, time, &mut |role| {
        is_standalone = is_standalone || directory.is_standalone(role);
        add_mask(words, directory.mask(role).as_flattened());
        false
    });
    if !is_standalone {
        words.fill(0);
    }
}

/// Answers where addresses are restricted or two-step verification is required. Neither an address nor a second factor
/// is stated, so all are denied but applications, which need no second factor.
#[cold]
fn can_where_restricted(
    directory: &Directory,
    subject: SubjectKey,
    permission: PermissionId,
    scope: ScopeId,
    time: Timestamp,
) -> bool {
    directory.is_application(subject) && allowed_by_guards(directory, subject, scope, time).contains(permission.bit())
}

/// As [`can_where_restricted`], for all permissions.
#[cold]
fn can_all_where_restricted(
    directory: &Directory,
    subject: SubjectKey,
    scope: ScopeId,
    time: Timestamp,
    words: &mut [u64],
) {
    if directory.is_application(subject) {
        can_all_by_guards(directory, subject, scope, time, words);
    } else {
        words.fill(0);
    }
}

#[cold]
fn can_all_by_guards(directory: &Directory, subject: SubjectKey, scope: ScopeId, time: Timestamp, words: &mut [u64]) {
    words.fill(0);
    add_mask(words, allowed_by_guards(directory, subject, scope, time).words());
}

/// Returns the permissions that are allowed after evaluation of all guards.
fn allowed_by_guards(directory: &Directory, subject: SubjectKey, scope: ScopeId, time: Timestamp) -> Bits {
    let context = Context::at_known_scope(directory.scope_name(scope), time);
    let resolved = ResolvedSubject::of(directory, Some(subject), directory.subjects.get(subject).support, &context);
    let inputs = EvalInputs { directory, subject_id: "", context: &context, resolved: &resolved };
    evaluate::allowed_permissions(&Evaluation::new(inputs, time))
}

/// Adds the bits of a mask to as many words as there are.
#[inline]
fn add_mask(words: &mut [u64], mask: &[u64]) {
    for (word, more) in words.iter_mut().zip(mask) {
        *word |= more;
    }
}
