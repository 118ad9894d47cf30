import { defineConfig } from "vitepress";

// The words behind the language of a code block say how the block is tested. Only the language is for the reader.
function withoutTestWords(md) {
  const fence = md.renderer.rules.fence;
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const token = tokens[index];
    const [language] = token.info.trim().split(/\s/);
    const title = /\[[^\]]*\]/.exec(token.info)?.[0] ?? "";
    // VitePress marks the first tab of a group in the same place.
    const active = / active( |$)/.test(token.info) ? "active" : "";
    token.info = `${language} ${title} ${active}`.trim();
    return fence(tokens, index, ...rest);
  };
}

const page = (text, link) => ({ text, link });

export default defineConfig({
  title: "Rolecall",
  description: "Define your roles once, and get the same decision in browsers, servers and at the edge.",
  lang: "en",
  head: [["link", { rel: "icon", href: "/favicon.svg" }]],
  cleanUrls: true,
  srcExclude: ["README.md"],
  lastUpdated: false,
  markdown: { config: withoutTestWords },
  themeConfig: {
    search: { provider: "local" },
    outline: { level: [2, 3] },
    nav: [
      page("Start", "/start/"),
      page("Concepts", "/concepts/"),
      page("Guides", "/guides/menus"),
      page("Reference", "/reference/policy"),
      page("Codes", "/codes/reasons"),
    ],
    sidebar: [
      {
        text: "Start",
        items: [
          page("Ten minutes", "/start/"),
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
          page("Explanations and queries", "/guides/queries"),
          page("Changing a directory", "/guides/changes"),
          page("Typed permission names", "/guides/typed-names"),
          page("Snapshots", "/guides/snapshots"),
          page("Portable sessions and passes", "/guides/passes"),
          page("Command line", "/guides/command-line"),
        ],
      },
      {
        text: "Guides: administration and servers",
        items: [
          page("Administration", "/guides/administration"),
          page("Audit log", "/guides/audit"),
          page("Server", "/guides/server"),
          page("Login", "/guides/login"),
          page("AuthZEN", "/guides/authzen"),
          page("Edge gate", "/guides/edge-gate"),
          page("Operations", "/guides/operations"),
        ],
      },
      {
        text: "Reference",
        items: [
          page("Policy", "/reference/policy"),
          page("Directory", "/reference/directory"),
          page("Request", "/reference/request"),
          page("Administration commands", "/reference/commands"),
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
