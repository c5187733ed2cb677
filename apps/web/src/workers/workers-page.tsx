import { ActionIcon, Anchor, Badge, Code, CopyButton, Button, Group, Table, Text, Title, VisuallyHidden } from "@mantine/core";
import { modals } from "@mantine/modals";
import { TrashIcon } from "@primer/octicons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { WorkerStatus } from "@winnow/contract";
import { Link } from "wouter";
import { agoText, timeText } from "../amounts.ts";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { Page } from "../shell/page.tsx";
import { Loading } from "../states/loading.tsx";
import { NothingHere } from "../states/nothing-here.tsx";
import { Problem } from "../states/problem.tsx";
import { failed, said } from "../states/said.ts";
import { useWorkers } from "./use-workers.ts";

const looks: Readonly<Record<WorkerStatus["state"], { readonly label: string; readonly colour: string }>> = {
  IDLE: { label: "Waiting for runs", colour: "leaf" },
  BUSY: { label: "Working", colour: "blue" },
  OFFLINE: { label: "Offline", colour: "gray" },
  CRASHED: { label: "Crashed", colour: "red" },
};

/** The programs that take runs. */
export function WorkersPage() {
  const workers = useWorkers();
  const queries = useQueryClient();
  if (workers.error && !workers.data) return <Problem what="The workers" error={workers.error} retry={() => void workers.refetch()} />;
  if (!workers.data) return <Loading what="Loading the workers" />;
  const remove = (worker: WorkerStatus) =>
    modals.openConfirmModal({
      title: `Remove “${worker.name}”?`,
      children: <Text size="sm">{worker.state === "OFFLINE" || worker.state === "CRASHED" ? "It is forgotten. A worker that starts under this name is there again." : "It is running: it ends when it hears of it, and a run that it has begun is taken over by another worker."}</Text>,
      labels: { confirm: "Remove the worker", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () => {
        void call(routes.removeWorker, { path: { workerId: worker.id } }).then(
          () => (said(`“${worker.name}” was removed.`), queries.invalidateQueries({ queryKey: ["docker"] })),
          (error: unknown) => failed("The worker stays", error),
        );
      },
    });
  return (
    <Page title="Workers">
      {workers.data.length === 0 ? (
        <NothingHere order={2} title="No workers yet" text="A worker is a program that takes runs: it reads a datasource, embeds and selects, and writes the report. It runs next to your data, on this machine or another." />
      ) : (
        <Table.ScrollContainer minWidth={340}>
          <Table aria-label="Workers" verticalSpacing="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th visibleFrom="xs">Last heard of</Table.Th>
                <Table.Th visibleFrom="sm">Labels</Table.Th>
                <Table.Th visibleFrom="md">Machine</Table.Th>
                <Table.Th>
                  <VisuallyHidden>Remove</VisuallyHidden>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {workers.data.map((worker) => (
                <Table.Tr key={worker.id}>
                  <Table.Td>{worker.name}</Table.Td>
                  <Table.Td>
                    <Badge variant="light" color={looks[worker.state].colour}>
                      {looks[worker.state].label}
                    </Badge>
                  </Table.Td>
                  <Table.Td visibleFrom="xs" title={worker.lastSeenAt === null ? undefined : timeText(worker.lastSeenAt)}>{worker.lastSeenAt === null ? "never" : agoText(worker.lastSeenAt)}</Table.Td>
                  <Table.Td visibleFrom="sm">{worker.labels.join(", ") || "–"}</Table.Td>
                  <Table.Td visibleFrom="md">{[worker.host, worker.version].filter((text) => text !== null && text !== "").join(" · ") || "–"}</Table.Td>
                  <Table.Td ta="right">
                    <ActionIcon aria-label={`Remove ${worker.name}`} onClick={() => remove(worker)}>
                      <TrashIcon />
                    </ActionIcon>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <HowToStart />
    </Page>
  );
}

function HowToStart() {
  const command = `WINNOW_TOKEN=… winnow worker --server ${window.location.origin}`;
  return (
    <div>
      <Title order={2} size="h4" mb={4}>
        To start one
      </Title>
      <Text size="sm" mb={8}>
        On the machine that is nearest to the data, with a token of yours (
        <Anchor component={Link} href="/preferences#tokens" inherit underline="always">
          make one
        </Anchor>
        ):
      </Text>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Code block style={{ flex: 1, whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
          {command}
        </Code>
        <CopyButton value={command}>
          {({ copied, copy }) => (
            <Button variant="default" size="xs" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </Group>
    </div>
  );
}
