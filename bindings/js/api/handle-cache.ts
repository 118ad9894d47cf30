/** The most names that are remembered, some megabytes; behind it all are forgotten. */
const MOST = 65_536;

/** Numbers of names that were asked about before, so that a name need not be handed to the core again. */
export class Names {
  readonly #known = new Map<string, number>();
  readonly #find: (name: string) => number | null | undefined;
  #missed = 0;

  constructor(find: (name: string) => number | null | undefined) {
    this.#find = find;
  }

  /** The number of a name that is remembered, or -1. */
  number(name: string): number {
    return this.#known.get(name) ?? -1;
  }

  /** Remembers names at every fourth call: what is asked about once costs little, what is asked about often is known soon. */
  remember(...names: string[]): void {
    if (this.#missed++ % 4 !== 0) return;
    for (const name of names) {
      const number = this.#known.has(name) ? undefined : this.#find(name);
      if (typeof number !== "number") continue;
      if (this.#known.size === MOST) this.forget();
      // A copy: a text that was cut out of another one would keep all of that in memory.
      this.#known.set(JSON.parse(JSON.stringify(name)) as string, number);
    }
  }

  /** Forgets all, for the core is about to number anew. */
  forget(): void {
    this.#known.clear();
  }
}
