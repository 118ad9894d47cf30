import probe from "PROBE";

export const runtime = "edge";

export async function GET() {
  try {
    return new Response(await probe().then((answer) => (answer === true ? "yes" : `answer: ${answer}`)));
  } catch (error) {
    return new Response(`${error}`);
  }
}
