/** Values that several domains share. */
import { Type, type Static } from "typebox";
import { Enumeration } from "./model.ts";

export const AccessRole = Type.String({ pattern: "^0b[01]{6}$" });
export type AccessRole = Static<typeof AccessRole>;

export const CategoryId = Type.Integer({ minimum: 0 });
export type CategoryId = Static<typeof CategoryId>;

export const Id = Type.String({ pattern: "^[a-f0-9]{24}$" });
export type Id = Static<typeof Id>;

export const CreateEntityResponse = Type.Object({
  id: Id,
});
export type CreateEntityResponse = Static<typeof CreateEntityResponse>;

export const Creator = Enumeration(["UNKNOWN", "USER_WEBAPP", "USER_PIP", "USER_PIP_LIGHTLY_MAGIC", "USER_WORKER"]);
export type Creator = Static<typeof Creator>;

export const ImageType = Enumeration(["full", "thumbnail", "meta"]);
export type ImageType = Static<typeof ImageType>;

export const PageOffset = Type.Integer({ minimum: 0, description: "Rows to leave out before the page" });
export type PageOffset = Static<typeof PageOffset>;

export const PageSize = Type.Integer({ minimum: 1, description: "Rows on a page" });
export type PageSize = Static<typeof PageSize>;

export const ReadUrl = Type.String();
export type ReadUrl = Static<typeof ReadUrl>;

export const RedirectedReadUrl = Type.String();
export type RedirectedReadUrl = Static<typeof RedirectedReadUrl>;

export const Score = Type.Number({ minimum: 0, maximum: 1 });
export type Score = Static<typeof Score>;

export const SharedAccessType = Enumeration(["WRITE"]);
export type SharedAccessType = Static<typeof SharedAccessType>;

export const TaskName = Type.String({ minLength: 1, maxLength: 255, pattern: "^[a-zA-Z0-9_+=,.@:/-]*$" });
export type TaskName = Static<typeof TaskName>;

export const Timestamp = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
export type Timestamp = Static<typeof Timestamp>;

/** A time in a request: milliseconds since the epoch, as far as a date reaches. */
export const RequestedTime = Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 });
export type RequestedTime = Static<typeof RequestedTime>;

export const TimestampSeconds = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
export type TimestampSeconds = Static<typeof TimestampSeconds>;
