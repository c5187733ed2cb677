import { ActionIcon, Alert, Button, Group, Select, Stack, Table, Text, TextInput, Title, VisuallyHidden } from "@mantine/core";
import { PlusIcon, TrashIcon } from "@primer/octicons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ConfigurationData } from "@winnow/contract";
import { useState } from "react";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { useColumns } from "../columns/use-columns.ts";
import { PageFrame } from "../shell/page-frame.tsx";
import { Loading } from "../states/loading.tsx";
import { Problem } from "../states/problem.tsx";
import { failed, said } from "../states/said.ts";
import { type EntryDraft, draftOf, entryProblems, suggestions, usualDefault, valueOf, valueTypes } from "./entries.ts";

/** Which of the samples' own metadata is shown, filtered and selected by. */
export function MetadataScreen({ datasetId }: { readonly datasetId: string }) {
  const configurations = useQuery({ queryKey: ["dataset", datasetId, "metadataConfigurations"], queryFn: ({ signal }) => call(routes.metadataConfigurations, { path: { datasetId }, signal }) });
  if (configurations.error && !configurations.data) return <Problem what="The metadata" error={configurations.error} retry={() => void configurations.refetch()} />;
  if (!configurations.data) return <Loading />;
  // The last one that was made is the dataset's.
  const current = configurations.data.toSorted((a, b) => b.createdAt - a.createdAt)[0];
  return <Editor key={current?.id ?? "none"} datasetId={datasetId} current={current} />;
}

function Editor({ datasetId, current }: { readonly datasetId: string; readonly current: ConfigurationData | undefined }) {
  const stored = current?.configs.map(draftOf) ?? [];
  const [entries, setEntries] = useState<readonly EntryDraft[]>(stored);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const columns = useColumns(datasetId);
  const queries = useQueryClient();
  const problems = entries.map((entry) => entryProblems(entry, entries));
  const wrong = problems.some((one) => Object.keys(one).length > 0);
  const changed = JSON.stringify(entries) !== JSON.stringify(stored);
  const offered = suggestions(columns.data?.columns ?? [], entries);
  const set = (index: number, changes: Partial<EntryDraft>) => setEntries(entries.map((entry, i) => (i === index ? { ...entry, ...changes } : entry)));
  const save = async () => {
    setTried(true);
    if (wrong) return;
    setBusy(true);
    const body = { name: current?.name ?? "Metadata", configs: entries.map((entry) => ({ name: entry.name.trim(), path: entry.path.trim(), valueDataType: entry.type, defaultValue: valueOf(entry).value })) };
    try {
      if (current) await call(routes.updateMetadataConfiguration, { path: { datasetId, configurationId: current.id }, body });
      else await call(routes.createMetadataConfiguration, { path: { datasetId }, body });
      await queries.invalidateQueries({ queryKey: ["dataset", datasetId] });
      said("The metadata configuration is saved.");
    } catch (error) {
      failed("Nothing was saved", error);
    }
    setBusy(false);
  };
  return (
    <PageFrame>
      <Stack gap="lg">
        <div>
          <Title order={1} size="h2">
            Metadata
          </Title>
          <Text size="sm" c="dimmed" maw="72ch">
            Samples may carry metadata of their own. Here it is said what there is: a name for it, where it stands in the metadata, of what type it is, and what stands for it where a sample has none.
          </Text>
        </div>
        {entries.length > 0 && (
          <Table.ScrollContainer minWidth={720}>
            <Table verticalSpacing={6} aria-label="Entries">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th>Path</Table.Th>
                  <Table.Th>Type</Table.Th>
                  <Table.Th>Where missing</Table.Th>
                  <Table.Th>
                    <VisuallyHidden>Remove</VisuallyHidden>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {entries.map((entry, index) => {
                  const error = (field: keyof EntryDraft) => (tried ? problems[index]![field] : undefined);
                  return (
                    <Table.Tr key={index} style={{ verticalAlign: "top" }}>
                      <Table.Td>
                        <TextInput aria-label={`Name of entry ${index + 1}`} value={entry.name} error={error("name")} onChange={(event) => set(index, { name: event.currentTarget.value })} />
                      </Table.Td>
                      <Table.Td>
                        <TextInput aria-label={`Path of entry ${index + 1}`} value={entry.path} error={error("path")} placeholder="camera.height" onChange={(event) => set(index, { path: event.currentTarget.value })} />
                      </Table.Td>
                      <Table.Td>
                        <Select aria-label={`Type of entry ${index + 1}`} data={[...valueTypes]} value={entry.type} allowDeselect={false} onChange={(type) => type !== null && set(index, { type: type as EntryDraft["type"], fallback: valueOf({ ...entry, type: type as EntryDraft["type"] }).problem === undefined ? entry.fallback : usualDefault(type as EntryDraft["type"]) })} />
                      </Table.Td>
                      <Table.Td>
                        <TextInput aria-label={`Default of entry ${index + 1}`} value={entry.fallback} error={error("fallback")} onChange={(event) => set(index, { fallback: event.currentTarget.value })} />
                      </Table.Td>
                      <Table.Td>
                        <ActionIcon mt={4} aria-label={`Remove entry ${index + 1}`} onClick={() => setEntries(entries.filter((_, i) => i !== index))}>
                          <TrashIcon />
                        </ActionIcon>
                      </Table.Td>
                    </Table.Tr>
                  );
                })}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        <Group>
          <Button variant="default" leftSection={<PlusIcon />} onClick={() => setEntries([...entries, { name: "", path: "", type: "NUMERIC_FLOAT", fallback: "0" }])}>
            Add an entry
          </Button>
          <Button onClick={() => void save()} loading={busy} disabled={!changed}>
            Save
          </Button>
          {changed && stored.length > 0 && (
            <Button variant="subtle" color="gray" onClick={() => (setEntries(stored), setTried(false))}>
              Undo the changes
            </Button>
          )}
        </Group>
        <div>
          <Title order={2} size="h4" mb={4}>
            Found in the samples
          </Title>
          {columns.error ? (
            <Alert color="red">{(columns.error as Error).message}</Alert>
          ) : !columns.data ? (
            <Text size="sm" c="dimmed">
              Looking …
            </Text>
          ) : offered.length === 0 ? (
            <Text size="sm" c="dimmed">
              {entries.length > 0 ? "Everything that the samples carry is configured." : "The samples carry no metadata of their own yet. It comes with an upload (custom metadata), or from .lightly/metadata in the datasource."}
            </Text>
          ) : (
            <Stack gap={6}>
              {offered.map(({ found, ...entry }) => (
                <Group key={entry.path} gap="sm" wrap="nowrap">
                  <Button size="compact-sm" variant="default" leftSection={<PlusIcon size={14} />} onClick={() => setEntries([...entries, entry])} aria-label={`Add ${entry.path}`}>
                    Add
                  </Button>
                  <Text size="sm" style={{ minWidth: 0 }} truncate>
                    <b>{entry.path}</b>{" "}
                    <Text span c="dimmed" size="sm">
                      {valueTypes.find(({ value }) => value === entry.type)?.label.toLowerCase()}
                      {found !== "" && `: ${found}`}
                    </Text>
                  </Text>
                </Group>
              ))}
            </Stack>
          )}
        </div>
      </Stack>
    </PageFrame>
  );
}
