/** The whole audit log, page by page. */

import type { Administration, EventParams } from "rolecall/client";
import { pagesOf } from "../pages.js";

/** The most events of a page. */
const PAGE = 1_000;

/** Returns all events with a filter as CSV, the oldest first, however many there are. */
export function wholeCsv(client: Pick<Administration, "csv" | "events">, params: EventParams): Promise<string> {
  return pagesOf<number>(async (after) => {
    const page = { ...params, limit: PAGE, ...(after !== undefined && { after }) };
    // The first answer says where the next page begins, which a table does not.
    const { next } = await client.events(page);
    return { next, text: await client.csv("events", page) };
  });
}
