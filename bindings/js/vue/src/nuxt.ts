/** A module of Nuxt: the view of each request, composables without imports, and pages that need permissions. */

import { addImports, addPluginTemplate, defineNuxtModule, type NuxtModule } from "@nuxt/kit";

/** The options under `rolecall` in the configuration of Nuxt. */
export interface NuxtOptions {
  /** The address of the view of a user: `/api/view` by default. */
  view?: string;
  /** The page that is shown instead of one whose permission is denied. Without it, pages are not guarded. */
  otherwise?: string;
}

const module: NuxtModule<NuxtOptions> = defineNuxtModule<NuxtOptions>({
  meta: { name: "@rolecall/vue", configKey: "rolecall", compatibility: { nuxt: ">=3.12" } },
  defaults: { view: "/api/view" },
  setup({ view, otherwise }) {
    addImports(["useCan", "useMenu", "useRoles", "useWhy"].map((name) => ({ name, from: "@rolecall/vue" })));
    addPluginTemplate({ filename: "rolecall.mjs", getContents: () => plugin(String(view), otherwise) });
  },
});

export default module;

/** Returns the plugin. The payload hands the view of the server to the page, so the first answers are the same. */
function plugin(view: string, otherwise: string | undefined): string {
  const guarded =
    otherwise === undefined
      ? ""
      : `guardRouter(nuxt.$router, roles, { otherwise: ${JSON.stringify(otherwise)} });\n    `;
  return `import { defineNuxtPlugin, useFetch } from "#imports";
import { createRoles, guardRouter } from "@rolecall/vue";

export default defineNuxtPlugin({
  name: "rolecall",
  async setup(nuxt) {
    const { data } = await useFetch(${JSON.stringify(view)}, { key: "rolecall" });
    const roles = createRoles(data.value ?? undefined);
    nuxt.vueApp.use(roles);
    ${guarded}return { provide: { roles } };
  },
});
`;
}
