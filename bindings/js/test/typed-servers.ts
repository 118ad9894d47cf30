// Uses the packages for web servers as typed code does. It is compiled, and never run.

import express, { type Request } from "express";
import Fastify, { type FastifyRequest } from "fastify";
import { type Context, Hono } from "hono";
import { createRoles as forExpress } from "@rolecall/express";
import { createRoles as forFastify } from "@rolecall/fastify";
import { createRoles as forHono, polled } from "@rolecall/hono";
import { Engine, type Session } from "rolecall";
import { connect, type Live } from "rolecall/client";

declare const engine: Engine;
declare const live: Live<Engine>;

const web = forExpress(live, { subject: (request: Request) => request.get("x-user"), at: "acme/:site" });
express().post("/:site/segments", web.needs("segments:edit"), async (request, response) => {
  const session: Session | undefined = await web.session(request);
  response.json(session?.menu("main").items);
});

const fast = forFastify(engine, {
  subject: async (request: FastifyRequest) => request.headers["x-user"] as string | undefined,
  at: (request) => `acme/${request.hostname}`,
});
const resource = () => ({ labels: ["pii"] });
Fastify().get("/", { preHandler: fast.needs("segments:view", { resource }) }, async (request) => {
  const session: Session | undefined = await fast.session(request);
  return session?.can("segments:edit");
});

const source = polled(Engine, "https://roles.example.com", { token: "secret", seconds: 5 });
const edge = forHono(source, { subject: (context: Context) => context.req.header("x-user"), at: "acme" });
new Hono().get("/", edge.needs("segments:view", { at: "acme/shop" }), async (context) => {
  const session: Session | undefined = await edge.session(context);
  return context.json(session?.check("segments:edit").reasons ?? []);
});

// @ts-expect-error: the option is misspelt.
forExpress(engine, { subjects: () => "user:ada", at: "acme" });
// @ts-expect-error: a scope is missing.
forHono(engine, { subject: () => "user:ada" });

export const connected = async () =>
  forExpress(await connect(Engine, "https://roles.example.com", { token: "secret" }), {
    subject: () => null,
    at: "acme",
  });
