"use client";

import { useEffect } from "react";
import probe from "PROBE";

export default function Page() {
  useEffect(() => {
    probe().then(
      (answer) => console.log(answer === true ? "yes" : `answer: ${answer}`),
      (error) => console.log(`${error}`),
    );
  }, []);
  return <p>A page that runs the probe.</p>;
}
