/** The same change as a command line. */

import type { Command } from "./draft.js";

/** Quotes a word for a shell, if that is necessary. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_./:@=+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

interface Fields {
  at: string;
  role: string;
  of?: string;
  title?: string;
  description?: string;
  inherits?: readonly string[];
  grants?: readonly string[];
  except?: readonly string[];
  reads?: readonly string[];
  cascade?: boolean;
}

// A value with a dash in front would be read as an option.
const one = (option: string, value: string | undefined): string[] =>
  value === undefined ? [] : value.startsWith("-") ? [`${option}=${value}`] : [option, value];

const each = (option: string, values: readonly string[] | undefined, none?: string): string[] => {
  if (values?.length === 0 && none !== undefined) return [none];
  return (values ?? []).flatMap((value) => one(option, value));
};

function words(name: string, fields: Fields): string[] {
  const place = ["--at", fields.at];
  const shown = [...one("--title", fields.title), ...one("--description", fields.description)];
  switch (name) {
    case "set-role": {
      const parts = [...each("--inherit", fields.inherits), ...each("--grant", fields.grants)];
      return ["role", "set", fields.role, ...place, ...shown, ...parts, ...each("--except", fields.except)];
    }
    case "copy-role":
      return ["role", "copy", fields.of ?? "", fields.role, ...place];
    case "reset-role":
      return ["role", "reset", fields.role, ...place];
    case "delete-role":
      return ["role", "delete", fields.role, ...place, ...(fields.cascade === true ? ["--cascade"] : [])];
    case "set-overlay": {
      const grants = each("--grant", fields.grants, "--grants-nothing");
      const except = each("--except", fields.except, "--excepts-nothing");
      const reads = each("--reads", fields.reads, "--reads-nothing");
      return ["overlay", "set", fields.role, ...place, ...shown, ...grants, ...except, ...reads];
    }
    case "reset-overlay":
      return ["overlay", "reset", fields.role, ...place];
    default:
      return ["do", JSON.stringify({ [name]: fields })];
  }
}

/** Returns the command lines of commands, one a line. */
export function commandLine(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => Object.entries(command));
  return lines
    .map(([name, fields]) => ["rolecall", "admin", ...words(name, fields as Fields)].map(quoted).join(" "))
    .join(" && ");
}
