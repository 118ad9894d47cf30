import { fake } from "rolecall/testing";

export default async function probe() {
  const session = fake({ can: ["segments:view"] });
  return session.can("segments:view") && !session.can("segments:edit");
}
