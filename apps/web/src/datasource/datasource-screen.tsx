import { Alert, Button, Card, Code, Group, Stack, Text, Title } from "@mantine/core";
import { modals } from "@mantine/modals";
import { CheckCircleFillIcon, XCircleFillIcon } from "@primer/octicons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { DatasourceConfig } from "@winnow/contract";
import { useState } from "react";
import { Link } from "wouter";
import { timeText } from "../amounts.ts";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { addressOfScreen } from "../dataset/dataset-page.tsx";
import { Page } from "../shell/page.tsx";
import { Loading } from "../states/loading.tsx";
import { Problem, messageOf } from "../states/problem.tsx";
import { failed, said } from "../states/said.ts";
import { DatasourceForm } from "./datasource-form.tsx";
import { kindOf } from "./datasource-forms.ts";
import classes from "./datasource.module.css";
import { useDatasources } from "./use-datasources.ts";

/** Where the files of a dataset lie: connect it, see whether it works and what is in it. */
export function DatasourceScreen({ datasetId }: { readonly datasetId: string }) {
  const datasources = useDatasources(datasetId);
  const [editing, setEditing] = useState<"new" | DatasourceConfig>();
  if (datasources.error && !datasources.data) return <Problem what="The datasource" error={datasources.error} retry={() => void datasources.refetch()} />;
  if (!datasources.data) return <Loading what="Loading the datasource" />;
  const connected = datasources.data;
  const form = editing ?? (connected.length === 0 ? "new" : undefined);
  return (
    <Page title="Datasource" text="The bucket or folder that runs read. Files stay where they are; only what is selected gets into the dataset.">
      {form !== undefined ? (
        <DatasourceForm key={form === "new" ? "new" : form.purpose} datasetId={datasetId} stored={form === "new" ? undefined : form} connected={connected} onDone={() => setEditing(undefined)} cancellable={connected.length > 0} />
      ) : (
        <>
          {connected.map((one) => (
            <Connected key={one.purpose} datasetId={datasetId} config={one} onChange={() => setEditing(one)} />
          ))}
          {!connected.some(({ purpose }) => purpose === "INPUT_OUTPUT") && connected.length < 2 && (
            <Alert color="yellow" title={connected[0]?.purpose === "INPUT" ? "There is nowhere to write" : "There is nothing to read"}>
              {connected[0]?.purpose === "INPUT" ? "Runs keep thumbnails, frames and predictions in a datasource for output. Connect one, or make this one serve both." : "Connect a datasource for input, or make this one serve both."}
            </Alert>
          )}
          <Group>
            <Button variant="default" onClick={() => setEditing("new")}>
              {connected.some(({ purpose }) => purpose === "INPUT_OUTPUT") ? "Connect another one instead" : "Connect another one"}
            </Button>
            <Button component={Link} href={`${addressOfScreen(datasetId, "runs")}?new`} variant="light">
              Schedule a run
            </Button>
          </Group>
          <ProcessedUntil datasetId={datasetId} />
          {connected.some(({ purpose }) => purpose !== "LIGHTLY") && <FirstFiles datasetId={datasetId} />}
        </>
      )}
    </Page>
  );
}

const abilities = [
  { name: "canList", works: "Files can be listed", fails: "Files can't be listed" },
  { name: "canRead", works: "Files can be read", fails: "Files can't be read" },
  { name: "canWrite", works: "Files can be written", fails: "Files can't be written" },
  { name: "canOverwrite", works: "Files can be overwritten", fails: "Files can't be overwritten" },
] as const;

function Connected({ datasetId, config, onChange }: { readonly datasetId: string; readonly config: DatasourceConfig; readonly onChange: () => void }) {
  const check = useQuery({ queryKey: ["datasourceCheck", datasetId, config.purpose, config.id], queryFn: ({ signal }) => call(routes.checkDatasource, { path: { datasetId }, query: { purpose: config.purpose }, signal }), staleTime: Number.POSITIVE_INFINITY, retry: 1 });
  const kind = kindOf(config);
  // An input is not meant to be written.
  const asked = abilities.filter(({ name }) => config.purpose !== "INPUT" || name === "canList" || name === "canRead");
  return (
    <Card withBorder padding="md">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <div style={{ minWidth: 0 }}>
            <Text fw={600}>
              {kind.title} for {config.purpose === "INPUT_OUTPUT" ? "input and output" : config.purpose === "INPUT" ? "input" : "output"}
            </Text>
            <Code style={{ overflowWrap: "anywhere", whiteSpace: "normal" }}>{config.fullPath}</Code>
          </div>
          <Group gap={6} style={{ flex: "none" }}>
            <Button size="xs" variant="default" loading={check.isFetching} onClick={() => void check.refetch()}>
              Check again
            </Button>
            <Button size="xs" variant="default" onClick={onChange}>
              Change
            </Button>
          </Group>
        </Group>
        {check.error ? (
          <Alert color="red" title="It could not be checked">
            {messageOf(check.error)}
          </Alert>
        ) : (
          <ul className={classes["abilities"]} aria-label="What works" aria-busy={check.isFetching}>
            {asked.map(({ name, works, fails }) => {
              const result = check.data?.[name];
              return (
                <li key={name} className={classes["ability"]}>
                  <span style={{ color: result === undefined ? "var(--mantine-color-dimmed)" : result ? "var(--mantine-color-leaf-text)" : "var(--mantine-color-error)", paddingTop: 1 }} aria-hidden>
                    {result === undefined ? "…" : result ? <CheckCircleFillIcon /> : <XCircleFillIcon />}
                  </span>
                  <span>
                    {result === undefined ? "Checking …" : result ? works : fails}
                    {result === false && check.data?.errors[name] !== undefined && (
                      <Text size="sm" c="dimmed">
                        {check.data.errors[name]}
                      </Text>
                    )}
                  </span>
                </li>
              );
            })}
          </ul>
        )}
      </Stack>
    </Card>
  );
}

function ProcessedUntil({ datasetId }: { readonly datasetId: string }) {
  const until = useQuery({ queryKey: ["dataset", datasetId, "processedUntil"], queryFn: ({ signal }) => call(routes.processedUntil, { path: { datasetId }, signal }) });
  const queries = useQueryClient();
  const seconds = until.data?.processedUntilTimestamp;
  const set = async (processedUntilTimestamp: number) => {
    try {
      await call(routes.setProcessedUntil, { path: { datasetId }, body: { processedUntilTimestamp } });
      await queries.invalidateQueries({ queryKey: ["dataset", datasetId] });
      said(processedUntilTimestamp === 0 ? "The next run looks at all files." : "The next run looks only at files that come from now on.");
    } catch (error) {
      failed("Nothing was changed", error);
    }
  };
  const ask = (to: number, title: string, text: string) => modals.openConfirmModal({ title, children: <Text size="sm">{text}</Text>, labels: { confirm: "Do it", cancel: "Leave it" }, onConfirm: () => void set(to) });
  return (
    <Card withBorder padding="md">
      <Title order={2} size="h4" mb={4}>
        Processed until
      </Title>
      <Text size="sm" role="status">
        {until.error ? messageOf(until.error) : seconds === undefined ? "…" : seconds === 0 ? "Nothing has been processed yet: the next run looks at all files." : `${timeText(seconds * 1000)}. The next run looks only at files that are newer.`}
      </Text>
      <Group gap="xs" mt="sm">
        <Button size="xs" variant="default" disabled={!seconds} onClick={() => ask(0, "Look at all files again?", "The next run looks at every file of the datasource, also at those that earlier runs have seen. What is in the dataset already counts as chosen.")}>
          Begin again
        </Button>
        <Button size="xs" variant="default" onClick={() => ask(Math.floor(Date.now() / 1000), "Skip what is there?", "The next run looks only at files that come from now on.")}>
          Skip what is there
        </Button>
      </Group>
    </Card>
  );
}

function FirstFiles({ datasetId }: { readonly datasetId: string }) {
  const files = useQuery({ queryKey: ["dataset", datasetId, "firstFiles"], queryFn: ({ signal }) => call(routes.datasourceFiles, { path: { datasetId }, query: { from: 0 }, signal }), retry: 1, staleTime: 60_000 });
  const shown = files.data?.data.slice(0, 12) ?? [];
  return (
    <Card withBorder padding="md">
      <Title order={2} size="h4" mb={4}>
        First files
      </Title>
      {files.error ? (
        <Alert color="red" title="They could not be listed">
          {messageOf(files.error)}
        </Alert>
      ) : !files.data ? (
        <Text size="sm" c="dimmed">
          Listing …
        </Text>
      ) : shown.length === 0 ? (
        <Text size="sm">There are no images or videos in it. Runs take jpg, png, ppm, pgm, bmp, tif, webp, and videos such as mp4, mov, avi.</Text>
      ) : (
        <>
          <ol className={classes["files"]}>
            {shown.map(({ fileName }) => (
              <li key={fileName}>{fileName}</li>
            ))}
          </ol>
          {(files.data.hasMore || files.data.data.length > shown.length) && (
            <Text size="xs" c="dimmed" mt={6}>
              … and {files.data.hasMore ? `at least ${files.data.data.length - shown.length}` : files.data.data.length - shown.length} more.
            </Text>
          )}
        </>
      )}
    </Card>
  );
}
