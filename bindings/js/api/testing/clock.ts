/** A clock that a test sets. */

/** A duration, whose parts are added. */
export interface Duration {
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
  milliseconds?: number;
}

const MILLIS: Record<keyof Duration, number> = {
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1000,
  milliseconds: 1,
};

/** A clock that a test sets. Pass `clock.now` wherever an option `now` is taken. */
export class Clock {
  private time: number;

  /** Throws a `TypeError` for a time that is not a timestamp. */
  constructor(time: string | Date = "2026-01-01T00:00:00Z") {
    this.time = millis(time);
  }

  /** Returns the time. */
  readonly now = (): Date => new Date(this.time);

  /** Sets the time. */
  set(time: string | Date): void {
    this.time = millis(time);
  }

  /** Moves the time on; negative numbers move it back. */
  advance(by: Duration): void {
    for (const [unit, count] of Object.entries(by)) {
      const length = MILLIS[unit as keyof Duration];
      if (length === undefined) throw new TypeError(`\`${unit}\` is not a unit: use ${Object.keys(MILLIS).join(", ")}`);
      this.time += count * length;
    }
  }

  /** Moves the time to the end of a session or a decision. Returns whether it has one. */
  advanceToEndOf(answers: {
    readonly validUntil?: number | null | undefined;
    readonly valid_until?: string | undefined;
  }): boolean {
    const end = answers.validUntil ?? answers.valid_until;
    if (end === undefined) return false;
    this.set(new Date(end));
    return true;
  }
}

function millis(time: string | Date): number {
  // A text without a time zone would be a time of the machine.
  const read = typeof time === "string" && !/(Z|[+-]\d\d:\d\d)$/i.test(time) ? NaN : new Date(time).getTime();
  if (Number.isNaN(read)) throw new TypeError(`\`${String(time)}\` is not a timestamp, such as 2026-01-01T00:00:00Z`);
  return read;
}
