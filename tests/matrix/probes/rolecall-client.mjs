import { connect } from "rolecall/client";
import { SERVER, SNAPSHOT } from "./fixtures.mjs";

export default async function probe() {
  const live = await connect({ fromSnapshot: (bytes) => bytes.length }, SERVER, { token: "matrix" });
  await new Promise((done) => {
    if (live.connection.connected) done(undefined);
    live.onChange(() => live.connection.connected && done(undefined));
  });
  live.close();
  return live.current === SNAPSHOT.length;
}
