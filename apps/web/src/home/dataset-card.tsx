import { Card, Text } from "@mantine/core";
import type { DatasetDataEnriched } from "@winnow/contract";
import { Link } from "wouter";
import { pictureUrl } from "../api/routes.ts";
import classes from "./dataset-card.module.css";

/** A dataset among others: a few of its pictures, its name and what is in it. */
export function DatasetCard({ dataset: { id, name, nSamples, nTags, lastModifiedAt } }: { readonly dataset: DatasetDataEnriched }) {
  return (
    <Card component={Link} href={`/datasets/${id}`} withBorder padding="sm" className={classes["card"] ?? ""}>
      <Card.Section className={classes["cover"]} aria-hidden>
        {coverOrdinals(nSamples).map((ordinal) => (
          <img key={ordinal} src={pictureUrl(id, ordinal, 256)} alt="" loading="lazy" decoding="async" onError={(event) => event.currentTarget.remove()} />
        ))}
      </Card.Section>
      <Text fw={560} mt="sm" truncate title={name}>
        {name}
      </Text>
      <Text size="sm" c="dimmed">
        {nSamples.toLocaleString()} {nSamples === 1 ? "sample" : "samples"} · {nTags} {nTags === 1 ? "tag" : "tags"} · {new Date(lastModifiedAt).toLocaleDateString()}
      </Text>
    </Card>
  );
}

/** Up to four samples from all over the dataset. */
function coverOrdinals(samples: number): number[] {
  const count = Math.min(4, samples);
  return Array.from({ length: count }, (_, i) => Math.floor((i * samples) / count));
}
