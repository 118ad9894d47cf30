/** The effect of a change, and the engine that computes it. */

import type { ClassedDirectory } from "./classes.js";
import type { DirectoryText } from "./documents.js";

/** The permissions and labels that someone gains or loses at a scope. */
export interface AccessChange {
  subject?: string;
  at: string;
  permissions: readonly string[];
  reads: readonly string[];
}

export interface ShownItem {
  id: string;
  title: string;
  items?: readonly ShownItem[];
}

interface AskedSession {
  menu(name: string): { items: readonly ShownItem[] };
}

/** The part of an engine that an impact needs. */
export interface ImpactEngine {
  apply(change: object): boolean;
  diff(after: ImpactEngine, when: { time: Date }): { gained: readonly AccessChange[]; lost: readonly AccessChange[] };
  session(subject: string, context: { at: string; time: Date }): AskedSession;
  effective(
    subject: string,
    context: { at: string; time: Date },
  ): {
    permissions: readonly { permission: string; granted_by: readonly { role: string; via: readonly string[] }[] }[];
  };
}

/** Makes engines: the class `Engine` of the module, with the policy compiled once. */
export type MakeEngine = (policy: object, directory: object) => ImpactEngine;

/** A permission and the number of people for whom it changes. */
export interface PermissionImpact {
  permission: string;
  count: number;
  /** Up to three of them. */
  who: readonly string[];
}

/** An entry of a menu that appears or vanishes. */
export interface MenuImpact {
  menu: string;
  id: string;
  title: string;
  /** The titles of the entries above it. */
  above: readonly string[];
  count: number;
  who: readonly string[];
}

/** People for whom the same changes. */
export interface PeopleImpact {
  /** Sorted. */
  people: readonly string[];
  gained: readonly string[];
  lost: readonly string[];
  /** The labels that they read from now on, or no longer. */
  readsGained: readonly string[];
  readsLost: readonly string[];
  appears: readonly string[];
  vanishes: readonly string[];
}

/** A label and the people who begin or stop to read it. */
export interface LabelImpact {
  label: string;
  gained: number;
  lost: number;
}

/** A permission that a role no longer gives, and people who hold it all the same. */
export interface KeptImpact {
  permission: string;
  count: number;
  who: readonly string[];
  /** The roles that give it to them. */
  through: readonly string[];
}

/** The effect of a change. Each person counts once, at any number of scopes. */
export interface Impact {
  gain: number;
  lose: number;
  /** The people for whom anything changes. */
  changed: number;
  gained: readonly PermissionImpact[];
  lost: readonly PermissionImpact[];
  appears: readonly MenuImpact[];
  vanishes: readonly MenuImpact[];
  labels: readonly LabelImpact[];
  /** The permissions that people keep through other roles. */
  kept: readonly KeptImpact[];
  /** The largest groups first. */
  people: readonly PeopleImpact[];
  /** Whether support staff who are not listed are affected. */
  support: boolean;
  /** The labels that they begin or stop to read. Sorted. */
  supportReads: readonly string[];
}

/** Two engines of the same state. The second one gets each change that is tried. */
export interface ImpactBase {
  before: ImpactEngine;
  after: ImpactEngine;
  classed: ClassedDirectory;
  directory: DirectoryText;
  menus: readonly string[];
}
