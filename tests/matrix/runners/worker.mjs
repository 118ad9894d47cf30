// A worker of workerd, which answers a request with the answer of the probe.
import probe from "PROBE";

export default {
  async fetch() {
    try {
      return new Response(await probe().then((answer) => (answer === true ? "yes" : `answer: ${answer}`)));
    } catch (error) {
      return new Response(`${error}`);
    }
  },
};
