import { ActionIcon, Badge, Group, Indicator, Popover, Progress, ScrollArea, Stack, Text, Button } from "@mantine/core";
import { PulseIcon } from "@primer/octicons-react";
import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import type { JobStatusData, JobsData } from "@winnow/contract";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { wasCancelled } from "../jobs/cancelled.ts";
import { failed, said } from "../states/said.ts";

const names: Readonly<Record<string, string>> = { SAMPLING: "Selection", EMBEDDINGS2D: "Map", EMBEDDING: "Embedding", DATASET_PROCESSING: "Near-duplicates, outliers, clusters", IMAGEMETA: "Image metadata" };

/** Long work in the background: how far it is, and a way to stop it. */
export function JobsButton() {
  const jobs = useQuery({
    queryKey: ["jobs"],
    queryFn: ({ signal }) => call(routes.jobs, { signal }),
    refetchInterval: (query) => (query.state.data?.some(isUnderWay) ? 2000 : false),
  });
  const list = (jobs.data ?? []).toSorted((a, b) => b.createdAt - a.createdAt).slice(0, 20);
  const underWay = list.filter(isUnderWay);
  const details = useQueries({ queries: list.filter((job) => isUnderWay(job) || job.status === "FAILED").map((job) => ({ queryKey: ["jobs", job.jobId], queryFn: () => call(routes.job, { path: { jobId: job.jobId } }), refetchInterval: isUnderWay(job) ? 1000 : (false as const) })) });
  const progress = new Map(details.flatMap(({ data }) => (data ? [[data.id, data] as const] : [])));
  return (
    <Popover position="bottom-end" width={340} withArrow shadow="md">
      <Indicator disabled={underWay.length === 0} label={underWay.length} size={16} inline offset={5}>
        <Popover.Target>
          <ActionIcon size="lg" aria-label={underWay.length === 0 ? "Jobs" : `Jobs: ${underWay.length} under way`}>
            <PulseIcon />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown p={0}>
        <ScrollArea.Autosize mah={420}>
          <Stack gap="sm" p="sm" aria-label="Jobs">
            {list.length === 0 ? (
              <Text size="sm" c="dimmed">
                Nothing has run yet. Selections and maps show up here while they are computed.
              </Text>
            ) : (
              list.map((job) => <JobLine key={job.id} job={job} status={progress.get(job.jobId)} />)
            )}
          </Stack>
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}

function isUnderWay({ status }: { readonly status: string }): boolean {
  return status === "WAITING" || status === "RUNNING";
}

function JobLine({ job, status }: { readonly job: JobsData; readonly status: JobStatusData | undefined }) {
  const queries = useQueryClient();
  const { processed = 0, total = 0 } = status?.meta ?? {};
  const cancel = async () => {
    try {
      await call(routes.cancelJob, { path: { jobId: job.jobId } });
      said("The job was cancelled.");
      await queries.invalidateQueries({ queryKey: ["jobs"] });
    } catch (error) {
      failed("The job goes on", error);
    }
  };
  return (
    <div>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{names[job.jobType] ?? job.jobType}</Text>
        {isUnderWay(job) ? (
          <Button size="compact-xs" variant="default" onClick={() => void cancel()}>
            Cancel
          </Button>
        ) : (
          <Badge size="sm" variant="light" color={job.status === "FAILED" && !wasCancelled(status) ? "red" : "gray"}>
            {wasCancelled(status) ? "cancelled" : job.status === "FAILED" ? "failed" : "done"}
          </Badge>
        )}
      </Group>
      {isUnderWay(job) && <Progress mt={4} size="sm" value={total > 0 ? (100 * processed) / total : 0} animated aria-label={`${names[job.jobType] ?? job.jobType}: ${processed} of ${total}`} />}
    </div>
  );
}
