/** The commands of administration, each a map with one key. `docs/reference/commands.md` describes them. */

import type { Assignment } from "../types.js";
import type { BoundaryValues, MappedRole, PasswordRules, RoleDefinition } from "./administration-rows.js";

/** A new user, application or member of support staff, with at least one role. */
export interface NewSubject {
  subject: string;
  roles: readonly Omit<Assignment, "subject">[];
  external?: boolean;
  /** Confirms `external`. */
  confirm?: boolean;
  native?: string;
  name?: string;
  email?: string;
}

/** The edits of a role of the policy. An absent key keeps the value of the policy. */
export interface OverlayBody {
  title?: string;
  description?: string;
  grants?: readonly string[];
  except?: readonly string[];
  reads?: readonly string[];
}

interface Commands {
  invite: NewSubject;
  "resend-invitation": { subject: string };
  "accept-invitation": { subject: string };
  "add-user": NewSubject;
  "add-app": NewSubject;
  "add-support": NewSubject;
  "set-app": {
    subject: string;
    title?: string;
    description?: string;
    token_lifetime?: string;
    networks?: readonly string[];
  };
  "add-secret": { subject: string; until?: string; note?: string };
  "remove-secret": { subject: string; secret: string };
  "suspend-subject": { subject: string };
  "resume-subject": { subject: string };
  "remove-subject": { subject: string; at: string };
  "mark-external": { subject: string; confirm?: boolean };
  "unmark-external": { subject: string };
  "set-native": { subject: string; native?: string };
  "set-person": { subject: string; at: string; name?: string; email?: string };
  "erase-person": { subject: string; at: string };
  "set-boundary": { subject: string; boundary: string; values?: BoundaryValues };
  assign: Assignment;
  withdraw: Assignment;
  "set-roles": { subject: string; at: string; roles: readonly Omit<Assignment, "subject" | "at">[] };
  "set-role": { at: string; role: string } & RoleDefinition;
  "delete-role": { at: string; role: string; cascade?: boolean };
  "copy-role": { of: string; at: string; role: string };
  "reset-role": { at: string; role: string };
  "set-overlay": { at: string; role: string } & OverlayBody;
  "reset-overlay": { at: string; role: string };
  "add-group": { group: string; at: string };
  "delete-group": { group: string; cascade?: boolean };
  "join-group": { group: string; member: string };
  "leave-group": { group: string; member: string };
  "set-role-mapping": {
    at: string;
    provider: string;
    group: string;
    roles: readonly MappedRole[];
  };
  "remove-role-mapping": { at: string; provider: string; group: string };
  lock: { items: readonly string[]; at: string; groups: readonly string[] };
  "set-owner": { item: string; at: string; owner: string };
  "request-access": {
    role: string;
    at: string;
    below?: boolean;
    boundaries?: Record<string, readonly string[]>;
    until: string;
    reason: string;
  };
  "approve-access": { request: string };
  "deny-access": { request: string };
  "withdraw-request": { request: string };
  "end-access": { request: string };
  "set-support": { at: string; access: "none" | "named" | "all"; reads?: readonly string[] };
  "set-networks": { at: string; ranges: readonly string[]; force?: boolean };
  "set-timeout": { at: string; timeout?: string };
  "set-login": { at: string; methods: readonly string[]; force?: boolean };
  "set-second-factor": { at: string; required: boolean; force?: boolean };
  "set-password-rules": { at: string; rules?: PasswordRules };
  "reset-password": { subject: string };
  "set-sign-on": {
    at: string;
    title?: string;
    issuer: string;
    client_id: string;
    client_secret?: string;
    method?: string;
    claim?: string;
    group_claim?: string;
    request_scopes?: readonly string[];
  };
  "remove-sign-on": { at: string; force?: boolean };
  "add-scope": { path: string };
  "set-instance-type": { at: string; instance_type?: string };
  "update-policy": {
    policy: string;
    roles?: Record<string, string>;
    resources?: Record<string, string>;
    merge?: boolean;
  };
}

/** The name of a command. */
export type CommandName = keyof Commands;

/** A command: a map with its name as the only key. */
export type Command = { [Name in CommandName]: Record<Name, Commands[Name]> }[CommandName];
