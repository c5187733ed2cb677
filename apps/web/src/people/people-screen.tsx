import { ActionIcon, Alert, Button, Code, Group, Stack, Table, Text, TextInput, Title, VisuallyHidden } from "@mantine/core";
import { modals } from "@mantine/modals";
import { PersonAddIcon, TrashIcon } from "@primer/octicons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { UserData } from "@winnow/contract";
import { type FormEvent, useState } from "react";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { useDataset } from "../dataset/use-dataset.ts";
import runs from "../runs/runs.module.css";
import { Loading } from "../states/loading.tsx";
import { Problem } from "../states/problem.tsx";
import { failed, said } from "../states/said.ts";
import { addressProblem } from "./mail-address.ts";

/** Who sees a dataset. */
export function PeopleScreen({ datasetId }: { readonly datasetId: string }) {
  const dataset = useDataset(datasetId);
  const queries = useQueryClient();
  const me = queries.getQueryData<UserData>(["me"]);
  const shares = useQuery({ queryKey: ["dataset", datasetId, "shares"], queryFn: ({ signal }) => call(routes.shares, { path: { datasetId }, signal }) });
  const [email, setEmail] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  if (shares.error && !shares.data) return <Problem what="Who sees the dataset" error={shares.error} retry={() => void shares.refetch()} />;
  if (!shares.data || !dataset.data) return <Loading />;
  const users = [...new Set(shares.data.flatMap((share) => share.users))];
  const isOwner = dataset.data.userId === me?.id;
  const problem = addressProblem(email, users, isOwner ? me?.email : undefined);
  const shareWith = async (next: readonly string[], done: string) => {
    setBusy(true);
    try {
      await call(routes.share, { path: { datasetId }, body: { accessType: "WRITE", users: [...next], creator: "USER_WEBAPP" } });
      await queries.invalidateQueries({ queryKey: ["dataset", datasetId] });
      said(done);
      setBusy(false);
      return true;
    } catch (error) {
      failed("Nothing was changed", error);
      setBusy(false);
      return false;
    }
  };
  const add = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (problem !== undefined) return;
    const address = email.trim().toLowerCase();
    if (await shareWith([...users, address], `${address} sees the dataset now.`)) {
      setEmail("");
      setTried(false);
    }
  };
  const remove = (address: string) =>
    modals.openConfirmModal({
      title: `Stop sharing with ${address}?`,
      children: <Text size="sm">The dataset is gone for them at once, and addresses of its files that they have stop working when they expire.</Text>,
      labels: { confirm: "Stop sharing", cancel: "Keep sharing" },
      confirmProps: { color: "red" },
      onConfirm: () => void shareWith(users.filter((one) => one !== address), `${address} no longer sees the dataset.`),
    });
  return (
    <div className={runs["page"]} style={{ maxWidth: 1100 }}>
      <Stack gap="lg">
        <div>
          <Title order={1} size="h2">
            People
          </Title>
          <Text size="sm" c="dimmed">
            Those a dataset is shared with see and change everything in it. Only its owner shares and deletes it.
          </Text>
        </div>
        {isOwner ? (
          <form onSubmit={(event) => void add(event)} noValidate>
            <Group align="flex-start" gap="xs">
              <TextInput style={{ flex: "1 1 240px" }} type="email" aria-label="Mail address" placeholder="name@example.org" value={email} error={tried ? problem : undefined} onChange={(event) => setEmail(event.currentTarget.value)} />
              <Button type="submit" loading={busy} leftSection={<PersonAddIcon />}>
                Share
              </Button>
            </Group>
            <Text size="xs" c="dimmed" mt={6}>
              An address may come before its user. Whoever runs the server makes users: <Code>winnow user add name@example.org</Code>
            </Text>
          </form>
        ) : (
          <Alert color="blue">The dataset is shared with you. Only its owner can share it with others.</Alert>
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
              <Table.Td>{isOwner ? `${me?.email ?? ""} (you)` : "The owner"}</Table.Td>
              <Table.Td>everything</Table.Td>
              <Table.Td />
            </Table.Tr>
            {users.map((address) => (
              <Table.Tr key={address}>
                <Table.Td style={{ overflowWrap: "anywhere" }}>
                  {address}
                  {address === me?.email && " (you)"}
                </Table.Td>
                <Table.Td>see and change</Table.Td>
                <Table.Td ta="right">
                  {isOwner && (
                    <ActionIcon aria-label={`Stop sharing with ${address}`} onClick={() => remove(address)}>
                      <TrashIcon />
                    </ActionIcon>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        {users.length === 0 && (
          <Text size="sm" c="dimmed">
            Nobody else sees the dataset.
          </Text>
        )}
      </Stack>
    </div>
  );
}
