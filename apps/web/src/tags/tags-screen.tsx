import { Button, Text } from "@mantine/core";
import { useSearchParams } from "wouter";
import { addressOfScreen } from "../dataset/dataset-page.tsx";
import { Loading } from "../states/loading.tsx";
import { NothingHere } from "../states/nothing-here.tsx";
import { Problem } from "../states/problem.tsx";
import { Link } from "wouter";
import { TagDetails } from "./tag-details.tsx";
import { isInitial } from "./tag-tree.ts";
import { TagTreeList } from "./tag-tree-list.tsx";
import classes from "./tags.module.css";
import { useTags } from "./use-tags.ts";

export type TagTask = "about" | "compare" | "export";

/** The tags of a dataset: what there is, what is in them, how they differ, and what can be made of them. */
export function TagsScreen({ datasetId }: { readonly datasetId: string }) {
  const tags = useTags(datasetId);
  const [parameters, setParameters] = useSearchParams();
  if (tags.error && !tags.data) return <Problem what="The tags" error={tags.error} retry={() => void tags.refetch()} />;
  if (!tags.data) return <Loading what="Loading the tags" />;
  if (tags.data.length === 0) {
    return (
      <NothingHere title="No tags yet" text="A tag is a named part of the dataset. The first one, with everything in it, is made when an upload ends.">
        <Button component={Link} href={addressOfScreen(datasetId, "")} variant="default">
          To the samples
        </Button>
      </NothingHere>
    );
  }
  const asked = parameters.get("tag");
  const chosen = tags.data.find(({ id }) => id === asked) ?? tags.data.find((tag) => isInitial(tag, tags.data)) ?? tags.data[0]!;
  const other = tags.data.find(({ id }) => id === parameters.get("with"));
  const wanted = parameters.get("task");
  const task: TagTask = wanted === "compare" || wanted === "export" ? wanted : "about";
  const change = (changes: Readonly<Record<string, string | undefined>>) =>
    setParameters((now) => {
      const next = new URLSearchParams(now);
      for (const [name, value] of Object.entries(changes)) {
        if (value === undefined) next.delete(name);
        else next.set(name, value);
      }
      return next;
    });
  return (
    <div className={classes["screen"]}>
      <section className={classes["list"]} aria-label="All tags">
        <Text size="xs" c="dimmed" px="md" pt="sm">
          {tags.data.length === 1 ? "1 tag" : `${tags.data.length} tags`}
        </Text>
        <TagTreeList tags={tags.data} chosen={chosen.id} onChoose={(id) => change({ tag: id })} />
      </section>
      <section className={classes["details"]} aria-label={`Tag ${chosen.name}`}>
        <div className={classes["inner"]}>
          <TagDetails key={chosen.id} datasetId={datasetId} tag={chosen} other={other} tags={tags.data} task={task} change={change} />
        </div>
      </section>
    </div>
  );
}
