/** The part of Next that the package uses. */
declare module "next/headers" {
  export function headers(): Promise<Headers>;
}
