/**
 * Classes of subjects that the roles treat alike at one time. An impact is computed for one subject of each class, so its
 * cost grows with the kinds of people and not with their number.
 */

import { byText, type AssignmentText, type DirectoryText, type SettingsText } from "./documents.js";

/** A subject that represents others. */
export interface SubjectClass {
  subject: string;
  /** All subjects of the class, sorted. */
  members: readonly string[];
}

/** A directory with one subject of each class. */
export interface ClassedDirectory {
  directory: DirectoryText;
  /** By the subject that represents the class. */
  classes: ReadonlyMap<string, SubjectClass>;
}

/** Settings about how people log in and from where. Impact is about roles, so these count for nothing. */
const CONNECTION = new Set(["ip_allow", "login", "second_factor", "idle_timeout", "sign_on"]);

const isGroup = (id: string): boolean => id.startsWith("group:");

/** Returns the assignments that hold at a time, without their start and end. */
export function holdingAt(assignments: readonly AssignmentText[], time: Date): AssignmentText[] {
  const now = time.getTime();
  const begun = (from?: string): boolean => from === undefined || Date.parse(from) <= now;
  const lasts = (until?: string): boolean => until === undefined || Date.parse(until) > now;
  return assignments
    .filter(({ from, until }) => begun(from) && lasts(until))
    .map(({ from: _, until: __, ...rest }) => rest);
}

function push(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

const withoutConnection = (settings: SettingsText): SettingsText =>
  Object.fromEntries(Object.entries(settings).filter(([key]) => !CONNECTION.has(key)));

/** Returns the directory with one subject of each class, as it is at a time. */
export function classed(directory: DirectoryText, time: Date): ClassedDirectory {
  const assignments = holdingAt(directory.assignments ?? [], time);
  const facts = new Map<string, string[]>();
  for (const { subject, ...rest } of assignments) {
    if (!isGroup(subject)) push(facts, subject, JSON.stringify(rest));
  }
  for (const [group, { members = [] }] of Object.entries(directory.groups ?? {})) {
    members.filter((member) => !isGroup(member)).forEach((member) => push(facts, member, group));
  }
  const classes = new Map<string, string[]>();
  for (const [subject, record] of Object.entries(directory.subjects ?? {})) {
    const kind = subject.slice(0, subject.indexOf(":"));
    const own = [...new Set(facts.get(subject) ?? [])].sort(byText);
    push(classes, JSON.stringify([kind, record, own]), subject);
  }
  const found = [...classes.values()].map((members) => members.sort(byText));
  const byFirst = new Map(
    found.flatMap((members) => {
      const [subject] = members;
      return subject === undefined ? [] : [[subject, { subject, members }] as const];
    }),
  );
  return { directory: reduced(directory, assignments, byFirst), classes: byFirst };
}

function reduced(
  directory: DirectoryText,
  assignments: readonly AssignmentText[],
  classes: ReadonlyMap<string, SubjectClass>,
): DirectoryText {
  const stays = (id: string): boolean => isGroup(id) || classes.has(id);
  const entries = <T>(map: Readonly<Record<string, T>> | undefined): [string, T][] => Object.entries(map ?? {});
  const groups = entries(directory.groups).map(([group, body]) => [
    group,
    { ...body, members: (body.members ?? []).filter(stays) },
  ]);
  const subjects = entries(directory.subjects).filter(([subject]) => classes.has(subject));
  const settings = entries(directory.settings).map(([at, body]) => [at, withoutConnection(body)]);
  const { locks: _, ...rest } = directory;
  return {
    ...rest,
    groups: Object.fromEntries(groups),
    subjects: Object.fromEntries(subjects),
    assignments: assignments.filter(({ subject }) => stays(subject)),
    settings: Object.fromEntries(settings),
  };
}
