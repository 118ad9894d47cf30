// Users log in with a real OpenID Connect provider in a real browser. They are logged out when an administrator narrows the
// allowed networks.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { launch, serve } from "../browser/chromium.mjs";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "../..");
const require = createRequire(new URL("../../bindings/js/package.json", import.meta.url));
// The provider warns about its development settings, which suit a test.
Object.assign(console, { warn() {}, info() {} });
const { Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));
const { ROLECALL_BIN: bin, ROLECALL_SHOTS: shots } = process.env;
const SCOPE = "acme";
const POLICY = {
  rolecall: 1,
  scopes: ["account"],
  resources: { segments: { actions: ["view", "edit"] }, users: { actions: ["edit"] } },
  roles: {
    viewer: { grants: ["segments:view"] },
    owner: { inherits: ["viewer"], grants: ["segments:edit", "users:edit"] },
  },
  administration: { assign: "users:edit", "set-networks": "users:edit" },
  menus: { main: [{ id: "segments", title: "Segments", href: "#segments", needs: "segments:view" }] },
};
const DIRECTORY = {
  rolecall: 1,
  scopes: [SCOPE],
  settings: { [SCOPE]: { login: { methods: ["sso"] } } },
  subjects: {
    "user:olga@acme.example": { native: SCOPE },
    "user:ada@acme.example": { native: SCOPE },
    "user:out@agency.example": { native: SCOPE, external: true },
  },
  assignments: [
    { subject: "user:olga@acme.example", role: "owner", at: SCOPE },
    { subject: "user:ada@acme.example", role: "viewer", at: SCOPE },
    { subject: "user:out@agency.example", role: "viewer", at: SCOPE },
  ],
};

const folder = mkdtempSync(path.join(tmpdir(), "rolecall-login-"));
const write = (file, value) =>
  writeFileSync(path.join(folder, file), typeof value === "string" ? value : JSON.stringify(value));
const freePort = async () => {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => probe.once("listening", done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
};
let server;
let provider;

try {
  const files = await serve({ "/rolecall/": path.join(root, "bindings/js/rolecall/dist") });
  const [own, theirs] = [await freePort(), await freePort()];
  const [url, issuer] = [`http://127.0.0.1:${own}`, `http://127.0.0.1:${theirs}`];
  const [secret, token] = [randomBytes(24).toString("base64url"), randomBytes(24).toString("base64url")];

  // The provider accepts every login, and includes e-mail addresses only in the scope `email`.
  const oidc = new Provider(issuer, {
    clients: [
      {
        client_id: "rolecall",
        client_secret: secret,
        redirect_uris: [`${url}/v1/login/corp/callback`],
        post_logout_redirect_uris: [`${files.address}/`],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: id, email_verified: true }) }),
    cookies: { keys: [randomBytes(24).toString("base64url")] },
  });
  provider = oidc.listen(theirs, "127.0.0.1");

  write("policy.json", POLICY);
  write("directory.json", DIRECTORY);
  write("secret.txt", `${secret}\n`);
  write("server.json", {
    rolecall: 1,
    listen: `127.0.0.1:${own}`,
    store: "acme.rolecall",
    origins: [files.address],
    tokens: [
      {
        subject: "app:backend",
        acts_for_others: true,
        may: ["administer"],
        sha256: createHash("sha256").update(token).digest("hex"),
      },
    ],
    login: {
      providers: [
        {
          id: "corp",
          title: "Acme single sign-on",
          issuer,
          client_id: "rolecall",
          client_secret_file: "secret.txt",
          method: "sso",
          domain: SCOPE,
          claim: "email",
          scopes: ["email"],
        },
      ],
      home: `${files.address}/`,
    },
  });
  execFileSync(
    bin,
    ["admin", "init", "--store", "acme.rolecall", "--policy", "policy.json", "--directory", "directory.json"],
    { cwd: folder },
  );
  server = spawn(bin, ["serve", "--config", "server.json"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, RUST_LOG: "error" },
  });
  await new Promise((done, failed) => {
    server.stdout.once("data", done);
    server.once("exit", (code) => failed(new Error(`the server ended with ${code}`)));
  });
  const administer = async (command) => {
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "rolecall-actor": "user:olga@acme.example",
    };
    const response = await fetch(`${url}/v1/administration/commands`, {
      method: "POST",
      headers,
      body: JSON.stringify({ command, context: { ip: "198.51.100.9" } }),
    });
    assert.ok(response.ok, await response.text());
  };

  const browser = await launch();
  /** Logs a user in at the provider, in a browser context of their own, and returns to the page. */
  async function person(login) {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(files.address);
    const providers = await page.evaluate(async (url) => {
      const { LoginSession } = await import("/rolecall/client.js");
      const { providers } = await LoginSession.page(url);
      location.assign(LoginSession.href(providers[0], location.href));
      return providers;
    }, url);
    assert.equal(providers[0].title, "Acme single sign-on");
    await page.waitForURL(`${issuer}/**`);
    await page.fill("input[name=login]", login);
    await page.fill("input[name=password]", "anything");
    await page.click("button[type=submit]");
    // The provider asks for consent.
    await page.waitForURL((now) => now.href.startsWith(files.address) || now.pathname.startsWith("/interaction/"));
    if (!page.url().startsWith(files.address)) await page.click("button[type=submit]");
    await page.waitForURL(`${files.address}/**`);
    return { context, page };
  }
  const current = (page) =>
    page.evaluate(async (url) => {
      const { LoginSession } = await import("/rolecall/client.js");
      return (await LoginSession.current(url))?.state;
    }, url);

  // A user of the identity domain logs in. The page gets a pass with the cookie, which it cannot read.
  const ada = await person("ada@acme.example");
  const session = await current(ada.page);
  assert.deepEqual([session.subject, session.login, session.at], ["user:ada@acme.example", "sso", SCOPE]);
  assert.equal(await ada.page.evaluate(() => document.cookie), "");
  const cookies = await ada.context.cookies(url);
  const [cookie] = cookies.filter(({ name }) => name === "rolecall-session");
  assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, "Lax"]);
  await ada.page.evaluate(async (url) => {
    const { PortableSession, init } = await import("/rolecall/portable.js");
    const { LoginSession, connect } = await import("/rolecall/client.js");
    await init();
    const session = await LoginSession.current(url);
    const live = await connect(PortableSession, url, { pass: () => session.pass({ at: "acme", menus: ["main"] }) });
    const show = () => {
      try {
        const now = live.current;
        const items = now
          .menu("main")
          .items.map(({ title }) => `<li>${title}</li>`)
          .join("");
        document.body.innerHTML = `<h1>${session.state.subject}</h1><ul>${items}</ul><p>${now.can("segments:edit") ? "may edit" : "may view"}</p>`;
      } catch (error) {
        document.body.innerHTML = `<h1>Logged out</h1><p>${error.code}</p>`;
        window.ended ??= performance.timeOrigin + performance.now();
      }
    };
    live.onChange(show);
    show();
    window.live = live;
  }, url);
  await ada.page.waitForFunction(() => window.live.connection.connected);
  assert.equal(await ada.page.textContent("p"), "may view");
  // The stream announces a new role; the client fetches a new pass with the session.
  await administer({ assign: { subject: "user:ada@acme.example", role: "owner", at: SCOPE } });
  await ada.page.waitForFunction(() => document.querySelector("p").textContent === "may edit");
  if (shots) await ada.page.screenshot({ path: path.join(shots, "login.png") });

  // A page of another site in the same browser cannot use the session.
  const foreign = await ada.context.newPage();
  await foreign.goto(files.address.replace("127.0.0.1", "localhost"));
  const forged = await foreign.evaluate(async (url) => {
    const status = await fetch(`${url}/v1/session`, { credentials: "include" }).then(
      (answer) => answer.status,
      () => "blocked",
    );
    const form = document.createElement("form");
    Object.assign(form, { method: "POST", action: `${url}/v1/session/logout` });
    document.body.append(form);
    form.submit();
    return status;
  }, url);
  assert.equal(forged, "blocked");
  await foreign.waitForURL(`${url}/**`);
  assert.match(await foreign.textContent("body"), /session\.missing/);
  assert.equal((await current(ada.page)).subject, "user:ada@acme.example");

  // External users are outside the identity domain: its single sign-on rejects them, and the page receives the reason.
  const outside = await person("out@agency.example");
  assert.equal(new URL(outside.page.url()).searchParams.get("login_error"), "login-method");
  assert.equal(await current(outside.page), undefined);
  const unknown = await person("nobody@acme.example");
  assert.equal(new URL(unknown.page.url()).searchParams.get("login_error"), "unknown-subject");

  // The allowed networks change: the session ends, and the page is notified at once.
  const begun = performance.timeOrigin + performance.now();
  await administer({ "set-networks": { at: SCOPE, ranges: ["198.51.100.0/24"], force: true } });
  const ended = await ada.page.waitForFunction(() => window.ended);
  const took = (await ended.jsonValue()) - begun;
  assert.equal(await ada.page.textContent("p"), "client.ended");
  assert.equal(await current(ada.page), undefined);
  await administer({ "set-networks": { at: SCOPE, ranges: [] } });

  // Logging out ends the session of the server and leads to the page where that of the provider ends.
  const olga = await person("olga@acme.example");
  const elsewhere = await olga.page.evaluate(async (url) => {
    const { LoginSession } = await import("/rolecall/client.js");
    const session = await LoginSession.current(url);
    const event = await session.command(
      { assign: { subject: "user:ada@acme.example", role: "viewer", at: "acme" } },
      { dryRun: true },
    );
    if (!("event" in event)) throw new Error(JSON.stringify(event));
    return session.logout(`${location.origin}/`);
  }, url);
  assert.equal(await current(olga.page), undefined);
  await olga.page.goto(elsewhere);
  await olga.page.click("button[value=yes]");
  await olga.page.waitForURL(`${files.address}/**`);

  await browser.close();
  files.close();
  console.log(
    `logged in with a real provider, rejected and logged out; session ended ${took.toFixed(0)} ms after the networks changed`,
  );
} finally {
  server?.kill();
  provider?.close();
  provider?.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
