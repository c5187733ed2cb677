import { DomainError } from "../app/errors.ts";

/**
 * A path of a file that a client names.
 * @param field what the path is called in the request
 * @throws DomainError BAD_REQUEST unless it is relative, without empty, `.` or `..` parts and control characters
 */
export function requirePath(field: string, path: string): string {
  const refuse = (why: string) => new DomainError("BAD_REQUEST", `"${field}" must be the path of a file, relative to the datasource: ${JSON.stringify(path.slice(0, 200))} ${why}.`);
  if (path === "") throw refuse("is empty");
  if (path.startsWith("/")) throw refuse("starts with a slash");
  if (/\p{Cc}/u.test(path)) throw refuse("has a control character in it");
  if (/\p{Surrogate}/u.test(path)) throw refuse("is not well-formed Unicode");
  for (const part of path.split("/")) {
    if (part === "") throw refuse("has an empty part");
    if (part === "." || part === "..") throw refuse(`has "${part}" in it`);
  }
  return path;
}

/** Folder of everything that the platform reads and writes in a datasource. */
export const platformFolder = ".lightly/";
