/** The logic of the pages of roles, for pages of a product's own. */

export * from "./classes.js";
export * from "../command-line.js";
export * from "./compare.js";
export * from "./documents.js";
export * from "./draft.js";
export * from "./graph.js";
export * from "./impact.js";
export * from "./impact-types.js";
export * from "./known.js";
export * from "./matrix.js";
export * from "./merge.js";
export * from "../pages.js";
export * from "./patterns.js";
export * from "./rows.js";
export * from "./scopes.js";
export * from "./tree.js";
