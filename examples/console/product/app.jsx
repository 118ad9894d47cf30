// The product's own page: its menu bar shows what the user may use, and follows every change of their roles.
import { RolecallProvider, useMenu, useRoles } from "@rolecall/react";
import { useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { connect, LoginSession } from "rolecall/client";
import { init, PortableSession } from "rolecall/portable";

const settings = await (await fetch("/settings.json")).json();
const { title, server, at, menu, action } = settings;
document.title = title;

/** Returns the connection of the logged-in user. */
async function open(session) {
  await init();
  return connect(PortableSession, server, { pass: () => session.pass({ at, menus: [menu] }) });
}

const count = (items) => items.reduce((sum, item) => sum + (item.items ? count(item.items) : 1), 0);
const names = (items) => items.flatMap((item) => [item.id, ...names(item.items ?? [])]);

function Items({ items, current, choose, fresh }) {
  return (
    <ul>
      {items.map((item) => (
        <li key={item.id} data-item={item.id}>
          {item.items ? (
            <>
              <span className={fresh.has(item.id) ? "new" : undefined}>{item.title}</span>
              <Items items={item.items} current={current} choose={choose} fresh={fresh} />
            </>
          ) : (
            <a
              href={`#${item.id}`}
              className={fresh.has(item.id) ? "new" : undefined}
              aria-current={item.id === current?.id ? "page" : undefined}
              onClick={() => choose(item)}
            >
              {item.title}
            </a>
          )}
        </li>
      ))}
    </ul>
  );
}

/** A customer as the product has it, and the fields that are personal data. */
const CUSTOMER = { segment: "Loyal customers", visits: 12, email: "kim@customer.example", phone: "+46 70 123 45 67" };
const LABELS = { email: "pii", phone: "pii" };

/** A page of the product: a record without the fields that the user may not read, and a button if they may press it. */
function Customer() {
  const { can, redact } = useRoles();
  const { record } = redact(CUSTOMER, LABELS, { mask: "withheld" });
  return (
    <section className="customer" aria-label="A customer">
      <dl>
        {Object.entries(record).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {can(action.needs) && <button>{action.title}</button>}
    </section>
  );
}

function Product({ session }) {
  const { items } = useMenu(menu);
  const { connected, error } = useRoles();
  const [current, choose] = useState();
  const before = useRef(undefined);
  const all = names(items);
  const known = before.current ?? all;
  const fresh = new Set(all.filter((id) => !known.includes(id)));
  useEffect(() => {
    before.current = all;
  });
  const logout = async () => location.assign((await session.logout(`${location.origin}/`)) ?? "/");
  if (error) return <Door text="The session has ended." />;
  const isGone = current && !all.includes(current.id);
  return (
    <>
      <header>
        <b>{title}</b>
        <span className="end">
          <span className="live" data-off={connected ? undefined : ""} role="status">
            {connected ? "live" : "offline"}
          </span>
          <span>{session.state.subject}</span>
          <button onClick={logout}>Log out</button>
        </span>
      </header>
      <div className="layout">
        <nav aria-label="Menu of the product">
          <Items items={items} current={current} choose={choose} fresh={fresh} />
        </nav>
        <main>
          <h1>{isGone ? "You may not see this page any more" : (current?.title ?? "Welcome")}</h1>
          <p>
            {count(items)} pages are open to you at {at}. The menu is computed in this page, from a pass of the server, and
            changes when somebody edits your roles.
          </p>
          <Customer />
          <p>
            <a href={settings.console} target="rolecall-console">
              Open access management
            </a>{" "}
            or <a href="/access.html">its parts in a page of the product</a>
          </p>
        </main>
      </div>
    </>
  );
}

function Door({ text }) {
  const [providers, set] = useState([]);
  useEffect(() => {
    LoginSession.page(server, { at }).then((page) => set(page.providers));
  }, []);
  return (
    <div className="door">
      <main>
        <h1>{title}</h1>
        <p>{text}</p>
        {providers.map((provider) => (
          <a key={provider.id} className="button" href={LoginSession.href(provider, `${location.origin}/`)}>
            Log in with {provider.title}
          </a>
        ))}
      </main>
    </div>
  );
}

const root = createRoot(document.getElementById("root"));
const session = await LoginSession.current(server);
if (session === undefined) root.render(<Door text="Log in to see the menu." />);
else {
  root.render(
    <RolecallProvider source={await open(session)}>
      <Product session={session} />
    </RolecallProvider>,
  );
}
