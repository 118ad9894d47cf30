// Uses the packages for front ends as typed code does, with the names of a policy. It is compiled, and never run.

import { createElement } from "react";
import { Can, Guard, RolecallProvider, useCan, useGated, useMenu, useRoles, useWhy } from "@rolecall/react";
import { createRoles, guardRouter, useCan as useVueCan } from "@rolecall/vue";
import { getRoles, setRoles } from "@rolecall/svelte";
import { createHandle, type RequestRoles } from "@rolecall/svelte/kit";
import { createRoles as forNext } from "@rolecall/next";
import { withRolecall } from "@rolecall/next/config";
import type { NextConfig } from "next";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Engine, type PortableSession, type Session, type View } from "rolecall";
import { connect, type Live } from "rolecall/client";
import { type Answers, type Asks, createStore, opened, type Store } from "rolecall/store";
import * as testing from "rolecall/testing";
import { ref } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";

declare const engine: Engine;
declare const liveEngine: Live<Engine>;
declare const live: Live<PortableSession>;
declare const session: Session;
declare const portable: PortableSession;
declare const view: View;
declare const kind: typeof PortableSession;

const make = (engine: Engine, time: Date): Session => engine.session("user:ada", { at: "acme", time });
const fake: Asks = { can: (permission) => permission === "segments:view", menu: () => ({ items: [] }) };
const stores: Store[] = [
  createStore(view),
  createStore(session, { onUnknown: "deny" }),
  createStore(portable, { now: () => new Date() }),
  createStore(live),
  createStore(fake),
  createStore(testing.fake({ can: ["segments:view"] })),
  createStore(opened(kind, new Uint8Array())),
  createStore(opened(kind, "pass")),
  createStore(engine, { session: make }),
  createStore(liveEngine, { session: make }),
];
const answers: Answers | undefined = stores[0]?.get();
// @ts-expect-error: an engine needs the option `session`.
createStore(engine);
// @ts-expect-error: the option is misspelt.
createStore(view, { onUnknow: "deny" });
// @ts-expect-error: the policy has no such permission.
answers?.can("segments:veiw");

export function Page(): unknown {
  const allowed: boolean = useCan("segments:edit", { labels: ["pii"] });
  const { data } = useQuery(
    useGated("segments:view", queryOptions({ queryKey: ["segments"], queryFn: async () => [1, 2] })),
  );
  const first: number | undefined = data?.[0];
  // @ts-expect-error: the policy has no such permission.
  useCan("segments:veiw");
  // @ts-expect-error: the policy has no such menu.
  useMenu("side");
  const { allow, reasons } = useWhy("segments:edit");
  return [allowed, first, allow, reasons.join(), useRoles().connected, useMenu("main").landing];
}

export const app = [
  createElement(RolecallProvider, { source: view }, createElement(Page as () => null)),
  RolecallProvider({ source: engine, session: make }),
  RolecallProvider({ source: live, onUnknown: "throw" }),
  createElement(Can, { needs: "segments:edit", otherwise: null, children: (allowed: boolean) => String(allowed) }),
  createElement(Guard, { needs: "segments:edit", otherwise: ({ reasons }) => reasons.join() }, "page"),
];
// @ts-expect-error: the policy has no such permission.
createElement(Can, { needs: "segments:veiw" });

const roles = createRoles(live);
createRoles(liveEngine, { session: make }).store.replace(view);
const router = createRouter({ history: createMemoryHistory(), routes: [] });
guardRouter(router, roles, { otherwise: { name: "denied" } });
guardRouter(router, roles, { otherwise: (to) => `/denied/${to.matched.length}` });
export const editable: boolean = useVueCan(ref("segments:edit")).value && useVueCan(() => "segments:view").value;
// @ts-expect-error: the policy has no such permission.
roles.can("segments:veiw");

setRoles(engine, { session: make });
setRoles(view).subscribe((answers) => answers.can("segments:edit"));
// @ts-expect-error: the policy has no such menu.
getRoles().menu("side");

export const handle = createHandle(engine, { subject: (event) => event.cookies.get("user"), at: "acme/:project" });
export const ofRequest = async (own: RequestRoles<Session>): Promise<boolean | undefined> => {
  await own.needs("segments:edit", { resource: (event) => ({ labels: event.params.id === "1" ? ["pii"] : [] }) });
  // @ts-expect-error: the policy has no such permission.
  await own.needs("segments:veiw");
  return (await own.session())?.check("segments:edit").allow;
};
// @ts-expect-error: the option is misspelt.
createHandle(engine, { subjects: () => "user:ada", at: "acme" });

const config: NextConfig = withRolecall({ output: "standalone" } satisfies NextConfig);
const next = forNext(
  async () => connect(Engine, "https://roles.example.com", { token: "t" }).then((live) => live.current),
  {
    subject: (headers) => headers.get("x-user"),
    at: "acme",
    view: { menus: ["main"] },
  },
);
export const POST = next.needs("segments:edit", async (request: Request) => Response.json(await request.json()));
// @ts-expect-error: the policy has no such permission.
next.needs("segments:veiw", async () => 1);
export const shown = async (): Promise<unknown> => [(await next.getRoles("acme/shop"))?.menu("main"), config];
