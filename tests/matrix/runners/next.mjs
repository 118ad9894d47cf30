// Starts an application of Next and gets one of its addresses: `node next.mjs PATH SERVER…`. `page` as the path's first
// folder is opened in Chromium.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import path from "node:path";

const [address, ...command] = process.argv.slice(2);
const port = await new Promise((done) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});
const env = { ...process.env, PORT: String(port), HOSTNAME: "127.0.0.1", NEXT_TELEMETRY_DISABLED: "1" };
const server = spawn(process.execPath, command, { env, stdio: ["ignore", "ignore", "inherit"] });
const url = `http://127.0.0.1:${port}/${address}`;

async function text() {
  for (let attempt = 0; attempt < 100; attempt++) {
    const response = await fetch(url).catch(() => undefined);
    if (response !== undefined) return address.startsWith("page/") ? inChromium() : response.text();
    await new Promise((done) => setTimeout(done, 100));
  }
  return "Error: the server does not start";
}

async function inChromium() {
  const { chromium } = createRequire(path.join(process.env.ROLECALL_TOOLS, "package.json"))("playwright-core");
  const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];
  const browser = await chromium.launch({ executablePath: process.env.ROLECALL_CHROMIUM, args });
  const tab = await browser.newPage();
  const answer = new Promise((done) => {
    // The answer follows a line about a file that is missing.
    tab.on("console", (message) => message.text().startsWith("Failed to load resource") || done(message.text()));
    tab.on("pageerror", (error) => done(String(error)));
    setTimeout(() => done("no answer"), 15_000).unref();
  });
  await tab.goto(url);
  return answer.finally(() => browser.close());
}

try {
  console.log((await text()).slice(0, 300));
} finally {
  server.kill();
}
process.exit();
