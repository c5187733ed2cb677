/** Users: who is signed in, sessions of browsers, passwords and tokens (additions of ours). */
import { Type, type Static } from "typebox";
import { Nullable, domain, get, post, put, remove } from "./model.ts";
import { Id, RequestedTime, Timestamp } from "./values.ts";

export const UserData = Type.Object({
  id: Id,
  email: Type.String(),
  createdAt: Timestamp,
});
export type UserData = Static<typeof UserData>;

export const SessionCreateRequest = Type.Object({
  token: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
  email: Type.Optional(Type.String({ minLength: 3, maxLength: 254 })),
  password: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
});
export type SessionCreateRequest = Static<typeof SessionCreateRequest>;

export const PasswordUpdateRequest = Type.Object({
  /** Needed when there is one already. */
  currentPassword: Type.Optional(Nullable(Type.String({ maxLength: 1000 }))),
  password: Type.String({ minLength: 10, maxLength: 1000 }),
});
export type PasswordUpdateRequest = Static<typeof PasswordUpdateRequest>;

export const TokenData = Type.Object({
  id: Id,
  name: Type.String(),
  createdAt: Timestamp,
  lastUsedAt: Type.Optional(Timestamp),
  /** From then on it doesn't work. */
  expiresAt: Type.Optional(Timestamp),
  /** It changes nothing. */
  readOnly: Type.Optional(Type.Boolean()),
  /** It works for these datasets only. */
  datasetIds: Type.Optional(Type.Array(Id)),
});
export type TokenData = Static<typeof TokenData>;

export const TokenCreateRequest = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  /** Milliseconds since the epoch. Absent: it works until it is revoked. */
  expiresAt: Type.Optional(Nullable(RequestedTime)),
  /** It shall change nothing. */
  readOnly: Type.Optional(Type.Boolean()),
  /** It shall work for these datasets only, and for what belongs to no dataset not at all. */
  datasetIds: Type.Optional(Nullable(Type.Array(Id, { minItems: 1, maxItems: 100 }))),
});
export type TokenCreateRequest = Static<typeof TokenCreateRequest>;

export const TokenCreatedData = Type.Object({ id: Id, token: Type.String() });
export type TokenCreatedData = Static<typeof TokenCreatedData>;

export const users = domain({
  getSignedInUser: get("/v1/users/me", {
    id: "get_signed_in_user",
    summary: "The user whom the token belongs to",
    access: "user",
    boundTokens: true,
    since: "winnow",
    replies: { 200: UserData },
  }),
  createSession: post("/v1/session", {
    id: "create_session",
    summary: "Sign a browser in, by a token or by mail address and password; the session is a cookie",
    access: "public",
    since: "winnow",
    body: SessionCreateRequest,
    replies: { 201: UserData },
  }),
  deleteSession: remove("/v1/session", {
    id: "delete_session",
    summary: "Sign a browser out",
    access: "user",
    writes: false,
    boundTokens: true,
    since: "winnow",
    replies: { 204: Type.Null() },
  }),
  setPassword: put("/v1/users/me/password", {
    id: "set_password",
    summary: "Set or change one's password; all other sessions end",
    access: "user",
    since: "winnow",
    body: PasswordUpdateRequest,
    replies: { 204: Type.Null() },
  }),
  getTokens: get("/v1/users/me/tokens", {
    id: "get_tokens",
    summary: "One's tokens that work, without the tokens themselves",
    access: "user",
    since: "winnow",
    replies: { 200: Type.Array(TokenData) },
  }),
  createToken: post("/v1/users/me/tokens", {
    id: "create_token",
    summary: "Make a token; it is shown this once",
    access: "user",
    since: "winnow",
    body: TokenCreateRequest,
    replies: { 201: TokenCreatedData },
  }),
  revokeTokenById: remove("/v1/users/me/tokens/{tokenId}", {
    id: "revoke_token_by_id",
    summary: "Make a token of one's own stop working",
    access: "user",
    since: "winnow",
    replies: { 204: Type.Null() },
  }),
});
