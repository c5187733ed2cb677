import { ActionIcon, Badge, Card, Group, Menu, Text } from "@mantine/core";
import { KebabHorizontalIcon, TrashIcon } from "@primer/octicons-react";
import { modals } from "@mantine/modals";
import { useQueryClient } from "@tanstack/react-query";
import type { DatasetDataEnriched } from "@winnow/contract";
import { Link } from "wouter";
import { call } from "../api/call.ts";
import { pictureUrl, routes } from "../api/routes.ts";
import { failed, said } from "../states/said.ts";
import classes from "./dataset-card.module.css";

/** A dataset among others: a few of its pictures, its name, what is in it and what goes on. */
export function DatasetCard({ dataset: { id, name, nSamples, nTags, nEmbeddings, lastModifiedAt }, running }: { readonly dataset: DatasetDataEnriched; readonly running: number }) {
  const queries = useQueryClient();
  const remove = () =>
    modals.openConfirmModal({
      title: `Delete “${name}”?`,
      children: (
        <Text size="sm">
          {nSamples.toLocaleString()} samples with their images, tags, embeddings and everything else that belongs to them will be gone for everybody. This can’t be undone.
        </Text>
      ),
      labels: { confirm: "Delete the dataset", cancel: "Keep it" },
      confirmProps: { color: "red.9" },
      onConfirm: () =>
        void call(routes.deleteDataset, { path: { datasetId: id }, query: {} }).then(
          () => {
            said(`“${name}” was deleted.`);
            return queries.invalidateQueries({ queryKey: ["datasets"] });
          },
          (error: unknown) => failed("The dataset could not be deleted", error),
        ),
    });
  return (
    <Card withBorder padding="sm" className={classes["card"] ?? ""} component="article">
      <Card.Section className={classes["cover"]} aria-hidden>
        {coverOrdinals(nSamples).map((ordinal) => (
          <img key={ordinal} src={pictureUrl(id, ordinal, 256)} alt="" loading="lazy" decoding="async" onError={(event) => (event.currentTarget.style.visibility = "hidden")} />
        ))}
      </Card.Section>
      <Group justify="space-between" wrap="nowrap" mt="sm" gap="xs">
        <Link href={`/datasets/${id}`} className={classes["name"] ?? ""} title={name}>
          {name}
        </Link>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon className={classes["above"] ?? ""} aria-label={`More about ${name}`}>
              <KebabHorizontalIcon />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<TrashIcon />} c="red" onClick={remove}>
              Delete …
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
      <Text size="sm" c="dimmed">
        {nSamples.toLocaleString()} {nSamples === 1 ? "sample" : "samples"} · {nTags} {nTags === 1 ? "tag" : "tags"}
        {nEmbeddings === 0 && nSamples > 0 ? " · not embedded" : ""}
      </Text>
      <Group justify="space-between" mt={2} mih={22}>
        <Text size="xs" c="dimmed">
          changed {when(lastModifiedAt)}
        </Text>
        {running > 0 && (
          <Badge size="sm" variant="light">
            {running} running
          </Badge>
        )}
      </Group>
    </Card>
  );
}

/** Up to four samples from all over the dataset. */
function coverOrdinals(samples: number): number[] {
  const count = Math.min(4, samples);
  return Array.from({ length: count }, (_, i) => Math.floor((i * samples) / count));
}

const units = [["minute", 60], ["hour", 60], ["day", 24], ["month", 30], ["year", 12]] as const;

/** How long ago, as people say it. */
function when(time: number): string {
  let amount = (Date.now() - time) / 1000;
  if (amount < 60) return "just now";
  let unit: (typeof units)[number][0] = "minute";
  for (const [name, size] of units) {
    if (amount < size) break;
    amount /= size;
    unit = name;
  }
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(-Math.floor(amount), unit);
}
