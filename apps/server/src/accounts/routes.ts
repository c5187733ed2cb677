import type { domains } from "@winnow/contract";
import { WithHeaders } from "../app/answers.ts";
import type { Handlers } from "../app/call.ts";
import { Attempts } from "./attempts.ts";
import { endedCookie, sessionCookie } from "./session.ts";
import * as service from "./service.ts";
import type { User } from "./user.ts";

export function users(): Handlers<typeof domains.users> {
  const attempts = new Attempts();
  return {
    getSignedInUser: ({ user }) => userData(user),
    createSession: async ({ context, body, remoteAddress, baseUrl }) => {
      const { user, secret } = await service.signIn(context.db, body, attempts, remoteAddress);
      return new WithHeaders(userData(user), { "set-cookie": sessionCookie(secret, isSecure(baseUrl)) });
    },
    deleteSession: async ({ context, session, baseUrl }) => {
      await service.signOut(context.db, session);
      return new WithHeaders(undefined, { "set-cookie": endedCookie(isSecure(baseUrl)) });
    },
    setPassword: ({ context, user, body, session }) => service.setPassword(context.db, user, body, session, attempts),
    getTokens: ({ context, user }) => service.listTokensOf(context.db, user),
    createToken: ({ context, user, body }) => service.createOwnToken(context.db, user, body),
    revokeTokenById: ({ context, user, path }) => service.revokeTokenOf(context.db, user, path.tokenId),
  };
}

function userData({ id, email, createdAt }: User): User {
  return { id, email, createdAt: Number(createdAt) };
}

function isSecure(baseUrl: string): boolean {
  return baseUrl.startsWith("https:");
}
