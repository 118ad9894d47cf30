/** Roles over time as bars. */

import { Fragment, type ReactNode, useMemo } from "react";
import { useLanguage, useText } from "../messages/index.js";
import { useScopeTitle } from "../provider.js";
import { type Bar, bar, type Period, position, type Span, ticks, type Tick } from "./logic/timeline.js";
import { day, dayAndTime } from "./logic/time.js";

export interface BarsProps {
  periods: readonly Period[];
  span: Span;
  now: Date;
  /** The heading of the rows of one holder. */
  headings?: ReadonlyMap<string, ReactNode>;
}

/** Bars with an axis above them and the present below. */
export function Bars({ periods, span, now, headings }: BarsProps): ReactNode {
  const t = useText();
  const { locale } = useLanguage();
  const marks = useMemo(() => ticks(span), [span.from, span.until]);
  const here = position(now.getTime(), span);
  return (
    <div className="rc-tl" role="group" aria-label={t("timeline.region")}>
      <div className="rc-tl__axis" aria-hidden="true">
        <svg width="100%" height="28">
          {marks
            .filter(({ x }) => x < 95)
            .map((mark) => (
              <text key={mark.time.getTime()} x={`${mark.x}%`} y="18">
                {markText(mark, locale)}
              </text>
            ))}
        </svg>
      </div>
      <ol>
        {periods.map((period) => (
          <Fragment key={period.key}>
            {headings?.get(period.key)}
            <Row period={period} span={span} marks={marks} here={here} />
          </Fragment>
        ))}
      </ol>
      <div className="rc-tl__axis" aria-hidden="true">
        <svg width="100%" height="22">
          <text className="rc-tl__today" x={`${here}%`} y="15" textAnchor="middle">
            {t("person.today", { time: day(now.toISOString(), { locale }) })}
          </text>
        </svg>
      </div>
    </div>
  );
}

function markText({ time, unit }: Tick, locale: string): string {
  const isFirst = time.getMonth() === 0;
  const format: Intl.DateTimeFormatOptions =
    unit === "day"
      ? { day: "numeric", month: "short" }
      : unit === "year" || isFirst
        ? { month: "short", year: "numeric" }
        : { month: "short" };
  return new Intl.DateTimeFormat(locale, format).format(time);
}

interface RowProps {
  period: Period;
  span: Span;
  marks: readonly Tick[];
  here: number;
}

function Row({ period, span, marks, here }: RowProps): ReactNode {
  const t = useText();
  const scope = useScopeTitle()(period.at);
  const { from, until } = useWords(period);
  const found = bar(period, span);
  const role = period.title ?? readable(period.role);
  return (
    <li data-k={period.state}>
      <span className="rc-tl__what">
        <b>{role}</b>
        <span>{scope}</span>
      </span>
      <svg
        className="rc-tl__bar"
        width="100%"
        height="40"
        role="img"
        aria-label={t("person.bar", { role, scope, from, until })}
      >
        {marks.map(({ x }) => (
          <line key={x} className="rc-tl__grid" x1={`${x}%`} x2={`${x}%`} y1="0" y2="100%" />
        ))}
        <line className="rc-tl__now" x1={`${here}%`} x2={`${here}%`} y1="0" y2="100%" />
        {found !== undefined && <Shape bar={found} here={here} isBegun={period.from !== undefined} />}
        {found?.end !== undefined && (
          <line className="rc-tl__end" x1={`${found.end}%`} x2={`${found.end}%`} y1="10" y2="30" />
        )}
      </svg>
      <span className="rc-tl__when">
        <span>{from}</span>
        <b>{until}</b>
      </span>
    </li>
  );
}

/** Writes the id of a role of which only the log remains. */
function readable(role: string): string {
  const text = role.replaceAll("-", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A bar. The part before now is dashed if nobody knows when the period began. */
function Shape({ bar: { x, width }, here, isBegun }: { bar: Bar; here: number; isBegun: boolean }): ReactNode {
  const height = { y: "14", height: "12", rx: "3" };
  if (isBegun) return <rect x={`${x}%`} width={`${width}%`} {...height} />;
  const known = Math.max(x, Math.min(here, x + width));
  return (
    <>
      {known > x && <rect className="rc-tl__before" x={`${x}%`} width={`${known - x}%`} {...height} />}
      {x + width > known && <rect x={`${known}%`} width={`${x + width - known}%`} {...height} />}
    </>
  );
}

/** The begin and the end of a period, in words. */
function useWords({ from, until, state }: Period): { from: string; until: string } {
  const t = useText();
  const { locale } = useLanguage();
  const time = (text: string): string =>
    (Math.abs(Date.parse(text) - Date.now()) < 2 * 86_400_000 ? dayAndTime : day)(text, { locale });
  const begun =
    from === undefined
      ? t("person.since.unknown")
      : t(state === "now" ? "person.since" : "person.from", { time: time(from) });
  if (until === undefined) return { from: begun, until: t("users.end.none") };
  return { from: begun, until: t(state === "past" ? "person.ended" : "person.until", { time: time(until) }) };
}
