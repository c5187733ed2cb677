/** Chromium of `CHROMIUM`, or on the path; undefined when there is none. */
export function chromiumPath(): string | undefined;
