import { ActionIcon, Alert, Anchor, Button, Code, Group, Select, Table, Text, TextInput, VisuallyHidden } from "@mantine/core";
import { modals } from "@mantine/modals";
import { PersonAddIcon, TrashIcon } from "@primer/octicons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { DatasetMember, DatasetRole, UserData } from "@winnow/contract";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { useDataset } from "../dataset/use-dataset.ts";
import { Page } from "../shell/page.tsx";
import { Loading } from "../states/loading.tsx";
import { Problem } from "../states/problem.tsx";
import { failed, said } from "../states/said.ts";
import { addressProblem } from "./mail-address.ts";

const may: Readonly<Record<DatasetRole, string>> = { VIEWER: "see", EDITOR: "see and change", OWNER: "everything" };

/** Who sees a dataset, and what they may do. */
export function PeopleScreen({ datasetId }: { readonly datasetId: string }) {
  const dataset = useDataset(datasetId);
  const queries = useQueryClient();
  const me = queries.getQueryData<UserData>(["me"]);
  const members = useQuery({ queryKey: ["dataset", datasetId, "members"], queryFn: ({ signal }) => call(routes.members, { path: { datasetId }, signal }) });
  const teams = useQuery({ queryKey: ["teams"], queryFn: ({ signal }) => call(routes.teams, { signal }) });
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<DatasetRole>("EDITOR");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  if (members.error && !members.data) return <Problem what="Who sees the dataset" error={members.error} retry={() => void members.refetch()} />;
  if (!members.data || !dataset.data) return <Loading />;
  const others = members.data.filter(({ source }) => source !== "CREATED");
  const shared = others.filter(({ source }) => source === "SHARED").map((member) => member.email!);
  const maker = members.data.find(({ source }) => source === "CREATED");
  const isOwner = dataset.data.userId === me?.id || others.some((member) => member.email === me?.email && member.role === "OWNER");
  const free = (teams.data ?? []).filter(({ id }) => !others.some(({ teamId }) => teamId === id));
  const addresses = others.flatMap((member) => member.email ?? []);
  const problem = addressProblem(email, addresses, isOwner ? me?.email : undefined);
  const change = async (work: () => Promise<unknown>, done: string) => {
    setBusy(true);
    try {
      await work();
      await queries.invalidateQueries({ queryKey: ["dataset", datasetId] });
      said(done);
      return true;
    } catch (error) {
      failed("Nothing was changed", error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const share = (users: readonly string[]) => call(routes.share, { path: { datasetId }, body: { accessType: "WRITE", users: [...users], creator: "USER_WEBAPP" } });
  const add = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (problem !== undefined) return;
    const address = email.trim().toLowerCase();
    // Editors are shared with as other clients do it, so that those show them too.
    const work = () => (role === "EDITOR" ? share([...shared, address]) : call(routes.setMember, { path: { datasetId }, body: { email: address, role } }));
    if (await change(work, `${address} sees the dataset now.`)) {
      setEmail("");
      setTried(false);
    }
  };
  const addTeam = (teamId: string | null) => {
    const team = free.find(({ id }) => id === teamId);
    if (team) void change(() => call(routes.setMember, { path: { datasetId }, body: { teamId: team.id, role } }), `Everybody in ${team.name} sees the dataset now.`);
  };
  const remove = (member: DatasetMember) => {
    const name = nameOf(member);
    modals.openConfirmModal({
      title: `Stop sharing with ${name}?`,
      children: <Text size="sm">The dataset is gone for them at once, and addresses of its files that they have stop working when they expire.</Text>,
      labels: { confirm: "Stop sharing", cancel: "Keep sharing" },
      confirmProps: { color: "red" },
      onConfirm: () => void change(() => (member.id === undefined ? share(shared.filter((one) => one !== member.email)) : call(routes.removeMember, { path: { datasetId, memberId: member.id } })), `${name} no longer sees the dataset.`),
    });
  };
  return (
    <Page title="People" text="Viewers see a dataset, editors change what is in it as well, owners also share and delete it.">
      {isOwner ? (
        <form onSubmit={(event) => void add(event)} noValidate>
          <Group align="flex-start" gap="xs">
            <TextInput style={{ flex: "1 1 240px" }} type="email" aria-label="Mail address" placeholder="name@example.org" value={email} error={tried ? problem : undefined} onChange={(event) => setEmail(event.currentTarget.value)} />
            <Select w={130} aria-label="Role" allowDeselect={false} value={role} onChange={(value) => value !== null && setRole(value as DatasetRole)} data={[{ value: "VIEWER", label: "Viewer" }, { value: "EDITOR", label: "Editor" }, { value: "OWNER", label: "Owner" }]} />
            <Button type="submit" loading={busy} leftSection={<PersonAddIcon />}>
              Share
            </Button>
          </Group>
          <Text size="xs" c="dimmed" mt={6}>
            An address may come before its user. Whoever runs the server makes users: <Code>winnow user add name@example.org</Code>
          </Text>
          {free.length > 0 && <Select mt="sm" maw={370} aria-label="Team" placeholder="Or share with one of your teams, in this role" value={null} onChange={addTeam} data={free.map(({ id, name }) => ({ value: id, label: name }))} />}
          {teams.data && (
            <Text size="xs" c="dimmed" mt={6}>
              {free.length > 0 ? "Whoever joins a team sees what it was given. " : "With the same people again and again? "}
              <Anchor component={Link} href="/teams" inherit underline="always">
                {teams.data.length > 0 ? "Your teams" : "Make a team"}
              </Anchor>
            </Text>
          )}
        </form>
      ) : (
        <Alert color="blue">The dataset is shared with you. Only its owners can share it with others.</Alert>
      )}
      <Table aria-label="People" verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Mail address</Table.Th>
            <Table.Th>May</Table.Th>
            <Table.Th>
              <VisuallyHidden>Stop sharing</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <Table.Tr>
            <Table.Td style={{ overflowWrap: "anywhere" }}>
              {maker?.email ?? "The owner"}
              {maker?.email === me?.email && " (you)"}
            </Table.Td>
            <Table.Td>everything</Table.Td>
            <Table.Td />
          </Table.Tr>
          {others.map((member) => (
            <Table.Tr key={member.id ?? member.email}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                {nameOf(member)}
                {member.email === me?.email && " (you)"}
              </Table.Td>
              <Table.Td>{may[member.role]}</Table.Td>
              <Table.Td ta="right">
                {isOwner && (
                  <ActionIcon aria-label={`Stop sharing with ${nameOf(member)}`} onClick={() => remove(member)}>
                    <TrashIcon />
                  </ActionIcon>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {others.length === 0 && (
        <Text size="sm" c="dimmed">
          Nobody else sees the dataset.
        </Text>
      )}
    </Page>
  );
}

function nameOf({ email, teamName }: DatasetMember): string {
  return email ?? `Team ${teamName ?? ""}`;
}
