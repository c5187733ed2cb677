import { ActionIcon, Anchor, Button, Group, Stack, Tabs, Text, TextInput, Title, Tooltip } from "@mantine/core";
import { modals } from "@mantine/modals";
import { PencilIcon, TrashIcon } from "@primer/octicons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { TagData } from "@winnow/contract";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { countOf, shareText, timeText } from "../amounts.ts";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { useColumns } from "../columns/use-columns.ts";
import { addressOfScreen } from "../dataset/dataset-page.tsx";
import { Picture } from "../pictures/picture.tsx";
import pictures from "../pictures/pictures.module.css";
import { failed, said } from "../states/said.ts";
import { CompareTags } from "./compare-tags.tsx";
import { ExportTag } from "./export-tag.tsx";
import { maskOf, sizeOf } from "./masks.ts";
import { isInitial, nameProblem, reasonToKeep } from "./tag-tree.ts";
import classes from "./tags.module.css";
import type { TagTask } from "./tags-screen.tsx";

interface Properties {
  readonly datasetId: string;
  readonly tag: TagData;
  /** What it is compared with. */
  readonly other: TagData | undefined;
  readonly tags: readonly TagData[];
  readonly task: TagTask;
  readonly change: (changes: Readonly<Record<string, string | undefined>>) => void;
}

export function TagDetails({ datasetId, tag, other, tags, task, change }: Properties) {
  const [renaming, setRenaming] = useState(false);
  const queries = useQueryClient();
  const kept = reasonToKeep(tag, tags);
  const initial = isInitial(tag, tags);
  const askToDelete = () =>
    modals.openConfirmModal({
      title: `Delete “${tag.name}”?`,
      children: (
        <Stack gap="xs">
          <Text size="sm">The tag goes, and with it the scores and the order of picks that were stored for it. The {countOf(sizeOf(tag), "sample")} in it stay in the dataset.</Text>
          <Text size="sm">This can't be undone.</Text>
        </Stack>
      ),
      labels: { confirm: "Delete the tag", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () => {
        void (async () => {
          try {
            await call(routes.deleteTag, { path: { datasetId, tagId: tag.id } });
            said(`“${tag.name}” was deleted.`);
            change({ tag: tag.prevTagId ?? undefined, with: undefined, task: undefined });
            await queries.invalidateQueries({ queryKey: ["dataset", datasetId] });
          } catch (error) {
            failed("The tag stays", error);
          }
        })();
      },
    });
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start" className={classes["head"]}>
        {renaming ? (
          <RenameForm datasetId={datasetId} tag={tag} tags={tags} onDone={() => setRenaming(false)} />
        ) : (
          <div style={{ minWidth: 0 }}>
            <Group gap={6} wrap="nowrap">
              <Title order={1} size="h2" style={{ overflowWrap: "anywhere" }}>
                {tag.name}
              </Title>
              {!initial && (
                <ActionIcon aria-label="Rename the tag" onClick={() => setRenaming(true)}>
                  <PencilIcon />
                </ActionIcon>
              )}
            </Group>
            <Text size="sm" c="dimmed">
              {countOf(sizeOf(tag), "sample")}, {shareText(sizeOf(tag), tag.totSize)} of the dataset
            </Text>
          </div>
        )}
        <Group gap={6} wrap="nowrap">
          <Button component={Link} href={`${addressOfScreen(datasetId, "")}?tag=${tag.id}`} variant="default" size="xs">
            Look at them
          </Button>
          <Tooltip label={kept ?? "Delete the tag"} multiline maw={320}>
            <ActionIcon color="red" variant="light" size={30} aria-label={kept === undefined ? "Delete the tag" : `Delete the tag: not possible. ${kept}`} data-disabled={kept !== undefined || undefined} aria-disabled={kept !== undefined} onClick={() => (kept === undefined ? askToDelete() : undefined)}>
              <TrashIcon />
            </ActionIcon>
          </Tooltip>
        </Group>
      </Group>
      <Tabs value={task} onChange={(value) => change({ task: value === null || value === "about" ? undefined : value })} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="about">About</Tabs.Tab>
          <Tabs.Tab value="compare">Compare and combine</Tabs.Tab>
          <Tabs.Tab value="export">Export</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="about" pt="md">
          <About datasetId={datasetId} tag={tag} tags={tags} kept={kept} />
        </Tabs.Panel>
        <Tabs.Panel value="compare" pt="md">
          <CompareTags datasetId={datasetId} tag={tag} other={other} tags={tags} change={change} />
        </Tabs.Panel>
        <Tabs.Panel value="export" pt="md">
          <ExportTag datasetId={datasetId} tag={tag} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

function About({ datasetId, tag, tags, kept }: Pick<Properties, "datasetId" | "tag" | "tags"> & { readonly kept: string | undefined }) {
  const columns = useColumns(datasetId);
  const nameOf = (id: string | null | undefined) => tags.find((other) => other.id === id)?.name;
  const ordinals = maskOf(tag).ordinals();
  const shown = 24;
  const step = Math.max(1, Math.floor(ordinals.length / shown));
  const few = Array.from({ length: Math.min(shown, ordinals.length) }, (_, i) => ordinals[i * step]!);
  const order = columns.data?.columns.find(({ name }) => name === `pick.${tag.id}`);
  const address = `${addressOfScreen(datasetId, "")}?tag=${tag.id}`;
  return (
    <Stack gap="lg">
      <dl className={classes["facts"]}>
        <dt>Made</dt>
        <dd>{timeText(tag.createdAt)}</dd>
        {(tag.prevTagId ?? null) !== null && (
          <>
            <dt>Made from</dt>
            <dd>{nameOf(tag.prevTagId) ?? "a tag that is gone"}</dd>
          </>
        )}
        {tag.queryTagId !== undefined && (
          <>
            <dt>Chosen from</dt>
            <dd>{nameOf(tag.queryTagId) ?? "a tag that is gone"}</dd>
          </>
        )}
        {tag.preselectedTagId !== undefined && (
          <>
            <dt>On top of</dt>
            <dd>{nameOf(tag.preselectedTagId) ?? "a tag that is gone"}</dd>
          </>
        )}
        {order && (
          <>
            <dt>Selection</dt>
            <dd>
              Its samples were picked one after the other.{" "}
              <Anchor component={Link} underline="always" href={`${address}&sort=${encodeURIComponent(order.name)}`}>
                Show them in the order of picking
              </Anchor>
            </dd>
          </>
        )}
        <dt>Deleting</dt>
        <dd>{kept ?? "Possible: no other tag was made from this one."}</dd>
      </dl>
      {few.length === 0 ? (
        <Text c="dimmed" size="sm">
          The tag is empty.
        </Text>
      ) : (
        <div className={pictures["strip"]} role="group" aria-label={few.length < ordinals.length ? `${few.length} of ${ordinals.length} samples, evenly spread` : "All samples"}>
          {few.map((ordinal) => (
            <Link key={ordinal} href={`${address}&sample=${ordinal}`} aria-label={`Open sample ${ordinal}`}>
              <Picture datasetId={datasetId} ordinal={ordinal} size={96} label="" />
            </Link>
          ))}
        </div>
      )}
    </Stack>
  );
}

function RenameForm({ datasetId, tag, tags, onDone }: Pick<Properties, "datasetId" | "tag" | "tags"> & { readonly onDone: () => void }) {
  const [name, setName] = useState(tag.name);
  const [busy, setBusy] = useState(false);
  const queries = useQueryClient();
  const problem = nameProblem(name, tags, tag.id);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (problem !== undefined) return;
    setBusy(true);
    try {
      await call(routes.renameTag, { path: { datasetId, tagId: tag.id }, body: { name } });
      await queries.invalidateQueries({ queryKey: ["dataset", datasetId] });
      onDone();
    } catch (error) {
      failed("The tag keeps its name", error);
      setBusy(false);
    }
  };
  return (
    <form style={{ flex: 1 }} onSubmit={(event) => void submit(event)} onKeyDown={(event) => event.key === "Escape" && onDone()}>
      <Group gap="xs" align="flex-start" wrap="nowrap">
        <TextInput style={{ flex: 1 }} aria-label="New name of the tag" value={name} error={problem} autoFocus onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit" loading={busy} disabled={problem !== undefined}>
          Rename
        </Button>
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
      </Group>
    </form>
  );
}
