/** The widgets of the parts. */

export * from "./bits.js";
export * from "./button.js";
export * from "./classes.js";
export * from "./copy.js";
export * from "./dialog.js";
export * from "./field.js";
export * from "./icon.js";
export * from "./popover.js";
export * from "./state.js";
export * from "./toast.js";
export * from "./toggle.js";
