import { ActionIcon, Anchor, Button, Group, Paper, Progress, Stack, Text } from "@mantine/core";
import { XIcon } from "@primer/octicons-react";
import { Link } from "wouter";
import classes from "./uploads-panel.module.css";
import { type Upload, dismissUpload, stopUpload, useUploads } from "./uploads.ts";

/** What is being uploaded, whatever screen is shown. */
export function UploadsPanel() {
  const uploads = useUploads();
  if (uploads.length === 0) return null;
  return (
    <Paper withBorder shadow="lg" className={classes["panel"] ?? ""} role="region" aria-label="Uploads">
      <Stack gap="sm">
        {uploads.map((upload) => (
          <Line key={upload.id} upload={upload} />
        ))}
      </Stack>
    </Paper>
  );
}

function Line({ upload }: { readonly upload: Upload }) {
  const { id, datasetId, datasetName, total, done, state, broken, problem } = upload;
  const over = state === "finished" || state === "stopped" || state === "failed";
  return (
    <div>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Anchor component={Link} href={`/datasets/${datasetId}`} size="sm" fw={560} truncate>
          {datasetName}
        </Anchor>
        {over ? (
          <ActionIcon size={24} aria-label={`Close the note on ${datasetName}`} onClick={() => dismissUpload(id)}>
            <XIcon size={14} />
          </ActionIcon>
        ) : (
          <Button size="compact-xs" variant="default" onClick={() => stopUpload(id)}>
            Stop
          </Button>
        )}
      </Group>
      {!over && <Progress mt={6} size="sm" value={total > 0 ? (100 * done) / total : 0} aria-label={`${datasetName}: ${done} of ${total} images`} />}
      <Text size="xs" c={state === "failed" ? "red" : "dimmed"} mt={4} role={state === "failed" ? "alert" : "status"}>
        {said(upload)}
      </Text>
      {problem && (
        <Text size="xs" mt={2}>
          {problem} Drop the same folder on the dataset’s name again to go on.
        </Text>
      )}
      {broken.length > 0 && over && (
        <Text size="xs" c="dimmed" mt={2} title={broken.slice(0, 40).join("\n")}>
          {broken.length.toLocaleString()} {broken.length === 1 ? "file is" : "files are"} broken and left out: {broken.slice(0, 2).join(", ")}
          {broken.length > 2 ? " …" : ""}
        </Text>
      )}
    </div>
  );
}

function said({ state, done, total, startedMs, bytesDone }: Upload): string {
  if (state === "finished") return `${done === 1 ? "1 image is" : `${done.toLocaleString()} images are`} here. Open the dataset to look at them, and to embed them for a map.`;
  if (state === "stopped") return `Stopped at ${done.toLocaleString()} of ${total.toLocaleString()}. Add the same folder again to go on.`;
  if (state === "failed") return `Ended at ${done.toLocaleString()} of ${total.toLocaleString()}.`;
  if (state === "waiting") return "The server doesn’t answer; this goes on by itself when it is back.";
  const seconds = (Date.now() - startedMs) / 1000;
  const rate = seconds > 1 && bytesDone > 0 ? ` · ${(bytesDone / 1e6 / seconds).toFixed(1)} MB/s` : "";
  return `${done.toLocaleString()} of ${total.toLocaleString()} images${rate}`;
}
