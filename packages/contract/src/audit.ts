/** Who did what: the audit log (an addition of ours). */
import { Type, type Static } from "typebox";
import { Enumeration, domain, get } from "./model.ts";
import { Id, RequestedTime, Timestamp } from "./values.ts";

export const AuditEntry = Type.Object({
  id: Id,
  at: Timestamp,
  /** The operation by its name in the contract, or `sign_in_refused`, or what the command line did (`add_user`, …). */
  action: Type.String(),
  /** Status of the answer: 403 for what was refused. */
  status: Type.Integer(),
  userId: Type.Optional(Id),
  email: Type.Optional(Type.String()),
  /** By what the caller was known: `token ID`, `session ID`, `password`, `command line`. */
  credential: Type.Optional(Type.String()),
  remoteAddress: Type.Optional(Type.String()),
  datasetId: Type.Optional(Id),
  /** What it was done to, by name; never a secret. */
  target: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  /** How often, where entries of the same second are one. */
  times: Type.Integer({ minimum: 1 }),
});
export type AuditEntry = Static<typeof AuditEntry>;

const filters = {
  datasetId: Type.Optional(Id),
  email: Type.Optional(Type.String({ maxLength: 254 })),
  action: Type.Optional(Type.String({ maxLength: 100 })),
  /** Milliseconds since the epoch, inclusive. */
  from: Type.Optional(RequestedTime),
  /** Milliseconds since the epoch, exclusive. */
  to: Type.Optional(RequestedTime),
};

export const audit = domain({
  getAuditEntries: get("/v1/audit", {
    id: "get_audit_entries",
    summary: "Who did what, newest first: one's own doings, and all on datasets that one owns; the owner of the installation sees everything",
    access: "user",
    since: "winnow",
    query: Type.Object({ ...filters, before: Type.Optional(Id), pageSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })) }),
    replies: { 200: Type.Array(AuditEntry) },
  }),
  exportAuditEntries: get("/v1/audit/export", {
    id: "export_audit_entries",
    summary: "The same as a file, oldest first: JSON lines or CSV",
    access: "user",
    since: "winnow",
    query: Type.Object({ ...filters, format: Type.Optional(Enumeration(["JSONL", "CSV"])) }),
    replies: { 200: Type.Unknown() },
  }),
});
