// An OpenID Connect provider for the demonstration. Its login page is a list of people: choose who you are.
import { createServer } from "node:http";
import { randomBytes } from "node:crypto";

const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const STYLE = `:root{color-scheme:light dark;font:15px/1.45 system-ui,sans-serif}body{margin:0;display:grid;place-items:center;min-height:100vh;background:light-dark(#f5f5f2,#111214)}
main{width:min(30rem,92vw);padding:1.5rem 0}h1{font-size:1.25rem;margin:0 0 .25rem}p{margin:0 0 1rem;color:light-dark(#4b4d51,#b9bcc2)}
button{display:grid;width:100%;gap:.1rem;text-align:start;padding:.6rem .9rem;margin:0 0 .4rem;border:1px solid light-dark(#cfcfc8,#3d4147);border-radius:8px;background:light-dark(#fff,#191b1e);color:inherit;font:inherit;cursor:pointer}
button:hover{background:light-dark(#edf1fc,#222a44)}button:focus-visible{outline:2px solid #2a4fc4;outline-offset:2px}small{color:light-dark(#4b4d51,#b9bcc2)}`;

function page(product, people, address) {
  const rows = people.map(
    ({ id, name, note }) =>
      `<button name="id" value="${escape(id)}"><b>${escape(name)}</b><small>${escape(note)}</small></button>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Who are you?</title>
<style>${STYLE}</style><main><h1>Who are you?</h1><p>The demonstration's identity provider for ${escape(product)}. It asks for no password.</p>
<form method="post" action="${address}">${rows.join("")}</form></main></html>`;
}

async function bodyOf(request) {
  let text = "";
  for await (const part of request) text += part;
  return new URLSearchParams(text);
}

/**
 * Starts the provider. Each client has its own people: `{ id, secret, title, redirects, logout, people }`. `Provider` is
 * the class of the package `oidc-provider`.
 */
export async function startProvider({ Provider, port, clients }) {
  const issuer = `http://127.0.0.1:${port}`;
  const sub = (id) => id.slice(id.indexOf(":") + 1);
  const everyone = clients.flatMap(({ people }) => people);
  const provider = new Provider(issuer, {
    clients: clients.map(({ id, secret, redirects, logout }) => ({
      client_id: id,
      client_secret: secret,
      redirect_uris: redirects,
      post_logout_redirect_uris: logout,
    })),
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    findAccount: (_, id) => {
      const person = everyone.find((one) => sub(one.id) === id);
      return {
        accountId: id,
        claims: () => ({ sub: id, email: person?.email, email_verified: true, name: person?.name }),
      };
    },
    cookies: { keys: [randomBytes(24).toString("base64url")] },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { logoutSource } },
    interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
    // Everyone has consented.
    async loadExistingGrant(context) {
      const { oidc } = context;
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
  });
  /** Ends the session of the provider without a question. */
  function logoutSource(context, form) {
    const at = form.replace("</form>", '<input type="hidden" name="logout" value="yes"/></form>');
    context.body = `<!doctype html><title>Log out</title>${at}<script>document.forms[0].submit()</script>`;
  }
  const answer = provider.callback();
  const server = createServer(async (request, response) => {
    if (!request.url.startsWith("/login/")) return answer(request, response);
    try {
      const { params, uid } = await provider.interactionDetails(request, response);
      if (request.method === "POST") {
        const id = (await bodyOf(request)).get("id") ?? "";
        return await provider.interactionFinished(request, response, {
          login: { accountId: sub(id), remember: false },
        });
      }
      const client = clients.find((one) => one.id === params.client_id);
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      response.end(page(client.title, client.people, `/login/${uid}`));
    } catch (error) {
      response.writeHead(400, { "content-type": "text/plain" }).end(`${error.message}\n`);
    }
  });
  await new Promise((done) => server.listen(port, "127.0.0.1", done));
  return {
    issuer,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
