/** The end of a list whose next page is not loaded. */

import type { ReactNode } from "react";
import type { List } from "./data.js";
import { useText } from "./messages/index.js";
import { Button, ErrorNote } from "./ui/index.js";

/** The failure of the next page. */
export function MoreFailed({ list }: { list: List<never> }): ReactNode {
  return list.moreFailed === true && !list.loadingMore ? <ErrorNote error={list.error} retry={list.more} /> : null;
}

/** The button that loads the next page, or why it could not be loaded. */
export function MoreRows({ list }: { list: List<never> }): ReactNode {
  const t = useText();
  if (!list.hasMore) return null;
  return (
    <div className="rc-panel__foot">
      {list.moreFailed === true && !list.loadingMore ? (
        <MoreFailed list={list} />
      ) : (
        <Button pending={list.loadingMore} onClick={list.more}>
          {t("common.more.rows")}
        </Button>
      )}
    </div>
  );
}
