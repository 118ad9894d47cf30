/** The menu of the product, as a person sees it. */

import { type ReactNode, useMemo } from "react";
import { useText } from "../messages/index.js";
import { useAdmin, useScopeTitle } from "../provider.js";
import { Panel, Skeleton } from "../ui/index.js";
import { markSeen, type SeenItem } from "./logic/catalogue.js";
import type { PartProps } from "./person.js";
import { type AnswersState, useQuestion, useTime } from "./use-answers.js";

/** The menu at the scope and time of the page. */
export function MenuPreview({
  subject,
  name,
  view,
  answers: { answers },
}: PartProps & { answers: AnswersState }): ReactNode {
  const t = useText();
  const { at: here } = useAdmin();
  const at = view.at ?? here;
  const scope = useScopeTitle()(at);
  const time = useTime(view.time);
  const { data } = useQuestion(answers, "person", { subject, at, time });
  const menus = useMemo(() => {
    if (data === undefined || answers === undefined) return undefined;
    const all = Object.entries(answers.catalogue.menus).map(([menu, items]) => ({
      menu,
      items: markSeen(items, data.menus[menu] ?? []),
    }));
    // A menu of another kind of scope shows nothing here.
    const seen = all.filter(({ items }) => items.some((item) => item.seen));
    return seen.length > 0 ? seen : all.slice(0, 1);
  }, [data, answers]);
  if (answers === undefined) return null;
  return (
    <Panel
      title={t("person.menu", { name })}
      aside={<span className="rc-muted rc-small">{t("person.menu.at", { scope })}</span>}
      footer={<span className="rc-small rc-muted">{t("person.menu.hidden")}</span>}
    >
      {menus === undefined && <Skeleton rows={3} columns={4} />}
      {menus?.length === 0 && <p className="rc-panel__body rc-muted">{t("person.menu.none")}</p>}
      {menus?.map(({ menu, items }) => (
        <div key={menu}>
          {menus.length > 1 && <h3 className="rc-prod__name">{menuTitle(menu)}</h3>}
          <Menu items={items} />
        </div>
      ))}
    </Panel>
  );
}

/** The name of a menu in the policy, as people write it. */
function menuTitle(menu: string): string {
  const text = menu.replaceAll("-", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function Menu({ items }: { items: readonly SeenItem[] }): ReactNode {
  return (
    <div className="rc-prod">
      <ul className="rc-prod__bar">
        {items.map(({ id, title, seen }) => (
          <li key={id} data-hidden={seen ? undefined : ""}>
            <span>{title}</span>
          </li>
        ))}
      </ul>
      <div className="rc-prod__menus">
        {items
          .filter((item) => item.items.length > 0)
          .map((item) => (
            <div key={item.id}>
              <h3>
                {item.title}{" "}
                <span className="rc-count">
                  {item.items.filter(({ seen }) => seen).length}/{item.items.length}
                </span>
              </h3>
              <Items items={item.items} />
            </div>
          ))}
      </div>
    </div>
  );
}

function Items({ items }: { items: readonly SeenItem[] }): ReactNode {
  return (
    <ul>
      {items.map(({ id, title, seen, items: below }) => (
        <li key={id} data-hidden={seen ? undefined : ""}>
          <span>{title}</span>
          {below.length > 0 && seen && <Items items={below} />}
        </li>
      ))}
    </ul>
  );
}
