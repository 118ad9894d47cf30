/** The parts of Nuxt that the module uses. */
declare module "@nuxt/kit" {
  export interface NuxtModule<O> {
    (options: O, nuxt: unknown): unknown;
  }
  export function defineNuxtModule<O extends object>(definition: {
    meta: { name: string; configKey: string; compatibility: { nuxt: string } };
    defaults: O;
    setup(options: O): void;
  }): NuxtModule<O>;
  export function addImports(imports: { name: string; from: string }[]): void;
  export function addPluginTemplate(template: { filename: string; getContents(): string }): void;
}
