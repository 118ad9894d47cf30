// Access management in a page of the product: the parts of `@rolecall/react/admin` below the product's own head, in its colours.
import "@rolecall/react/admin.css";
import "./theme.css";
import { RolecallProvider } from "@rolecall/react";
import { AccessRequest, AdminProvider, AuditLog, RoleEditor, useMay, UserTable } from "@rolecall/react/admin";
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { Administration, connect, LoginSession } from "rolecall/client";
import { init, PortableSession } from "rolecall/portable";

const { title, server, at } = await (await fetch("/settings.json")).json();
const engine = () => new Worker("/engine.js", { type: "module" });

/** The parts, and what each needs. */
const PARTS = {
  users: { title: "People", needs: ["view-access"], part: Users },
  roles: { title: "Roles", needs: ["view-roles"], part: Roles },
  requests: { title: "Requests", needs: ["request-access", "approve-access"], part: AccessRequest },
  audit: { title: "History", needs: ["view-audit"], part: Audit },
};

/** Returns the state of the page, which is the fragment of its address: `#roles/editor/newsroom?search=news`. */
function usePlace() {
  const [hash, set] = useState(location.hash);
  useEffect(() => {
    const follow = () => set(location.hash);
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const [path, query = ""] = hash.slice(1).split("?");
  const [tab, ...rest] = path.split("/").map(decodeURIComponent);
  return { tab, rest, query: Object.fromEntries(new URLSearchParams(query)) };
}

/** Changes parts of the query. */
function change(query, part) {
  const stated = Object.entries({ ...query, ...part }).filter(([, value]) => value !== undefined);
  location.hash = `${location.hash.split("?")[0]}?${new URLSearchParams(stated)}`;
}

function Users({ query }) {
  return <UserTable filters={query} onFilters={(part) => change(query, part)} />;
}

function Roles({ rest }) {
  const [isCreating, create] = useState(false);
  return (
    <>
      <h1>Roles</h1>
      <RoleEditor role={rest[1]} worker={engine} isCreating={isCreating} onCreating={create} />
    </>
  );
}

function Audit({ rest, query }) {
  const selected = rest[0] === undefined ? undefined : Number(rest[0]);
  return (
    <AuditLog
      filter={query}
      onFilter={(part) => change(query, part)}
      selected={selected}
      link={(seq) => `#audit/${seq}?${new URLSearchParams(query)}`}
    />
  );
}

function Access() {
  const { tab, rest, query } = usePlace();
  const may = useMay();
  const shown = Object.entries(PARTS).filter(([, { needs }]) => needs.some(may));
  const [id, current] = shown.find(([name]) => name === tab) ?? shown[0] ?? [];
  return (
    <>
      <header className="product-head">
        <a href="/">{title}</a>
        <nav aria-label="Access">
          {shown.map(([name, { title: text }]) => (
            <a key={name} href={`#${name}`} aria-current={name === id ? "page" : undefined}>
              {text}
            </a>
          ))}
        </nav>
      </header>
      <main className="rc product-part">
        {current === undefined ? (
          <h1>You have no access here</h1>
        ) : (
          <current.part key={id} rest={id === tab ? rest : []} query={id === tab ? query : {}} />
        )}
      </main>
    </>
  );
}

const session = await LoginSession.current(server);
if (session === undefined) location.assign("/");
else {
  await init();
  const client = new Administration(session);
  const [live, rights, { scopes }] = await Promise.all([
    connect(PortableSession, server, { pass: () => session.pass({ at }) }),
    client.rights(at),
    session.fetch("/v1/session/scopes").then((answer) => answer.json()),
  ]);
  session.followActivity();
  const abilities = Object.fromEntries(Object.entries(rights.commands).map(([name, { requires }]) => [name, requires]));
  createRoot(document.getElementById("root")).render(
    <RolecallProvider source={live}>
      <AdminProvider client={client} at={at} subject={session.state.subject} abilities={abilities} scopes={scopes}>
        <Access />
      </AdminProvider>
    </RolecallProvider>,
  );
}
