"use client";
/** The settings of access as parts of a page. */

export { Applications, type ApplicationsProps } from "./applications.js";
export { Groups } from "./groups.js";
export { NetworkSettings } from "./networks.js";
export { SignOnSettings } from "./sign-on.js";
export { SupportSettings } from "./support.js";
export { TimeoutSettings } from "./timeout.js";
