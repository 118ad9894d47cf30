/** The mark of Rolecall. */

import type { ReactNode } from "react";

export function Mark(): ReactNode {
  return (
    <svg
      viewBox="0 0 20 20"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d="M11 5h6M11 10h6M11 15h6" />
      <path d="m3 5 1.75 1.75L8 3.25M3 14l1.75 1.75L8 12.25" />
    </svg>
  );
}
