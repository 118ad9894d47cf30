"use client";
/** Placeholder of the part. */
export {};
