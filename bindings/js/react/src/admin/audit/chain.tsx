/** The result of the server's check of the chain of hashes. */

import type { ReactNode } from "react";
import { useAnswer } from "../data.js";
import { useText } from "../messages/index.js";
import { useAdmin, useScopeTitle } from "../provider.js";
import { ErrorNote, Icon, TextButton, When } from "../ui/index.js";

/** The check of the chain of hashes, which runs again after changes and on demand. */
export function Chain(): ReactNode {
  const { at } = useAdmin();
  const t = useText();
  const scope = useScopeTitle()(at);
  const check = useAnswer(["chain"], (client, signal) => client.chain(at, { signal, background: true }));
  if (check.data === undefined)
    return check.error === null ? (
      <p className="rc-chain rc-chain--wait">{t("audit.chain.checking")}</p>
    ) : (
      <ErrorNote error={check.error} retry={() => void check.refetch()} />
    );
  const { intact, checked, broken_at: broken, at_scope: mine, whole, head } = check.data;
  return (
    <div className={intact ? "rc-chain" : "rc-chain rc-chain--broken"} role="status">
      <Icon name={intact ? "check" : "warn"} />
      <span>
        <b>{t(intact ? "audit.chain.intact" : "audit.chain.broken")}</b>
        {": "}
        {intact
          ? checked === undefined
            ? t("audit.chain.intact.all")
            : t("audit.chain.intact.help", { n: checked })
          : broken === undefined
            ? t("audit.chain.broken.all")
            : t("audit.chain.broken.help", { n: broken })}
        {!whole && intact && `; ${t("audit.chain.part", { n: mine, scope })}`}
      </span>
      {head !== undefined && (
        <code title={`${t("audit.chain.head")}: ${head}`}>
          {head.slice(0, 8)}…{head.slice(-8)}
        </code>
      )}
      <span className="rc-faint">
        <When time={new Date(check.dataUpdatedAt)} />
      </span>
      <TextButton onClick={() => void check.refetch()}>{t("audit.chain.again")}</TextButton>
    </div>
  );
}
