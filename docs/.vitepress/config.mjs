import { defineConfig } from "vitepress";

// The words behind the language of a code block say how the block is tested. For the reader they become a caption.
function caption(info) {
  const [language, kind] = info.split(/\s+/);
  const file = / (?:file=|\[)([\w./-]+\.\w+)/.exec(info)?.[1];
  const fails = / fails=(\S+)/.exec(info)?.[1];
  if (kind === "policy" || kind === "directory") {
    if (fails) return `${kind}.yaml, rejected with ${fails}`;
    return / merge\b/.test(info) ? `${kind}.yaml, these keys change` : `${kind}.${language}`;
  }
  if (file) return file;
  if (language === "json" && kind === "request") return "request";
  if (language === "json" && kind === "answer") return "answer";
  return kind === "output" ? "output" : undefined;
}

function withCaptions(md) {
  const fence = md.renderer.rules.fence;
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const token = tokens[index];
    const info = token.info.trim();
    const [language] = info.split(/\s/);
    const title = /\[[^\]]*\]/.exec(info)?.[0] ?? "";
    // VitePress marks the first tab of a group in the same place. A tab has its title already.
    const active = / active( |$)/.test(info) ? "active" : "";
    token.info = `${language} ${title} ${active}`.trim();
    const tab = active || tokens.slice(0, index).findLast((other) => /code-group/.test(other.type))?.nesting === 1;
    const text = tab ? undefined : caption(info);
    const block = fence(tokens, index, ...rest);
    return text ? `<p class="caption">${md.utils.escapeHtml(text)}</p>${block}` : block;
  };
}

// Links the page whose documents a page uses, as `continues` in its front matter. The pages of "Start" link it in their text.
function withContinued(md) {
  md.core.ruler.push("continued", (state) => {
    if (state.env.frontmatter?.continues !== "start/example.md") return;
    const heading = state.tokens.findIndex((token) => token.type === "heading_close");
    const note = md.parse("This page uses the [example documents](/start/example).", { ...state.env, frontmatter: {} });
    state.tokens.splice(heading + 1, 0, ...note);
  });
}

const page = (text, link) => ({ text, link });

// The link of the navigation bar is marked on every page of its folder.
const folder = (text, link) => ({ text, link, activeMatch: `^/${link.split("/")[1]}/` });

export default defineConfig({
  title: "Rolecall",
  description: "Define your roles once, and get the same decision in browsers, servers and at the edge.",
  lang: "en",
  head: [["link", { rel: "icon", href: "/favicon.svg" }]],
  cleanUrls: true,
  srcExclude: ["README.md"],
  lastUpdated: false,
  markdown: {
    config(md) {
      withCaptions(md);
      withContinued(md);
    },
  },
  themeConfig: {
    search: { provider: "local" },
    outline: { level: [2, 3] },
    nav: [
      folder("Start", "/start/"),
      folder("Concepts", "/concepts/"),
      folder("Guides", "/guides/menus"),
      folder("Reference", "/reference/policy"),
      folder("Codes", "/codes/reasons"),
    ],
    sidebar: [
      {
        text: "Start",
        items: [
          page("Ten minutes", "/start/"),
          page("Example documents", "/start/example"),
          page("Browser and JavaScript", "/start/javascript"),
          page("Node", "/start/node"),
          page("Python", "/start/python"),
          page("Rust", "/start/rust"),
        ],
      },
      {
        text: "Concepts",
        items: [
          page("Concepts", "/concepts/"),
          page("How a decision is made", "/concepts/decision"),
          page("Security model", "/concepts/security"),
          page("Comparison", "/concepts/comparison"),
          page("Glossary", "/concepts/glossary"),
        ],
      },
      {
        text: "Guides: policies",
        items: [
          page("Menus", "/guides/menus"),
          page("Personal data", "/guides/personal-data"),
          page("Tenants", "/guides/tenants"),
          page("Custom roles", "/guides/custom-roles"),
          page("Temporary access", "/guides/temporary-access"),
        ],
      },
      {
        text: "Guides: integration",
        items: [
          page("Browsers, Node and Python", "/guides/runtimes"),
          page("React", "/guides/react"),
          page("Next", "/guides/next"),
          page("Vue", "/guides/vue"),
          page("Nuxt", "/guides/nuxt"),
          page("Svelte and SvelteKit", "/guides/svelte"),
          page("Angular", "/guides/angular"),
          page("Express, Fastify and Hono", "/guides/node-frameworks"),
          page("FastAPI, Starlette and Flask", "/guides/python-frameworks"),
          page("Django", "/guides/django"),
          page("axum and tonic", "/guides/axum"),
          page("Explanations and queries", "/guides/queries"),
          page("Rows of a database", "/guides/filters"),
          page("Changing a directory", "/guides/changes"),
          page("Typed permission names", "/guides/typed-names"),
          page("Testing an application", "/guides/testing"),
          page("Snapshots", "/guides/snapshots"),
          page("Views", "/guides/views"),
          page("Portable sessions and passes", "/guides/passes"),
          page("Command line", "/guides/command-line"),
        ],
      },
      {
        text: "Guides: administration and servers",
        items: [
          page("Administration", "/guides/administration"),
          page("Applications", "/guides/applications"),
          page("Audit log", "/guides/audit"),
          page("Server", "/guides/server"),
          page("Login", "/guides/login"),
          page("The console", "/guides/console"),
          page("AuthZEN", "/guides/authzen"),
          page("Edge gate", "/guides/edge-gate"),
          page("Operations", "/guides/operations"),
          page("Troubleshooting", "/guides/troubleshooting"),
        ],
      },
      {
        text: "Reference",
        items: [
          page("Policy", "/reference/policy"),
          page("Directory", "/reference/directory"),
          page("Request", "/reference/request"),
          page("Administration commands", "/reference/commands"),
          page("Runtimes and tools", "/reference/runtimes"),
        ],
      },
      {
        text: "Error and reason codes",
        items: [
          page("Reasons of decisions", "/codes/reasons"),
          page("Document errors", "/codes/documents"),
          page("Request errors", "/codes/requests"),
          page("Refusals of administration", "/codes/refusals"),
          page("Store", "/codes/store"),
          page("Passes", "/codes/passes"),
          page("Ends of sessions", "/codes/sessions"),
          page("Server", "/codes/server"),
          page("Login", "/codes/login"),
          page("AuthZEN", "/codes/authzen"),
          page("Edge gate", "/codes/edge-gate"),
          page("Libraries and clients", "/codes/clients"),
        ],
      },
    ],
  },
});
