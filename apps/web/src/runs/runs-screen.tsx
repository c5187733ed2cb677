import { Alert, Anchor, Badge, Button, Group, Stack, Text, Title } from "@mantine/core";
import { PlayIcon } from "@primer/octicons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "wouter";
import { agoText, timeText } from "../amounts.ts";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { addressOfScreen } from "../dataset/dataset-page.tsx";
import { useDatasources } from "../datasource/use-datasources.ts";
import { PageFrame } from "../shell/page-frame.tsx";
import { Loading } from "../states/loading.tsx";
import { NothingHere } from "../states/nothing-here.tsx";
import { Problem } from "../states/problem.tsx";
import { onlineCount, useWorkers } from "../workers/use-workers.ts";
import { RunDetails } from "./run-details.tsx";
import { type RunRow, runRows, situation } from "./run-states.ts";
import { RunProgressLine } from "./run-progress-line.tsx";
import { ScheduleForm } from "./schedule-form.tsx";
import classes from "./runs.module.css";

/** Without a state the server lists only what is still to be done. */
async function everyState(datasetId: string, signal: AbortSignal) {
  const queries = [{}, { state: "DONE" }, { state: "CANCELED" }] as const;
  return (await Promise.all(queries.map((query) => call(routes.scheduledRuns, { path: { datasetId }, query: { ...query, pageSize: shownMax }, signal })))).flat();
}

const shownMax = 2000;

/** Runs of a dataset: what waits, what is being done and what was; a new one; everything about one. */
export function RunsScreen({ datasetId }: { readonly datasetId: string }) {
  const scheduled = useQuery({ queryKey: ["docker", "scheduled", datasetId], queryFn: ({ signal }) => everyState(datasetId, signal) });
  const runs = useQuery({ queryKey: ["docker", "runs", datasetId], queryFn: ({ signal }) => call(routes.runs, { path: { datasetId }, query: { pageSize: shownMax }, signal }) });
  const workers = useWorkers();
  const datasources = useDatasources(datasetId);
  const [parameters] = useSearchParams();
  const address = addressOfScreen(datasetId, "runs");
  const error = scheduled.error ?? runs.error;
  if (error && !(scheduled.data && runs.data)) return <Problem what="The runs" error={error} retry={() => void Promise.all([scheduled.refetch(), runs.refetch(), workers.refetch(), datasources.refetch()])} />;
  if (!scheduled.data || !runs.data) return <Loading what="Loading the runs" />;
  const rows = runRows(scheduled.data, runs.data);
  const online = onlineCount(workers.data);
  if (parameters.has("new")) return <ScheduleForm datasetId={datasetId} from={parameters.get("from") ?? undefined} workers={workers.data ?? []} />;
  const asked = parameters.get("run");
  const row = rows.find(({ id, run }) => id === asked || run?.id === asked);
  if (asked !== null) {
    return row ? <RunDetails key={row.id} datasetId={datasetId} row={row} workers={online} /> : <NothingHere title="There is no such run" text="It may belong to another dataset.">{<Anchor component={Link} href={address}>All runs</Anchor>}</NothingHere>;
  }
  const connected = datasources.data === undefined || datasources.data.length > 0;
  return (
    <PageFrame width="94rem">
      <Stack gap="md">
        <Group justify="space-between">
          <Title order={1} size="h2">
            Runs
          </Title>
          {connected && (
            <Button component={Link} href={`${address}?new`} leftSection={<PlayIcon />}>
              Schedule a run
            </Button>
          )}
        </Group>
        {!connected ? (
          <NothingHere order={2} title="Connect a datasource first" text="A run reads the files of a bucket or folder, selects the best of them and puts these into the dataset.">
            <Button component={Link} href={addressOfScreen(datasetId, "datasource")}>
              To the datasource
            </Button>
          </NothingHere>
        ) : (
          <>
            {online === 0 && (
              <Alert color="yellow" title="No worker is running">
                Runs wait until a worker takes them.{" "}
                <Anchor component={Link} href="/workers" inherit c="inherit" underline="always">
                  How to start one
                </Anchor>
              </Alert>
            )}
            {rows.length === 0 ? (
              <NothingHere order={2} title="No runs yet" text="Schedule the first: it checks the files of the datasource, embeds and selects them, and writes a report." />
            ) : (
              <div className={classes["list"]} role="list" aria-label="Runs">
                {rows.map((one) => (
                  <Row key={one.id} row={one} workers={online} address={`${address}?run=${one.id}`} />
                ))}
              </div>
            )}
          </>
        )}
      </Stack>
    </PageFrame>
  );
}

function Row({ row, workers, address }: { readonly row: RunRow; readonly workers: number | undefined; readonly address: string }) {
  const { label, colour, text, active } = situation(row, workers);
  return (
    <div role="listitem">
      <Link href={address} className={classes["row"] ?? ""}>
        <Badge variant="light" color={colour} style={{ justifySelf: "start" }}>
          {label}
        </Badge>
        <span>
          <Text span size="sm" lineClamp={1}>
            {text || "–"}
          </Text>
          {row.run && active && <RunProgressLine runId={row.run.id} />}
        </span>
        <Text span size="xs" c="dimmed" ta="right" title={timeText(row.createdAt)}>
          {row.scheduled && row.scheduled.priority !== "MID" && `${row.scheduled.priority.toLowerCase()} · `}
          {agoText(row.createdAt)}
        </Text>
      </Link>
    </div>
  );
}
