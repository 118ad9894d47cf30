/** The answers of a source at a time, and when they have to be evaluated again. */

import { type Answers, answersOf, type Context } from "./answers.js";
import type { Asks } from "./asks.js";
import type { Source } from "./source.js";

/** Answers, and how long they are right. */
export interface Evaluation {
  answers: Answers;
  /** The object behind the answers, or the error in its place. */
  current: unknown;
  /** The milliseconds between which the answers are right. */
  from: number;
  until: number;
}

/** The parts of its store that an evaluation needs. */
export interface Shared extends Context {
  /** Notes that the answers of an evaluation change earlier than it seemed. */
  isShorter(evaluation: Evaluation): unknown;
}

/** Evaluates a source. Without answers everything is denied, and the error says why. */
export function evaluate(source: Source, time: Date, shared: Shared): Evaluation {
  const evaluation = { current: take(source), from: +time, until: Infinity } as Evaluation;
  const until = (time: string | number | null | undefined): void => {
    const millis = +new Date(time ?? NaN);
    if (millis < evaluation.until) evaluation.until = millis;
    shared.isShorter(evaluation);
  };
  let asks: Asks | undefined;
  let error: unknown;
  try {
    asks = source.open(source.current(), time);
    until(asks.validUntil);
    if (+time >= evaluation.until)
      throw Object.assign(Error("the session is no longer valid"), { code: "client.stale" });
  } catch (thrown) {
    [asks, error, evaluation.until] = [undefined, thrown, Infinity];
  }
  evaluation.answers = answersOf(asks, shared, until, isConnected(source), error);
  return evaluation;
}

/** Returns whether the time has come, or the source has another object or state. */
export function isOutdated({ answers, current, from, until }: Evaluation, source: Source, time: Date): boolean {
  const now = take(source);
  // Each error is another object, so their codes are compared.
  const isReplaced = now !== current && (codeOf(now) === undefined || codeOf(now) !== codeOf(current));
  return isReplaced || +time < from || +time >= until || answers.connected !== isConnected(source);
}

/** Throws an error that is a mistake in a program, instead of a state of the connection. */
export function throwMistake(error: unknown): void {
  if (error !== undefined && !String(codeOf(error)).startsWith("client.")) throw error;
}

const isConnected = ({ live }: Source): boolean => live?.connection?.connected ?? true;

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code;

/** Returns the object behind the answers, or the error in its place. */
function take(source: Source): unknown {
  try {
    return source.current();
  } catch (error) {
    return error;
  }
}
