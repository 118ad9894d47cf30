/** Objects that also answer behind a proxy, such as those that reactive frameworks wrap objects in. */

/**
 * Behind a proxy there are no private fields, and the core does not recognise its objects. `target()` returns the object
 * itself: proxies return functions as they are, but may wrap every other value.
 */
export abstract class Target {
  /** @internal */
  declare readonly target: () => this;

  constructor() {
    Object.defineProperty(this, "target", { value: () => this });
  }
}
