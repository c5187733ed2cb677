import { Alert, Button, FileButton, Group, Modal, SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { FileDirectoryIcon, UploadIcon } from "@primer/octicons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { useLocation } from "wouter";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { addressOfScreen } from "../dataset/dataset-page.tsx";
import { screens } from "../dataset/screens.ts";
import { messageOf } from "../states/problem.tsx";
import { type Found, chosenFiles } from "../upload/dropped-files.ts";
import { datasetNameFrom, planUpload } from "../upload/upload-plan.ts";
import { startUpload } from "../upload/uploads.ts";

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9 _-]+$/;
type Way = "files" | "name" | "datasource";

interface NewDatasetProps {
  readonly datasets: readonly { readonly id: string; readonly name: string }[];
  readonly opened: boolean;
  readonly onClose: () => void;
  /** What was dropped on the page. */
  readonly found: Found | undefined;
}

/** A new dataset: from a folder of images, from a datasource, or empty. */
export function NewDataset({ datasets, opened, onClose, found }: NewDatasetProps) {
  const queries = useQueryClient();
  const [, go] = useLocation();
  const datasource = screens.find(({ path }) => path.startsWith("datasource"));
  const [way, setWay] = useState<Way>("files");
  const [chosen, setChosen] = useState<Found>();
  const [name, setName] = useState("");
  const [existing, setExisting] = useState<string | null>(null);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const folderInput = useRef<HTMLInputElement>(null);
  const taken = useMemo(() => new Set(datasets.map((dataset) => dataset.name)), [datasets]);
  const files = chosen ?? found;
  const plan = useMemo(() => files && planUpload(files.files), [files]);
  useEffect(() => {
    if (!opened) return;
    setProblem(undefined);
    setChosen(undefined);
    setExisting(null);
    setWay("files");
    setName(found ? datasetNameFrom(found.folder, taken) : "");
  }, [opened, found]);
  useEffect(() => {
    if (chosen) setName(datasetNameFrom(chosen.folder, taken));
  }, [chosen]);

  const complaint = existing === null && taken.has(name.trim()) ? "There is a dataset of this name. Choose it below to add to it." : name.trim().length >= 3 && !namePattern.test(name.trim()) ? "Letters, digits, blanks, _ and - only; the first a letter or digit." : undefined;
  const ready = (existing !== null || (name.trim().length >= 3 && complaint === undefined)) && (way !== "files" || (plan?.files.length ?? 0) > 0);
  const make = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const id = existing ?? (await call(routes.createDataset, { body: { name: name.trim(), creator: "USER_WEBAPP" } })).id;
      const changed = () => Promise.all([queries.invalidateQueries({ queryKey: ["datasets"] }), queries.invalidateQueries({ queryKey: ["dataset", id] })]);
      await changed();
      if (way === "files" && plan) startUpload(id, datasets.find((dataset) => dataset.id === existing)?.name ?? name.trim(), plan.files, () => void changed());
      onClose();
      if (way === "name") go(`/datasets/${id}`);
      if (way === "datasource" && datasource) go(addressOfScreen(id, datasource.path));
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={opened} onClose={onClose} title="New dataset" size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void make();
        }}
      >
        <Stack>
          <SegmentedControl
            aria-label="Where its samples come from"
            value={way}
            onChange={(value) => setWay(value as Way)}
            data={[{ value: "files", label: "From a folder" }, ...(datasource ? [{ value: "datasource", label: "From a datasource" }] : []), { value: "name", label: "Empty" }]}
          />
          {way === "files" && (
            <>
              <Group>
                <input
                  ref={folderInput}
                  type="file"
                  hidden
                  multiple
                  {...{ webkitdirectory: "" }}
                  aria-label="Folder of images"
                  onChange={(event) => {
                    const list = event.currentTarget.files;
                    if (list && list.length > 0) setChosen(chosenFiles(list));
                  }}
                />
                <Button variant="default" leftSection={<FileDirectoryIcon />} onClick={() => folderInput.current?.click()}>
                  Choose a folder
                </Button>
                <FileButton multiple accept="image/*" onChange={(list) => list.length > 0 && setChosen({ files: list.map((file) => ({ name: file.name, file })), folder: undefined })}>
                  {(props) => (
                    <Button variant="default" leftSection={<UploadIcon />} {...props}>
                      Choose images
                    </Button>
                  )}
                </FileButton>
                <Text size="sm" c="dimmed">
                  or drop them anywhere on this page
                </Text>
              </Group>
              {plan && (
                <Text size="sm" role="status">
                  {plan.files.length.toLocaleString()} {plan.files.length === 1 ? "image" : "images"}, {(plan.files.reduce((sum, { file }) => sum + file.size, 0) / 1e6).toFixed(1)} MB.
                  {plan.left.length > 0 && ` Left out: ${reasons(plan.left)}.`}
                </Text>
              )}
              <Text size="xs" c="dimmed">
                Images are sent to this server as they are, with thumbnails made here in the browser. Nothing goes anywhere else.
              </Text>
            </>
          )}
          {way === "datasource" && (
            <Text size="sm" c="dimmed">
              Images stay where they are: in a folder that the server may read, behind a web address, or in a bucket. The next page connects it and checks what works.
            </Text>
          )}
          {existing === null && <TextInput label="Name" required minLength={3} maxLength={255} value={name} onChange={(event) => setName(event.currentTarget.value)} error={complaint} data-autofocus={way !== "files"} />}
          {way === "files" && datasets.length > 0 && (
            <Select label="Or add to a dataset that is there" description="An upload that was interrupted goes on this way" placeholder="A new dataset" clearable searchable data={datasets.map((dataset) => ({ value: dataset.id, label: dataset.name }))} value={existing} onChange={setExisting} />
          )}
          {problem && (
            <Alert color="red" variant="light" role="alert">
              {problem}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!ready} loading={busy}>
              {way === "files" ? "Upload" : "Create"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function reasons(left: readonly { readonly reason: string }[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of left) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count.toLocaleString()} (${reason})`).join(", ");
}
