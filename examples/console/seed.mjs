// Fills the stores of the demonstration by the same commands that an administrator gives.
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { BLOOMREACH, BLUECONIC, crowd } from "./people.mjs";

const DAY = 24 * 3600_000;

/** Returns the time that lies some days from now, in whole seconds. */
const days = (count) => new Date(Date.now() + count * DAY).toISOString().replace(/\.\d+Z$/, "Z");

/** Returns what gives commands to a new store. Each is a few days or minutes after the one before. */
function store({ bin, file, preset, directory }) {
  for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
  const documents = `${file}.directory.json`;
  writeFileSync(documents, JSON.stringify({ rolecall: 1, ...directory }));
  const admin = (args) => {
    const { status, stdout, stderr } = spawnSync(bin, ["admin", ...args, "--store", file, "--allow-time-jump"], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`rolecall admin ${args.join(" ")}\n${stdout}${stderr}`);
  };
  admin(["init", "--policy", `preset:${preset}`, "--directory", documents, "--time", days(-31)]);
  rmSync(documents);
  const as = (actor, when, ...args) => admin([...args, "--as", actor, "--time", days(when)]);
  /** Gives several commands at once. */
  const apply = (actor, when, commands, ...more) => {
    const list = `${file}.commands.json`;
    writeFileSync(list, JSON.stringify(commands));
    as(actor, when, "apply", list, ...more);
    rmSync(list);
  };
  return { as, apply };
}

const added = (person, roles, more = {}) => ({
  "add-user": { subject: person.id, name: person.name, email: person.email, roles, ...more },
});
const invited = (person, roles) => ({ invite: { subject: person.id, name: person.name, email: person.email, roles } });

/** A tenant of BlueConic with people, custom roles, an application, support and some history. Another tenant is next to it. */
export function blueconic({ bin, file, people = 40 }) {
  const at = "acme";
  const of = Object.fromEntries(BLUECONIC.map((person) => [person.id, person]));
  const { as, apply } = store({
    bin,
    file,
    preset: "blueconic",
    directory: {
      scopes: ["acme", "northlight"],
      subjects: { "user:mara": { native: "acme" }, "user:olga": { native: "northlight" } },
      assignments: [
        { subject: "user:mara", role: "application-manager", at },
        { subject: "user:olga", role: "application-manager", at: "northlight" },
      ],
      settings: { acme: { idle_timeout: "45m" } },
    },
  });
  as(
    "user:olga",
    -30.9,
    "add",
    "user:nils",
    "--role",
    "online-marketer@northlight",
    "--name",
    "Nils Ek",
    "--email",
    "nils@northlight.example",
  );
  as(
    "user:mara",
    -30,
    "set-person",
    "user:mara",
    "--at",
    at,
    "--name",
    of["user:mara"].name,
    "--email",
    of["user:mara"].email,
  );
  apply("user:mara", -29, [
    added(of["user:cora"], [{ role: "content-manager", at }]),
    added(of["user:sam"], [{ role: "online-marketer", at }]),
    added(of["user:tom"], [{ role: "insights-only", at }]),
    added(of["user:ines"], [{ role: "insights-only", at }]),
    added(of["user:max"], [{ role: "application-manager", at, until: days(30) }]),
  ]);
  as(
    "user:mara",
    -28,
    "role",
    "set",
    "digital-privacy-officer",
    "--at",
    at,
    "--title",
    "Digital Privacy Officer",
    "--description",
    "Views, edits, downloads and deletes single profiles, personal data included",
    "--inherit",
    "pii-access",
    "--grant",
    "profiles:{view,edit,delete,export}",
  );
  as(
    "user:mara",
    -27.9,
    "role",
    "set",
    "roles-viewer",
    "--at",
    at,
    "--title",
    "Roles viewer",
    "--description",
    "Views the roles, and nothing else",
    "--grant",
    "settings/access-management/roles:view",
  );
  apply("user:mara", -27, [
    added(of["user:dana"], [{ role: "digital-privacy-officer", at }]),
    added(of["user:rosa"], [{ role: "roles-viewer", at }]),
  ]);
  const shared = ["online-marketer", "insights-only", "customer-insights-manager", "data-scientist", "content-manager"];
  const others = crowd(people).map((person, index) => added(person, [{ role: shared[index % shared.length], at }]));
  for (let from = 0; from < others.length; from += 500)
    apply("user:mara", -26 + from / 5e4, others.slice(from, from + 500));
  as("user:mara", -20, "role", "copy", "content-manager", "newsroom", "--at", at);
  as(
    "user:mara",
    -19.9,
    "role",
    "set",
    "newsroom",
    "--at",
    at,
    "--title",
    "Newsroom",
    "--description",
    "Dialogues without templates, and insights to look at",
    "--grant",
    "dialogues:*",
    "--grant",
    "insights:view",
  );
  as("user:mara", -19, "assign", "user:ines", "newsroom", at);
  as("user:mara", -15, "add", "app:crm-sync", "--role", "customer-insights-manager@acme");
  as("user:mara", -14.9, "app", "set", "app:crm-sync", "--title", "CRM sync", "--token-lifetime", "30m");
  as("user:mara", -14.8, "app", "add-secret", "app:crm-sync", "--note", "in the vault", "--until", days(46));
  as(
    "user:mara",
    -12,
    "overlay",
    "set",
    "online-marketer",
    "--at",
    at,
    "--description",
    "Works on dialogues every day, and sees the segments behind them.",
    "--grant",
    "dialogues:*",
    "--grant",
    "dialogues/templates:*",
    "--grant",
    "segments:view",
    "--grant",
    "lifecycles:view",
    "--grant",
    "objectives:view",
    "--grant",
    "insights:view",
    "--grant",
    "simulator:*",
    "--grant",
    "groups:view",
  );
  as("user:mara", -10, "assign", "user:tom", "it-system-administrator", at, "--until", days(12));
  as("user:mara", -9, "add", "support:jo", "--role", "blueconic-support@acme");
  apply("user:mara", -8, [
    invited({ id: "user:leo", name: "Leo Fontaine", email: "leo.fontaine@acme.example" }, [
      { role: "data-scientist", at },
    ]),
  ]);
  as("user:mara", -6, "set-boundary", "user:sam", "domain", "shop.example", "blog.example");
  apply("user:mara", -2, [invited(of["user:nia"], [{ role: "content-manager", at }])]);
  as("user:mara", -1, "suspend", crowd(3)[2].id);
}

/** An instance of Bloomreach Engagement with accounts, projects, groups, requests and temporary roles. */
export function bloomreach({ bin, file, people = 40 }) {
  const [account, shop, blog] = ["main/acme", "main/acme/shop", "main/acme/blog"];
  const of = Object.fromEntries(BLOOMREACH.map((person) => [person.id, person]));
  const { as, apply } = store({
    bin,
    file,
    preset: "bloomreach",
    directory: {
      scopes: ["main", account, shop, blog, "main/northlight", "main/northlight/site"],
      instance_types: { main: "single-tenant" },
      subjects: { "user:sue": {}, "user:ada": { native: account }, "user:olga": { native: "main/northlight" } },
      assignments: [
        { subject: "user:sue", role: "super-admin", at: "main" },
        { subject: "user:ada", role: "sso-account-admin", at: account },
        { subject: "user:olga", role: "sso-account-admin", at: "main/northlight" },
      ],
      settings: { [account]: { login: { methods: ["password", "google", "sso"] } } },
    },
  });
  as(
    "user:olga",
    -30.9,
    "add",
    "user:nils",
    "--role",
    "scenarios-viewer@main/northlight/site",
    "--name",
    "Nils Ek",
    "--email",
    "nils@northlight.example",
  );
  as(
    "user:ada",
    -30,
    "set-person",
    "user:ada",
    "--at",
    account,
    "--name",
    of["user:ada"].name,
    "--email",
    of["user:ada"].email,
  );
  apply("user:ada", -29, [
    added(of["user:ivan"], [{ role: "account-iam-admin", at: account }]),
    added(of["user:pia"], [{ role: "project-admin", at: shop }]),
    added(of["user:anna"], [
      { role: "analyses-viewer", at: account },
      { role: "account-temporary-access-approver", at: account },
    ]),
    added(of["user:rita"], [
      { role: "scenarios-editor", at: shop },
      { role: "temporary-access-requester", at: shop },
    ]),
    added(of["user:felix"], [
      { role: "scenarios-viewer", at: shop },
      { role: "temporary-access-requester", at: shop },
    ]),
  ]);
  as(
    "user:ada",
    -28,
    "add",
    "user:bea",
    "--role",
    `surveys-editor@${shop}`,
    "--name",
    of["user:bea"].name,
    "--email",
    of["user:bea"].email,
    "--external",
    "--confirm",
    "--until",
    days(31),
  );
  // A user of another account is a guest here: lists say `Other`.
  as("user:sue", -27, "assign", "user:nils", "scenarios-viewer", shop);
  const shared = [
    "scenarios-viewer",
    "surveys-viewer",
    "analyses-viewer",
    "email-campaigns-viewer",
    "weblayers-viewer",
  ];
  // The policy allows 1,000 users in a project.
  const others = crowd(Math.min(people, 1000)).map((person, index) =>
    added(person, [{ role: shared[index % shared.length], at: index % 3 ? shop : blog }]),
  );
  for (let from = 0; from < others.length; from += 500)
    apply("user:ada", -26 + from / 5e4, others.slice(from, from + 500));
  as(
    "user:ada",
    -22,
    "role",
    "set",
    "campaign-lead",
    "--at",
    account,
    "--title",
    "Campaign lead",
    "--description",
    "Publishes scenarios and surveys",
    "--inherit",
    "scenarios-publisher",
    "--inherit",
    "surveys-publisher",
  );
  as("user:ada", -21, "assign", "user:aldo-ferri", "campaign-lead", shop);
  as("user:ada", -20, "group", "add", "group:main/acme/brand", "--at", account);
  as("user:ada", -19.9, "group", "join", "group:main/acme/brand", "user:rita");
  as("user:ada", -19.8, "lock", "scenario:welcome", "--at", shop, "--group", "group:main/acme/brand");
  as(
    "user:ada",
    -18,
    "role-mapping",
    "set",
    "corp",
    "Campaigners",
    "--at",
    account,
    "--role",
    `scenarios-publisher@${shop}`,
  );
  as(
    "user:rita",
    -14,
    "request",
    "customers-editor",
    shop,
    "--until",
    days(-12),
    "--reason",
    "A broken import left 40 customers without a country.",
  );
  as("user:anna", -13.9, "approve", "1");
  as("user:rita", -13.5, "end-access", "1");
  as("user:pia", -8, "assign", "user:felix", "scenarios-publisher", shop, "--until", days(6));
  apply("user:pia", -7.5, [
    invited({ id: "user:kwame", name: "Kwame Mensah", email: "kwame.mensah@acme.example" }, [
      { role: "surveys-viewer", at: shop },
    ]),
  ]);
  apply("user:pia", -6.6, [
    invited({ id: "user:noor", name: "Noor Aziz", email: "noor@agency.example" }, [
      { role: "surveys-editor", at: shop },
    ]),
  ]);
  apply("user:pia", -2, [
    invited({ id: "user:leo", name: "Leo Fontaine", email: "leo.fontaine@acme.example" }, [
      { role: "scenarios-viewer", at: shop },
    ]),
  ]);
  as(
    "user:felix",
    -0.5,
    "request",
    "imports-admin",
    shop,
    "--until",
    days(0.4),
    "--reason",
    "Prices of the autumn catalogue have to be imported again.",
  );
  as(
    "user:rita",
    -0.1,
    "request",
    "customers-editor",
    shop,
    "--until",
    days(2),
    "--reason",
    "Consent texts were attached to the wrong customers.",
  );
}

/** Fills both stores in a folder, and returns their files. */
export function seed({ bin, folder, people }) {
  const files = {
    blueconic: path.join(folder, "blueconic.rolecall"),
    bloomreach: path.join(folder, "bloomreach.rolecall"),
  };
  blueconic({ bin, file: files.blueconic, people });
  bloomreach({ bin, file: files.bloomreach, people });
  return files;
}
