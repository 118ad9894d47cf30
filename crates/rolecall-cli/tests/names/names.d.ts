// The names of a policy, written by `rolecall names`: write it anew when the policy changes.
import "rolecall";

declare module "rolecall" {
  interface PolicyNames {
    /** `resource:action` */
    permission:
      | "segments:view"
      | "segments:edit"
      | "segments:annotate"
      | "settings/2fa:configure"
      | "settings/access-management:view";
    /** Roles of the policy; a directory has others as well */
    role:
      | "editor-in-chief"
      | "viewer";
    /** Sensitivity labels */
    label:
      | "health.record"
      | "pii";
    /** Boundaries */
    boundary:
      | "domain";
    /** Menus */
    menu:
      | "main";
  }
}
