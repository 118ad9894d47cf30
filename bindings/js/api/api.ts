/** The API that every JavaScript package of Rolecall shares. */

export { CompileError, ForbiddenError, InternalError, RequestError, RolecallError } from "./errors.js";
export { Engine } from "./engine.js";
export { Policy } from "./policy.js";
export { PortableSession } from "./portable-session.js";
export type { Session } from "./session.js";
export type * from "./types.js";
