import type { domains } from "@winnow/contract";
import type { Handlers } from "../app/call.ts";

export const users: Handlers<typeof domains.users> = {
  getSignedInUser: ({ user }) => ({ id: user.id, email: user.email, createdAt: user.createdAt }),
};
