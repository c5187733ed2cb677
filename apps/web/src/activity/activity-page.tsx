import { Button, Group, Select, Table, Text, TextInput } from "@mantine/core";
import { DownloadIcon } from "@primer/octicons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { AuditEntry } from "@winnow/contract";
import { useEffect, useState } from "react";
import { useSearchParams } from "wouter";
import { timeText } from "../amounts.ts";
import { addressOf, call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { useDatasetNames } from "../dataset/use-dataset-names.ts";
import { Page } from "../shell/page.tsx";
import { Loading } from "../states/loading.tsx";
import { NothingHere } from "../states/nothing-here.tsx";
import { Problem } from "../states/problem.tsx";
import { filterOf } from "./filter.ts";

const shown = 50;

/** The audit log: who did what, as far as the user may see it. What is asked for is in the address. */
export function ActivityPage() {
  const [parameters, setParameters] = useSearchParams();
  const names = useDatasetNames();
  const filter = filterOf(parameters);
  // Pages that were gone through, to come back by the same way.
  const [newer, setNewer] = useState<readonly string[]>([]);
  const before = parameters.get("before") ?? undefined;
  const entries = useQuery({ queryKey: ["audit", filter, before ?? ""], queryFn: ({ signal }) => call(routes.audit, { query: { ...filter, pageSize: shown, ...(before !== undefined && { before }) }, signal }), placeholderData: keepPreviousData });
  const change = (changes: Readonly<Record<string, string | null>>) =>
    setParameters(
      (now) => {
        const next = new URLSearchParams(now);
        for (const [name, value] of Object.entries(changes)) if (value === null || value === "") next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const narrow = (name: string, value: string | null) => {
    setNewer([]);
    change({ [name]: value, before: null });
  };
  const last = entries.data?.at(-1)?.id;
  const isNarrowed = Object.keys(filter).length > 0;
  if (entries.error && !entries.data) return <Problem what="What was done" error={entries.error} retry={() => void entries.refetch()} />;
  if (!entries.data) return <Loading what="Loading what was done" />;
  const datasets = [...names].map(([value, label]) => ({ value, label }));
  return (
    <Page
      title="Activity"
      text="What you did, and what others did to datasets that you own. Whoever owns the installation sees everything."
      aside={
        <Group gap="xs">
          {(["CSV", "JSONL"] as const).map((format) => (
            <Button key={format} component="a" href={addressOf(routes.auditExport.path, { query: { ...filter, format } })} download variant="default" size="xs" leftSection={<DownloadIcon size={14} />}>
              {format === "CSV" ? "CSV" : "JSON lines"}
            </Button>
          ))}
        </Group>
      }
    >
      <Group gap="xs" align="flex-end" role="search" aria-label="Narrow the activity">
        <Typed label="Who" placeholder="name@example.org" value={filter.email ?? ""} onChange={(value) => narrow("email", value)} />
        <Typed label="What" placeholder="such as create token" value={(filter.action ?? "").replaceAll("_", " ")} onChange={(value) => narrow("action", value)} />
        <Select label="Dataset" style={{ flex: "1 1 170px" }} placeholder="All" searchable clearable data={datasets} value={filter.datasetId ?? null} onChange={(value) => narrow("datasetId", value)} />
        <TextInput label="From" type="date" style={{ flex: "1 1 140px" }} value={parameters.get("from") ?? ""} onChange={(event) => narrow("from", event.currentTarget.value)} />
        <TextInput label="To" type="date" style={{ flex: "1 1 140px" }} value={parameters.get("to") ?? ""} onChange={(event) => narrow("to", event.currentTarget.value)} />
      </Group>
      {entries.data.length === 0 ? (
        <NothingHere order={2} title={isNarrowed || before !== undefined ? "Nothing matches" : "Nothing was done yet"} text={isNarrowed ? "An address and an action are looked for as they are, from the first letter to the last." : undefined}>
          {(isNarrowed || before !== undefined) && (
            <Button
              variant="default"
              onClick={() => {
                setNewer([]);
                setParameters({}, { replace: true });
              }}
            >
              Show everything
            </Button>
          )}
        </NothingHere>
      ) : (
        <Table.ScrollContainer minWidth={320} aria-busy={entries.isPlaceholderData}>
          <Table aria-label="Activity">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>When</Table.Th>
                <Table.Th visibleFrom="sm">Who</Table.Th>
                <Table.Th>What</Table.Th>
                <Table.Th visibleFrom="sm">To what</Table.Th>
                <Table.Th visibleFrom="md">From where</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {entries.data.map((entry) => (
                <Table.Tr key={entry.id}>
                  <Table.Td>
                    {timeText(entry.at)}
                    <Text size="xs" c="dimmed" hiddenFrom="sm" style={{ overflowWrap: "anywhere" }}>
                      {whoDid(entry)}
                    </Text>
                  </Table.Td>
                  <Table.Td visibleFrom="sm" style={{ overflowWrap: "break-word" }}>
                    {whoDid(entry)}
                  </Table.Td>
                  <Table.Td>
                    {entry.action.replaceAll("_", " ")}
                    {entry.status >= 400 && " (refused)"}
                    {entry.times > 1 && ` × ${entry.times}`}
                  </Table.Td>
                  <Table.Td visibleFrom="sm" style={{ overflowWrap: "anywhere" }}>
                    <Target entry={entry} dataset={entry.datasetId === undefined ? undefined : (names.get(entry.datasetId) ?? entry.datasetId)} />
                  </Table.Td>
                  <Table.Td visibleFrom="md">
                    {entry.remoteAddress ?? "–"}
                    {entry.credential !== undefined && (
                      <Text size="xs" c="dimmed" style={{ overflowWrap: "break-word" }}>
                        {entry.credential}
                      </Text>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Group gap="xs">
        <Button
          variant="default"
          size="xs"
          disabled={before === undefined}
          onClick={() => {
            change({ before: newer.at(-1) ?? null });
            setNewer(newer.slice(0, -1));
          }}
        >
          Newer
        </Button>
        <Button
          variant="default"
          size="xs"
          disabled={last === undefined || entries.data.length < shown}
          onClick={() => {
            if (before !== undefined) setNewer([...newer, before]);
            change({ before: last! });
          }}
        >
          Older
        </Button>
      </Group>
    </Page>
  );
}

/** A field whose text counts when the typing has paused. */
function Typed({ label, placeholder, value, onChange }: { readonly label: string; readonly placeholder: string; readonly value: string; readonly onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => {
    if (text.trim() === value) return undefined;
    const timer = setTimeout(() => onChange(text.trim()), 400);
    return () => clearTimeout(timer);
    // What is typed counts; `onChange` is another with each drawing.
  }, [text]);
  // "Show everything" empties it.
  useEffect(() => {
    if (value === "") setText("");
  }, [value]);
  return <TextInput label={label} placeholder={placeholder} style={{ flex: "1 1 170px" }} value={text} onChange={(event) => setText(event.currentTarget.value)} />;
}

function whoDid({ email, credential }: AuditEntry): string {
  return email ?? credential ?? "nobody";
}

function Target({ entry, dataset }: { readonly entry: AuditEntry; readonly dataset: string | undefined }) {
  const target = Object.entries(entry.target ?? {});
  if (target.length === 0 && dataset === undefined) return "–";
  return (
    <>
      {dataset}
      {target.length > 0 && (
        <Text size="xs" c="dimmed">
          {target.map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`).join(", ")}
        </Text>
      )}
    </>
  );
}
