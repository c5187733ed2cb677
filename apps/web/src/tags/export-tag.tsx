import { Alert, Button, Checkbox, Code, Group, NumberInput, Select, Stack, Title } from "@mantine/core";
import { CopyIcon, DownloadIcon } from "@primer/octicons-react";
import { useQuery } from "@tanstack/react-query";
import type { TagData } from "@winnow/contract";
import { useState } from "react";
import { countOf } from "../amounts.ts";
import { call, textOf } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { ChoiceCards } from "../fields/choice-cards.tsx";
import { messageOf } from "../states/problem.tsx";
import { failed, said } from "../states/said.ts";
import { type ExportChoice, exportAddress, exportFileName, exportFormats, legible } from "./export-formats.ts";
import { sizeOf } from "./masks.ts";
import classes from "./tags.module.css";

/** A tag for other tools: what it looks like, then to the clipboard or into a file. */
export function ExportTag({ datasetId, tag }: { readonly datasetId: string; readonly tag: TagData }) {
  const [id, setId] = useState("names");
  const [given, setChoice] = useState<ExportChoice>({ days: 7, closed: false, metadata: false, scoreMin: 0 });
  const [copying, setCopying] = useState(false);
  const format = exportFormats.find((one) => one.id === id)!;
  const versions = useQuery({ queryKey: ["dataset", datasetId, "prediction-versions"], queryFn: ({ signal }) => call(routes.predictionVersions, { path: { datasetId }, signal }), enabled: format.predictions === true });
  // Classes of whole images are no annotations.
  const tasks = [...new Set((versions.data ?? []).flatMap((version) => version.tasks.filter(({ type }) => type !== "CLASSIFICATION").map(({ name }) => name)))];
  const task = format.predictions ? (given.task ?? tasks[0]) : undefined;
  const choice = { ...given, task };
  const preview = useQuery({
    queryKey: ["dataset", datasetId, "export", tag.id, id, choice],
    queryFn: ({ signal }) => textOf(exportAddress(datasetId, tag.id, format, choice, true), signal),
    enabled: !format.archive && !(format.predictions && versions.isPending),
  });
  const address = exportAddress(datasetId, tag.id, format, choice, false);
  const copy = async () => {
    setCopying(true);
    try {
      await navigator.clipboard.writeText(legible(await textOf(address)));
      said(`${format.title}: copied.`);
    } catch (error) {
      failed("Nothing was copied", error);
    }
    setCopying(false);
  };
  const size = sizeOf(tag);
  return (
    <Stack gap="lg">
      <ChoiceCards label="Format" choices={exportFormats} value={id} onChange={setId} width={220} />
      {(format.addresses || format.metadata) && (
        <Group align="flex-end" gap="lg">
          {format.addresses && (
            <>
              <NumberInput label="Addresses work for" suffix=" days" min={1} max={365} value={choice.days} onChange={(days) => typeof days === "number" && days >= 1 && setChoice({ ...choice, days })} w={190} />
              <Checkbox mb={8} label="Only for signed-in users" checked={choice.closed} onChange={(event) => setChoice({ ...choice, closed: event.currentTarget.checked })} />
            </>
          )}
          {format.metadata && <Checkbox mb={8} label="With metadata" checked={choice.metadata} onChange={(event) => setChoice({ ...choice, metadata: event.currentTarget.checked })} />}
        </Group>
      )}
      {format.predictions && tasks.length > 0 && (
        <Group align="flex-end" gap="lg">
          <Select label="Predictions of" data={tasks} value={task ?? null} allowDeselect={false} onChange={(name) => name !== null && setChoice({ ...choice, task: name })} w={240} />
          <NumberInput label="With a score of at least" min={0} max={1} step={0.05} decimalScale={4} clampBehavior="strict" value={choice.scoreMin} onChange={(scoreMin) => typeof scoreMin === "number" && setChoice({ ...choice, scoreMin })} w={190} />
        </Group>
      )}
      {format.predictions && versions.data && tasks.length === 0 && <Alert color="yellow">There are no boxes, masks or key points in this dataset: the file lists the images alone.</Alert>}
      {size === 0 && <Alert color="yellow">The tag is empty, and so is the export.</Alert>}
      <Group gap="xs">
        <Button component="a" href={address} download={exportFileName(tag.name, format)} leftSection={<DownloadIcon />}>
          Download {countOf(size, "sample")}
        </Button>
        {!format.archive && (
          <Button variant="default" leftSection={<CopyIcon />} loading={copying} onClick={() => void copy()}>
            Copy
          </Button>
        )}
      </Group>
      {!format.archive && (
        <div>
          <Title order={2} size="h5" mb={6}>
            How it begins
          </Title>
          {preview.error ? (
            <Alert color="red" title="There is no preview">
              {messageOf(preview.error)}
            </Alert>
          ) : (
            <Code block className={classes["preview"]} aria-label="Preview" tabIndex={0} aria-busy={preview.isPending}>
              {preview.data === undefined ? "…" : legible(preview.data)}
            </Code>
          )}
        </div>
      )}
    </Stack>
  );
}
