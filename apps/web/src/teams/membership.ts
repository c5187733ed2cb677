import type { TeamData } from "@winnow/contract";

export type Member = TeamData["members"][number];

/**
 * Why a change of a team's members can't be made; undefined: it can.
 * @param members those that the team would have
 */
export function membersProblem(members: readonly Member[]): string | undefined {
  if (!members.some(({ isAdmin }) => isAdmin)) return "Somebody has to be able to change the team: make another member an admin first.";
  return undefined;
}

/** The members with this one in the place of the one with the same address, or as the last. */
export function withMember(members: readonly Member[], member: Member): Member[] {
  const at = members.findIndex(({ email }) => email === member.email);
  return at < 0 ? [...members, member] : members.with(at, member);
}

export function withoutMember(members: readonly Member[], email: string): Member[] {
  return members.filter((member) => member.email !== email);
}
