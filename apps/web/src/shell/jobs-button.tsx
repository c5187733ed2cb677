import { ActionIcon, Badge, Group, Indicator, Popover, Progress, ScrollArea, Stack, Text, Button } from "@mantine/core";
import { PulseIcon } from "@primer/octicons-react";
import type { JobStatusData, JobsData } from "@winnow/contract";
import { wasCancelled } from "../jobs/cancelled.ts";
import { jobNames } from "../jobs/job-names.ts";
import { useCancelJob } from "../jobs/use-cancel-job.ts";
import { isUnderWay, useJobs } from "../jobs/use-jobs.ts";

const shownMax = 20;

/** Long work in the background: how far it is, and a way to stop it. */
export function JobsButton() {
  const { latest: list, statusOf } = useJobs(shownMax);
  const underWay = list.filter(isUnderWay);
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
              list.map((job) => <JobLine key={job.id} job={job} status={statusOf.get(job.jobId)} />)
            )}
          </Stack>
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}

function JobLine({ job, status }: { readonly job: JobsData; readonly status: JobStatusData | undefined }) {
  const cancel = useCancelJob();
  const { processed = 0, total = 0 } = status?.meta ?? {};
  return (
    <div>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{jobNames[job.jobType]}</Text>
        {isUnderWay(job) ? (
          <Button size="compact-xs" variant="default" onClick={() => void cancel(job.jobId)}>
            Cancel
          </Button>
        ) : (
          <Badge size="sm" variant="light" color={job.status === "FAILED" && !wasCancelled(status) ? "red" : "gray"}>
            {wasCancelled(status) ? "cancelled" : job.status === "FAILED" ? "failed" : "done"}
          </Badge>
        )}
      </Group>
      {isUnderWay(job) && <Progress mt={4} size="sm" value={total > 0 ? (100 * processed) / total : 0} animated aria-label={`${jobNames[job.jobType]}: ${processed} of ${total}`} />}
    </div>
  );
}
