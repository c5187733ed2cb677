import { Button, Menu, Text } from "@mantine/core";
import { ChevronDownIcon, CopyIcon, SparkleIcon, StackIcon, TelescopeIcon } from "@primer/octicons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ColumnData } from "@winnow/contract";
import { useEffect, useState } from "react";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { failed, said } from "../states/said.ts";
import type { Exploration } from "./use-exploration.ts";
import type { ViewState } from "./view-state.ts";

type Kind = "near" | "outlier" | "cluster";

/** Outlier scores from here on are shown as outliers: LoOP's probability. */
const outlierFrom = 0.5;

const views: readonly { readonly kind: Kind; readonly title: string; readonly text: string; readonly icon: typeof CopyIcon; readonly state: (column: ColumnData) => Partial<ViewState> }[] = [
  { kind: "near", title: "Near-duplicates", text: "Groups of samples that are nearly the same", icon: CopyIcon, state: ({ name }) => ({ conditions: [{ column: name, from: 1, to: null }], group: name, sort: undefined, descending: false, colour: name }) },
  { kind: "outlier", title: "Outliers", text: "Samples that are like no others, the strangest first", icon: SparkleIcon, state: ({ name, maximum = 1 }) => ({ conditions: [{ column: name, from: Math.min(outlierFrom, maximum), to: null }], sort: name, descending: true, group: undefined, colour: name }) },
  { kind: "cluster", title: "Clusters", text: "All samples, those that belong together side by side", icon: StackIcon, state: ({ name }) => ({ conditions: [], group: name, sort: undefined, descending: false, colour: name }) },
];

interface OneClickProps {
  readonly datasetId: string;
  readonly exploration: Exploration;
  readonly change: (changes: Partial<ViewState>) => void;
}

/** Views of what the embedding tells. What isn't computed yet is computed when it is first asked for. */
export function OneClickViews({ datasetId, exploration, change }: OneClickProps) {
  const queries = useQueryClient();
  const [waiting, setWaiting] = useState<{ readonly kind: Kind; readonly jobId: string }>();
  const embeddings = useQuery({ queryKey: ["dataset", datasetId, "embeddings"], queryFn: ({ signal }) => call(routes.embeddings, { path: { datasetId }, signal }) });
  const embedding = newest(embeddings.data);
  const job = useQuery({
    queryKey: ["jobs", waiting?.jobId],
    queryFn: () => call(routes.job, { path: { jobId: waiting!.jobId } }),
    enabled: waiting !== undefined,
    refetchInterval: ({ state }) => (state.data?.status === "FINISHED" || state.data?.status === "FAILED" ? false : 500),
  });
  const columnOf = (kind: Kind) => exploration.catalogue.columns.find(({ group, name }) => group === "analysis" && name.endsWith(`.${kind}`));
  const show = (kind: Kind) => {
    const column = columnOf(kind);
    if (column) change({ ...views.find((one) => one.kind === kind)!.state(column), like: undefined, search: "" });
    else said(kind === "near" ? "There are no near-duplicates: no two samples are that much alike." : "There is nothing to show.");
  };
  const status = waiting && job.data?.id === waiting.jobId ? job.data.status : undefined;
  useEffect(() => {
    if (!waiting || (status !== "FINISHED" && status !== "FAILED")) return;
    setWaiting(undefined);
    if (status === "FAILED") return failed("The samples could not be compared", job.data?.error ?? "");
    void queries.invalidateQueries({ queryKey: ["dataset", datasetId, "columns"] });
  }, [status]);
  // The columns are there once the list of them has been loaded again.
  const [after, setAfter] = useState<Kind>();
  const analysed = exploration.catalogue.columns.some(({ group }) => group === "analysis");
  useEffect(() => {
    if (after === undefined || !analysed) return;
    setAfter(undefined);
    show(after);
  }, [after, analysed]);

  const choose = async (kind: Kind) => {
    if (analysed) return show(kind);
    if (!embedding) return;
    try {
      const { jobId } = await call(routes.analyse, { path: { datasetId, embeddingId: embedding.id } });
      setWaiting({ kind, jobId });
      setAfter(kind);
      await queries.invalidateQueries({ queryKey: ["jobs"], exact: true });
    } catch (error) {
      failed("The samples could not be compared", error);
    }
  };
  const { processed = 0, total = 0 } = job.data?.meta ?? {};
  return (
    <Menu width={300} position="bottom-start">
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<TelescopeIcon size={14} />} rightSection={<ChevronDownIcon size={12} />} loading={waiting !== undefined} loaderProps={{ type: "dots" }} aria-label={waiting ? `Comparing samples: ${total > 0 ? Math.round((100 * processed) / total) : 0} %` : "Views"}>
          Views
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {views.map(({ kind, title, text, icon: Icon }) => (
          <Menu.Item key={kind} leftSection={<Icon />} disabled={!analysed && !embedding} onClick={() => void choose(kind)}>
            <Text size="sm">{title}</Text>
            <Text size="xs" c="dimmed">
              {text}
            </Text>
          </Menu.Item>
        ))}
        {!embedding && embeddings.data && (
          <Menu.Label>
            These need an embedding. Beside the grid, where the map will be, one can be made.
          </Menu.Label>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The embedding that was made last. */
export function newest<Embedding extends { readonly id: string; readonly createdAt: number }>(embeddings: readonly Embedding[] | undefined): Embedding | undefined {
  return embeddings?.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))[0];
}
