// A page in Node, for frameworks that render in one. Import it before the framework.

import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html>", { url: "https://app.example/" });
const { document, navigator, history, location } = window;

for (const [name, value] of Object.entries({ window, document, navigator, history, location }))
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
for (const name of ["Node", "Text", "Comment", "Element", "HTMLElement", "SVGElement", "HTMLMediaElement", "Event"])
  globalThis[name] = window[name];
for (const name of ["addEventListener", "removeEventListener", "dispatchEvent"])
  globalThis[name] = window[name].bind(window);

/** Returns an empty element of the page. */
export function newContainer() {
  const container = document.createElement("div");
  document.body.replaceChildren(container);
  return container;
}
