import { Type } from "typebox";
import { Id } from "../values.ts";

/** Ours: which process of the worker calls. Calls of a replaced one are answered 409 `WORKER_SESSION_REPLACED`. */
export const sessionId = Type.Optional(Id);
export const OfSession = Type.Object({ sessionId });
