import { Can, RolecallProvider } from "@rolecall/react";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { CONTEXT, VIEW } from "./fixtures.mjs";

export default async function probe() {
  const shown = ["segments:view", "segments:edit"].map((needs) => createElement(Can, { needs, key: needs }, needs));
  const now = () => new Date(CONTEXT.time);
  const page = createElement(RolecallProvider, { source: JSON.parse(VIEW), now, children: shown });
  return renderToString(page) === "segments:view";
}
