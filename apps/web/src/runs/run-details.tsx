import { Anchor, Badge, Button, Code, Group, Stack, Table, Tabs, Text, Title, VisuallyHidden } from "@mantine/core";
import { modals } from "@mantine/modals";
import { DownloadIcon } from "@primer/octicons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { DockerRunData } from "@winnow/contract";
import { useEffect, useState } from "react";
import { Link, useSearchParams } from "wouter";
import { durationText, timeText } from "../amounts.ts";
import { RequestError, call, textOf } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { addressOfScreen } from "../dataset/dataset-page.tsx";
import { PageFrame } from "../shell/page-frame.tsx";
import { Loading } from "../states/loading.tsx";
import { Problem } from "../states/problem.tsx";
import { failed, said } from "../states/said.ts";
import { parts, textsOf } from "./configuration-texts.ts";
import { RunProgressLine } from "./run-progress-line.tsx";
import { type RunRow, hasEnded, lookOf, situation, stagesOf } from "./run-states.ts";
import classes from "./runs.module.css";

/** Everything about one run. */
export function RunDetails({ datasetId, row, workers }: { readonly datasetId: string; readonly row: RunRow; readonly workers: number | undefined }) {
  const { scheduled, run } = row;
  const { label, colour, text } = situation(row, workers);
  const [parameters, setParameters] = useSearchParams();
  const tab = parameters.get("show") ?? "course";
  const address = addressOfScreen(datasetId, "runs");
  const configId = scheduled?.configId ?? run?.configId;
  const files = run?.artifacts ?? [];
  const page = files.find(({ fileName }) => fileName.toLowerCase().endsWith(".html"));
  const hasReport = page !== undefined || (run?.reportAvailable ?? false);
  return (
    <PageFrame>
      <Stack gap="md">
        <Anchor component={Link} href={address} size="sm">
          All runs
        </Anchor>
        <Group justify="space-between" align="flex-start">
          <div style={{ minWidth: 0 }}>
            <Group gap="sm">
              <Title order={1} size="h2">
                Run of {timeText(row.createdAt)}
              </Title>
              <Badge variant="light" color={colour} size="lg">
                {label}
              </Badge>
            </Group>
            <Text size="sm" c="dimmed" role="status" aria-live="polite">
              {text}
            </Text>
          </div>
          <Group gap="xs">
            {configId !== undefined && (
              <Button component={Link} href={`${address}?new&from=${configId}`} variant="default" size="xs">
                Schedule again
              </Button>
            )}
            <EndButton datasetId={datasetId} row={row} />
          </Group>
        </Group>
        {run && !hasEnded(run.state) && <RunProgressLine runId={run.id} />}
        <Tabs
          keepMounted={false}
          value={tab}
          onChange={(value) =>
            setParameters((now) => {
              const next = new URLSearchParams(now);
              next.set("show", value ?? "course");
              return next;
            })
          }
        >
          <Tabs.List>
            <Tabs.Tab value="course">Course</Tabs.Tab>
            <Tabs.Tab value="report" disabled={!hasReport}>
              Report
            </Tabs.Tab>
            <Tabs.Tab value="files" disabled={files.length === 0}>
              Files
            </Tabs.Tab>
            <Tabs.Tab value="configuration" disabled={configId === undefined}>
              Configuration
            </Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="course" pt="md">
            {run ? <Course datasetId={datasetId} run={run} /> : <Text c="dimmed">Nothing has happened yet.</Text>}
          </Tabs.Panel>
          <Tabs.Panel value="report" pt="md">
            {run && hasReport && <Report run={run} pageId={page?.id} />}
          </Tabs.Panel>
          <Tabs.Panel value="files" pt="md">
            {run && <Files run={run} />}
          </Tabs.Panel>
          <Tabs.Panel value="configuration" pt="md">
            {configId !== undefined && <Configuration configId={configId} />}
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </PageFrame>
  );
}

/** Cancels what no worker has taken yet, aborts what one is doing. */
function EndButton({ datasetId, row: { scheduled, run } }: { readonly datasetId: string; readonly row: RunRow }) {
  const queries = useQueryClient();
  const again = () => Promise.all([queries.invalidateQueries({ queryKey: ["docker"] }), queries.invalidateQueries({ queryKey: ["dataset", datasetId] })]);
  if (run && !hasEnded(run.state)) {
    const ask = () =>
      modals.openConfirmModal({
        title: "Abort the run?",
        children: <Text size="sm">The worker stops within seconds. Unless it has begun to upload, the dataset stays as it was.</Text>,
        labels: { confirm: "Abort the run", cancel: "Let it run" },
        confirmProps: { color: "red" },
        onConfirm: () => {
          void call(routes.updateRun, { path: { runId: run.id }, body: { state: "ABORTED", message: "Aborted in the web app." } }).then(
            () => (said("The run was aborted."), again()),
            (error: unknown) => failed("The run goes on", error),
          );
        },
      });
    return (
      <Button color="red" variant="light" size="xs" onClick={ask}>
        Abort
      </Button>
    );
  }
  if (run || scheduled?.state !== "OPEN") return null;
  const cancel = async () => {
    try {
      await call(routes.cancelScheduledRun, { path: { datasetId, scheduledId: scheduled.id } });
      said("The run was canceled. “Schedule again” brings it back.");
      await again();
    } catch (error) {
      failed("The run stays scheduled", error);
    }
  };
  return (
    <Button variant="default" size="xs" onClick={() => void cancel()}>
      Cancel
    </Button>
  );
}

function Course({ datasetId, run }: { readonly datasetId: string; readonly run: DockerRunData }) {
  const [now, setNow] = useState(Date.now());
  const going = !hasEnded(run.state);
  useEffect(() => {
    if (!going) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [going]);
  const tags = useQuery({ queryKey: ["docker", "tags", run.id], queryFn: ({ signal }) => call(routes.runTags, { path: { runId: run.id }, signal }), enabled: run.state === "COMPLETED" });
  const stages = stagesOf(run, now);
  return (
    <Stack gap="md">
      {tags.data && tags.data.length > 0 && (
        <Text size="sm">
          Made{" "}
          {tags.data.map(({ id, name }, i) => (
            <span key={id}>
              {i > 0 && ", "}
              <Anchor component={Link} underline="always" href={`${addressOfScreen(datasetId, "tags")}?tag=${id}`}>
                {name}
              </Anchor>
            </span>
          ))}
        </Text>
      )}
      {stages.length === 0 ? (
        <Text c="dimmed">The run has not told anything yet.</Text>
      ) : (
        <ol className={classes["stages"]} aria-label="Stages">
          {stages.map((stage, i) => (
            <li key={i} className={classes["stage"]} data-colour={lookOf(stage.state).colour} data-current={going && i === stages.length - 1}>
              <Group justify="space-between" gap="xs" wrap="nowrap">
                <Text fw={560} size="sm">
                  {stage.label}
                </Text>
                <Text size="xs" c="dimmed" title={timeText(stage.since)} style={{ flex: "none" }}>
                  {stage.tookMs === undefined ? timeText(stage.since) : durationText(stage.tookMs)}
                </Text>
              </Group>
              {stage.messages.map(({ text }, j) => (
                <Text key={j} size="sm" c={stage.state === "FAILED" ? undefined : "dimmed"} style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
                  {text}
                </Text>
              ))}
            </li>
          ))}
        </ol>
      )}
      <Text size="xs" c="dimmed">
        Run {run.id} · worker {run.dockerVersion}
      </Text>
    </Stack>
  );
}

/** Where the run's report is as a page; workers of others make none. */
async function pageOf(runId: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await call(routes.reportPageUrl, { path: { runId }, signal });
  } catch (error) {
    if (error instanceof RequestError && error.status === 404) return undefined;
    throw error;
  }
}

/** The report as a page, in a frame that runs no scripts; where there is only a document, a way to it. */
function Report({ run, pageId }: { readonly run: DockerRunData; readonly pageId: string | undefined }) {
  const report = useQuery({
    queryKey: ["report", run.id, pageId],
    queryFn: async ({ signal }) => {
      const address = pageId === undefined ? await pageOf(run.id, signal) : await call(routes.artifactUrl, { path: { runId: run.id, artifactId: pageId }, signal });
      if (address === undefined) return { address: await call(routes.reportUrl, { path: { runId: run.id }, signal }) };
      // A file in somebody's bucket can't be read into the page; it can be opened.
      if (new URL(address, window.location.href).origin !== window.location.origin) return { address };
      return { address, page: await textOf(address, signal) };
    },
    staleTime: 60_000,
  });
  if (report.error) return <Problem order={2} what="The report" error={report.error} retry={() => void report.refetch()} />;
  if (!report.data) return <Loading order={2} what="Loading the report" />;
  return (
    <Stack gap="sm">
      <Anchor href={report.data.address} target="_blank" rel="noreferrer" size="sm">
        Open the report
      </Anchor>
      {report.data.page !== undefined && <iframe className={classes["report"]} title="Report" sandbox="" srcDoc={report.data.page} />}
    </Stack>
  );
}

const kinds: Readonly<Record<string, string>> = { LOG: "Log", MEMLOG: "Memory log", CHECKPOINT: "Model", REPORT_PDF: "Report (PDF)", REPORT_JSON: "Report (JSON)", REPORT_V2_JSON: "Report (JSON, newer form)", CORRUPTNESS_CHECK_INFORMATION: "Broken files", SEQUENCE_INFORMATION: "Sequences", RELEVANT_FILENAMES: "Relevant file names" };

function Files({ run }: { readonly run: DockerRunData }) {
  const [busy, setBusy] = useState<string>();
  const download = async (artifactId: string, fileName: string) => {
    setBusy(artifactId);
    try {
      const address = await call(routes.artifactUrl, { path: { runId: run.id, artifactId } });
      const link = document.createElement("a");
      link.href = address;
      link.download = fileName;
      link.rel = "noreferrer";
      link.click();
    } catch (error) {
      failed("The file can't be downloaded", error);
    }
    setBusy(undefined);
  };
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>File</Table.Th>
            <Table.Th>What it is</Table.Th>
            <Table.Th>Made</Table.Th>
            <Table.Th>
              <VisuallyHidden>Download</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {(run.artifacts ?? []).map(({ id, fileName, type, createdAt }) => (
            <Table.Tr key={id}>
              <Table.Td>{fileName}</Table.Td>
              <Table.Td>{fileName.endsWith(".html") ? "Report (page)" : (kinds[type] ?? type)}</Table.Td>
              <Table.Td>{createdAt === undefined ? "" : timeText(createdAt)}</Table.Td>
              <Table.Td ta="right">
                <Button size="compact-sm" variant="default" leftSection={<DownloadIcon size={14} />} loading={busy === id} aria-label={`Download ${fileName}`} onClick={() => void download(id, fileName)}>
                  Download
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Configuration({ configId }: { readonly configId: string }) {
  const configuration = useQuery({ queryKey: ["configuration", configId], queryFn: ({ signal }) => call(routes.runConfiguration, { path: { configId }, signal }), staleTime: Number.POSITIVE_INFINITY });
  if (configuration.error) return <Problem order={2} what="The configuration" error={configuration.error} retry={() => void configuration.refetch()} />;
  if (!configuration.data) return <Loading order={2} what="Loading the configuration" />;
  const texts = textsOf({ ...configuration.data.config, decimals: configuration.data.decimals });
  return (
    <Stack gap="md">
      {parts.map(
        (part) =>
          texts[part] !== "" && (
            <div key={part}>
              <Text size="sm" fw={560} mb={4}>
                {{ docker: "Worker", lightly: "Model and loader", selection: "Selection" }[part]}
              </Text>
              <Code block tabIndex={0}>
                {texts[part]}
              </Code>
            </div>
          ),
      )}
    </Stack>
  );
}
