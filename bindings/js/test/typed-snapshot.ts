// Type-checked, never run: code of a user of `rolecall/snapshot`.
import { Engine, ForbiddenError, init, initSync, type Decision, type Menu, type Session } from "rolecall/snapshot";
import { connect, type Live } from "rolecall/client";
export async function use(bytes: Uint8Array, module: WebAssembly.Module): Promise<boolean> {
  await init();
  initSync(module);
  const engine: Engine = Engine.fromSnapshot(bytes);
  const session: Session = engine.session("user:ada", { at: "acme", time: new Date() });
  const decision: Decision = session.check("a:view");
  const menu: Menu = session.menu("main");
  const live: Live<Engine> = await connect(Engine, "https://roles.example.com", { token: "t" });
  // @ts-expect-error there is no compiler
  Engine.fromJson("{}", "{}");
  // @ts-expect-error filters need the whole engine, or a server
  engine.filter({ subject: "user:ada", permission: "a:view", context: { time: new Date() } });
  // @ts-expect-error questions about holders need the whole engine, or a server
  engine.whoHolds("editor", { time: new Date() });
  // @ts-expect-error explanations that name ways out need the whole engine
  session.explain("a:view");
  return (
    decision.allow &&
    menu.items.length > 0 &&
    live.current.canByNames("user:ada", "a:view", "acme", 0) &&
    ForbiddenError !== undefined
  );
}
