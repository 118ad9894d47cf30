import { call, type NativeSession } from "./native.js";
import type { Policy } from "./policy.js";
import { itemText } from "./plain.js";
import { atMost } from "./shape.js";
import { SnapshotSession } from "./snapshot-session.js";
import type { Explanation, PermissionName, Resource } from "./types.js";

/** One subject in one context, resolved once. */
export class Session extends SnapshotSession {
  declare readonly policy: Policy;
  /** @internal */
  declare readonly native: NativeSession;

  /** Decides, and explains the decision with every guard and role assignment. Throws `RequestError`. */
  explain(permission: PermissionName | number, resource?: Resource): Explanation {
    atMost(2, arguments.length);
    return JSON.parse(
      call(() => this.target().native.explain(this.policy.nameOf(permission), itemText(resource))),
    ) as Explanation;
  }
}
