import probe from "PROBE";

export const dynamic = "force-dynamic";

export async function GET() {
  try {
    return new Response(await probe().then((answer) => (answer === true ? "yes" : `answer: ${answer}`)));
  } catch (error) {
    return new Response(`${error}`);
  }
}
