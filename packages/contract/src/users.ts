/** Users: who is signed in (an addition of ours). */
import { Type, type Static } from "typebox";
import { domain, get } from "./model.ts";
import { Id, Timestamp } from "./values.ts";

export const UserData = Type.Object({
  id: Id,
  email: Type.String(),
  createdAt: Timestamp,
});
export type UserData = Static<typeof UserData>;

export const users = domain({
  getSignedInUser: get("/v1/users/me", {
    id: "get_signed_in_user",
    summary: "The user whom the token belongs to",
    access: "user",
    since: "winnow",
    replies: { 200: UserData },
  }),
});
