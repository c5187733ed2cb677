import { ActionIcon, Badge, Button, Checkbox, Group, Menu, Paper, Stack, Table, Text, TextInput, Title, VisuallyHidden } from "@mantine/core";
import { modals } from "@mantine/modals";
import { KebabHorizontalIcon, PencilIcon, PersonAddIcon, TrashIcon } from "@primer/octicons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { TeamData } from "@winnow/contract";
import { type FormEvent, useState } from "react";
import { countOf } from "../amounts.ts";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { addressProblem } from "../people/mail-address.ts";
import { failed, said } from "../states/said.ts";
import { type Member, membersProblem, withMember, withoutMember } from "./membership.ts";

/** One team: its members, and for its admins the ways to change them. */
export function TeamCard({ team, me }: { readonly team: TeamData; readonly me: string | undefined }) {
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [name, setName] = useState<string>();
  const isAdmin = team.members.some((member) => member.email === me && member.isAdmin);
  const problem = addressProblem(email, team.members.map((member) => member.email), undefined, "This address is in the team already.");

  /** The whole list is written, so it is read right before: another admin may have changed it. */
  const change = async (edit: (members: readonly Member[]) => Member[], done: string, newName?: string) => {
    setBusy(true);
    try {
      const now = (await call(routes.teams, {})).find(({ id }) => id === team.id) ?? team;
      const members = edit(now.members);
      const wrong = membersProblem(members);
      if (wrong !== undefined) throw new Error(wrong);
      await call(routes.updateTeam, { path: { teamId: team.id }, body: { name: newName ?? now.name, members } });
      said(done);
      return true;
    } catch (error) {
      failed("Nothing was changed", error);
      return false;
    } finally {
      await queries.invalidateQueries({ queryKey: ["teams"] });
      setBusy(false);
    }
  };
  const add = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (problem !== undefined) return;
    const address = email.trim().toLowerCase();
    if (await change((members) => withMember(members, { email: address, isAdmin: false }), `${address} is in “${team.name}” now.`)) {
      setEmail("");
      setTried(false);
    }
  };
  const rename = async (event: FormEvent) => {
    event.preventDefault();
    const next = name?.trim() ?? "";
    if (next === "" || next === team.name || (await change((members) => [...members], `The team is called “${next}” now.`, next))) setName(undefined);
  };
  const takeOut = (member: Member) =>
    modals.openConfirmModal({
      title: `Take ${member.email} out of “${team.name}”?`,
      children: <Text size="sm">Datasets that are shared with the team are gone for {member.email === me ? "you" : "them"} at once, unless they are shared in another way too.</Text>,
      labels: { confirm: "Take out", cancel: "Keep" },
      confirmProps: { color: "red" },
      onConfirm: () => void change((members) => withoutMember(members, member.email), `${member.email} is no longer in “${team.name}”.`),
    });
  const remove = () =>
    modals.openConfirmModal({
      title: `Delete the team “${team.name}”?`,
      children: <Text size="sm">{`Its ${countOf(team.members.length, "member")} no longer see what was shared with it. Users and datasets stay. This can't be undone.`}</Text>,
      labels: { confirm: "Delete the team", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () => {
        void call(routes.deleteTeam, { path: { teamId: team.id } }).then(
          () => (said(`The team “${team.name}” was deleted.`), queries.invalidateQueries({ queryKey: ["teams"] })),
          (error: unknown) => failed("The team stays", error),
        );
      },
    });
  return (
    <Paper component="section" aria-label={`Team ${team.name}`} withBorder p="md">
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          {name === undefined ? (
            <div style={{ minWidth: 0 }}>
              <Title order={2} size="h4" style={{ overflowWrap: "anywhere" }}>
                {team.name}
              </Title>
              <Text size="sm" c="dimmed">
                {countOf(team.members.length, "member")}
                {!isAdmin && ". Its admins decide who is in it."}
              </Text>
            </div>
          ) : (
            <form style={{ flex: 1 }} onSubmit={(event) => void rename(event)} onKeyDown={(event) => event.key === "Escape" && setName(undefined)}>
              <Group gap="xs">
                <TextInput style={{ flex: "1 1 200px" }} aria-label="New name of the team" autoFocus required maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} />
                <Button type="submit" loading={busy}>
                  Rename
                </Button>
                <Button variant="default" onClick={() => setName(undefined)}>
                  Cancel
                </Button>
              </Group>
            </form>
          )}
          {isAdmin && name === undefined && (
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon size="lg" aria-label={`More about ${team.name}`}>
                  <KebabHorizontalIcon />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item leftSection={<PencilIcon />} onClick={() => setName(team.name)}>
                  Rename
                </Menu.Item>
                <Menu.Item leftSection={<TrashIcon />} color="red" onClick={remove}>
                  Delete…
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          )}
        </Group>
        <Table aria-label={`Members of ${team.name}`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Mail address</Table.Th>
              <Table.Th w={90}>Admin</Table.Th>
              <Table.Th w={48}>
                <VisuallyHidden>Take out</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {team.members.map((member) => (
              <Table.Tr key={member.email}>
                <Table.Td style={{ overflowWrap: "anywhere" }}>
                  {member.email}
                  {member.email === me && " (you)"}
                </Table.Td>
                <Table.Td>
                  {isAdmin ? (
                    <Checkbox aria-label={`${member.email} is an admin`} checked={member.isAdmin === true} disabled={busy} onChange={(event) => void change((members) => withMember(members, { email: member.email, isAdmin: !member.isAdmin }), event.currentTarget.checked ? `${member.email} may change the team now.` : `${member.email} no longer changes the team.`)} />
                  ) : member.isAdmin ? (
                    <Badge variant="light">Admin</Badge>
                  ) : (
                    "–"
                  )}
                </Table.Td>
                <Table.Td ta="right">
                  {isAdmin && (
                    <ActionIcon aria-label={`Take ${member.email} out of ${team.name}`} onClick={() => takeOut(member)}>
                      <TrashIcon />
                    </ActionIcon>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        {isAdmin && (
          <form onSubmit={(event) => void add(event)} noValidate>
            <Group align="flex-start" gap="xs">
              <TextInput style={{ flex: "1 1 220px" }} type="email" aria-label={`Mail address of a new member of ${team.name}`} placeholder="name@example.org" value={email} error={tried ? problem : undefined} onChange={(event) => setEmail(event.currentTarget.value)} />
              <Button type="submit" variant="default" loading={busy} leftSection={<PersonAddIcon />}>
                Add
              </Button>
            </Group>
          </form>
        )}
      </Stack>
    </Paper>
  );
}
