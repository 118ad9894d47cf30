import { sqlite } from "rolecall/filters";

export default async function probe() {
  const branch = { roots: ["acme"], without: [], ranges: [], scopes: ["acme"], boundaries: {} };
  const { text, parameters } = sqlite(
    { rows: "some", branches: [branch], numbering: "1-a" },
    { scope: "reports.scope" },
  );
  return text.includes('"reports"."scope"') && JSON.stringify(parameters).includes("acme");
}
