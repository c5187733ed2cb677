import { Anchor, Badge, Button, Progress, Table, Text, VisuallyHidden } from "@mantine/core";
import type { JobStatusData, JobsData } from "@winnow/contract";
import { Link } from "wouter";
import { agoText, countText, durationText, timeText } from "../amounts.ts";
import { addressOfScreen } from "../dataset/dataset-page.tsx";
import { useDatasetNames } from "../dataset/use-dataset-names.ts";
import { Page } from "../shell/page.tsx";
import { Loading } from "../states/loading.tsx";
import { NothingHere } from "../states/nothing-here.tsx";
import { Problem } from "../states/problem.tsx";
import { wasCancelled } from "./cancelled.ts";
import { jobNames } from "./job-names.ts";
import { useCancelJob } from "./use-cancel-job.ts";
import { isUnderWay, useJobs } from "./use-jobs.ts";

const shownMax = 200;

/** What the server computes in the background: how far it is, how it ended, a way to stop it. */
export function JobsPage() {
  const { query: jobs, latest: list, statusOf } = useJobs(shownMax);
  const nameOf = useDatasetNames();
  if (jobs.error && !jobs.data) return <Problem what="The jobs" error={jobs.error} retry={() => void jobs.refetch()} />;
  if (!jobs.data) return <Loading what="Loading the jobs" />;
  return (
    <Page title="Jobs">
      {list.length === 0 ? (
        <NothingHere order={2} title="Nothing has run yet" text="Selections and maps are computed in the background and show up here." />
      ) : (
        <Table.ScrollContainer minWidth={340}>
          <Table aria-label="Jobs" verticalSpacing="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>What</Table.Th>
                <Table.Th>Dataset</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th visibleFrom="sm">Begun</Table.Th>
                <Table.Th>
                  <VisuallyHidden>Cancel</VisuallyHidden>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {list.map((job) => (
                <JobRow key={job.id} job={job} status={statusOf.get(job.jobId)} dataset={job.datasetId === undefined ? undefined : nameOf.get(job.datasetId)} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {jobs.data.length > shownMax && (
        <Text size="sm" c="dimmed">
          The latest {shownMax} of {countText(jobs.data.length)}.
        </Text>
      )}
    </Page>
  );
}

function JobRow({ job, status, dataset }: { readonly job: JobsData; readonly status: JobStatusData | undefined; readonly dataset: string | undefined }) {
  const cancel = useCancelJob();
  const { processed = 0, total = 0 } = status?.meta ?? {};
  const name = jobNames[job.jobType];
  const isCancelled = wasCancelled(status);
  return (
    <Table.Tr>
      <Table.Td>{name}</Table.Td>
      <Table.Td>{job.datasetId !== undefined && dataset !== undefined ? (
          <Anchor component={Link} href={addressOfScreen(job.datasetId, "")} inherit>
            {dataset}
          </Anchor>
        ) : job.datasetId === undefined ? "" : "deleted"}</Table.Td>
      <Table.Td style={{ minWidth: 120 }}>
        {isUnderWay(job) ? (
          <>
            <Text size="sm">{job.status === "WAITING" ? "Waiting for its turn" : total > 0 ? `${countText(processed)} of ${countText(total)}` : "Running"}</Text>
            <Progress mt={4} size="sm" value={total > 0 ? (100 * processed) / total : 0} aria-label={`${name}: ${processed} of ${total}`} />
          </>
        ) : (
          <>
            <Badge variant="light" color={isCancelled ? "gray" : job.status === "FAILED" ? "red" : job.status === "FINISHED" ? "leaf" : "gray"}>
              {isCancelled ? "Cancelled" : job.status === "FAILED" ? "Failed" : job.status === "FINISHED" ? "Done" : job.status.toLowerCase()}
            </Badge>
            {status?.error !== undefined && !isCancelled && (
              <Text size="sm" c="dimmed" mt={4}>
                {status.error}
              </Text>
            )}
          </>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm" title={timeText(job.createdAt)}>
        {agoText(job.createdAt)}
        {job.finishedAt !== undefined && (
          <Text span size="xs" c="dimmed">
            {" "}
            · took {durationText(job.finishedAt - job.createdAt)}
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="right">
        {isUnderWay(job) && (
          <Button size="compact-sm" variant="default" onClick={() => void cancel(job.jobId)} aria-label={`Cancel: ${name}`}>
            Cancel
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
