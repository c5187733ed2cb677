import { Alert, Button, Group, Progress, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link, useSearchParams } from "wouter";
import { countText } from "../amounts.ts";
import { RequestError, call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { addressOfScreen } from "../dataset/dataset-page.tsx";
import { useDataset } from "../dataset/use-dataset.ts";
import { NotationEditor, type TextProblem } from "../notation/notation-editor.tsx";
import { NotationError, parseNotation } from "../notation/notation.ts";
import { Loading } from "../states/loading.tsx";
import { NothingHere } from "../states/nothing-here.tsx";
import { Problem, messageOf } from "../states/problem.tsx";
import { failed } from "../states/said.ts";
import { useTags } from "../tags/use-tags.ts";
import { SelectionForm } from "./selection-form.tsx";
import { SelectionPreview } from "./selection-preview.tsx";
import { type SelectionWish, freshWish, isByStrategies, problemsOf, readWish, wishOf } from "./request.ts";
import classes from "./select.module.css";

/** Choosing the samples most worth keeping: what is wanted, a look at the picks, and a tag of as many as are right. */
export function SelectScreen({ datasetId }: { readonly datasetId: string }) {
  const dataset = useDataset(datasetId);
  const tags = useTags(datasetId);
  const embeddings = useQuery({ queryKey: ["dataset", datasetId, "embeddings"], queryFn: ({ signal }) => call(routes.embeddings, { path: { datasetId }, signal }) });
  const [wish, setWish] = useState<SelectionWish>();
  const [chosenEmbedding, setChosenEmbedding] = useState<string>();
  const [written, setWritten] = useState<string>();
  const [parameters, setParameters] = useSearchParams();
  const [refused, setRefused] = useState<string>();
  const [jobId, setJobId] = useState<string>();
  const queries = useQueryClient();
  const draftId = parameters.get("draft");
  // Who comes by a link to some picks finds the form as it was when they were made.
  const earlier = useQuery({ queryKey: ["draft", datasetId, draftId], queryFn: ({ signal }) => call(routes.draft, { path: { datasetId, draftId: draftId! }, signal }), enabled: draftId !== null, staleTime: Number.POSITIVE_INFINITY });
  const picked = useRef<HTMLElement>(null);
  const arrived = useRef(draftId);
  useEffect(() => {
    if (arrived.current === draftId) return;
    arrived.current = draftId;
    // On a narrow screen the picks come below the form.
    if (window.matchMedia("(max-width: 820px)").matches) picked.current?.scrollIntoView();
  }, [draftId]);
  const job = useQuery({
    queryKey: ["jobs", jobId, "draft"],
    queryFn: async ({ signal }) => {
      const status = await call(routes.job, { path: { jobId: jobId! }, signal });
      if (status.status === "FINISHED") {
        setJobId(undefined);
        setParameters({ draft: String(status.result?.data) }, { replace: false });
        if (status.error !== undefined) setRefused(status.error);
      } else if (status.status === "FAILED") {
        setJobId(undefined);
        setRefused(status.error ?? "The selection failed.");
      }
      return status;
    },
    enabled: jobId !== undefined,
    refetchInterval: 300,
    staleTime: 0,
  });
  const error = tags.error ?? embeddings.error;
  if (error && !(tags.data && embeddings.data)) return <Problem what="What the selection needs" error={error} retry={() => void Promise.all([tags.refetch(), embeddings.refetch()])} />;
  if (!dataset.data || !tags.data || !embeddings.data) return <Loading />;
  if (tags.data.length === 0 || dataset.data.nSamples === 0) {
    return (
      <NothingHere title="There is nothing to select from yet" text="Once an upload has ended, the best samples can be chosen here.">
        <Button component={Link} href={addressOfScreen(datasetId, "")} variant="default">
          To the samples
        </Button>
      </NothingHere>
    );
  }
  if (embeddings.data.length === 0) {
    return <NothingHere title="There are no embeddings yet" text="Selections compare samples by their embeddings. Upload a file of embeddings with a client, let a run compute them, or begin with winnow start, which embeds what it uploads." />;
  }
  const samples = dataset.data.nSamples;
  const now = wish ?? (earlier.data ? wishOf(earlier.data) : freshWish(samples));
  const embeddingId = embeddings.data.find(({ id }) => id === chosenEmbedding)?.id ?? embeddings.data[0]!.id;
  const form = problemsOf(now);
  const read = written === undefined ? undefined : readText(written, tags.data);
  const problems = read?.problems ?? form.map(({ path, message }) => ({ message: `${path}: ${message}` }));
  const busy = jobId !== undefined;

  const preview = async () => {
    setRefused(undefined);
    try {
      const path = { datasetId, embeddingId };
      const { jobId: started } = isByStrategies(now) ? await call(routes.createStrategyDraft, { path, body: now }) : await call(routes.createDraft, { path, body: now });
      setJobId(started);
      void queries.invalidateQueries({ queryKey: ["jobs"] });
    } catch (problem) {
      setRefused(messageOf(problem));
    }
  };
  const cancel = async () => {
    try {
      await call(routes.cancelJob, { path: { jobId: jobId! } });
      setJobId(undefined);
    } catch (problem) {
      if (!(problem instanceof RequestError && problem.status === 404)) failed("The selection goes on", problem);
    }
  };
  const { processed = 0, total = 0 } = job.data?.meta ?? {};
  return (
    <div className={classes["screen"]}>
      <section className={classes["wish"]} aria-label="What to select">
        <Stack gap="md">
          <Group justify="space-between">
            <Title order={1} size="h3">
              Select
            </Title>
            <SegmentedControl
              size="xs"
              aria-label="How to write it"
              value={written === undefined ? "form" : "json"}
              onChange={(way) => setWritten(way === "json" ? JSON.stringify(now, null, 2) : undefined)}
              data={[
                { value: "form", label: "Form" },
                { value: "json", label: "JSON" },
              ]}
            />
          </Group>
          {written === undefined ? (
            <SelectionForm datasetId={datasetId} samples={samples} tags={tags.data} embeddings={embeddings.data} embeddingId={embeddingId} wish={now} problems={form} onEmbedding={setChosenEmbedding} onChange={setWish} />
          ) : (
            <NotationEditor
              label="Selection"
              description="As the clients send it. Tags may be called by their name; quotes around keys may be left out."
              value={written}
              problems={read!.problems}
              rows={18}
              onChange={(text) => {
                setWritten(text);
                const { wish: next } = readText(text, tags.data);
                if (next) setWish(next);
              }}
            />
          )}
          {refused !== undefined && (
            <Alert color={draftId === null ? "red" : "yellow"} title="About the selection" withCloseButton closeButtonLabel="Close" onClose={() => setRefused(undefined)} role="alert">
              {refused}
            </Alert>
          )}
          {busy ? (
            <Stack gap={6}>
              <Progress value={total > 0 ? (100 * processed) / total : 100} animated aria-label="Selecting" />
              <Group justify="space-between">
                <Text size="sm" c="dimmed" role="status">
                  {job.data?.status === "RUNNING" && total > 0 ? `${countText(processed)} of ${countText(total)}` : "Waiting for its turn"}
                </Text>
                <Button size="compact-sm" variant="default" onClick={() => void cancel()}>
                  Cancel
                </Button>
              </Group>
            </Stack>
          ) : (
            <Button onClick={() => void preview()} disabled={problems.length > 0}>
              {draftId === null ? "Look at the picks" : "Pick again"}
            </Button>
          )}
        </Stack>
      </section>
      <section ref={picked} className={classes["preview"]} aria-label="Preview">
        {draftId === null ? (
          <div className={classes["empty"]}>
            <NothingHere order={2} title="Nothing has been picked yet" text="Say what you want and look at the picks. They come in order, best first, so how many of them you keep can be decided while you look." />
          </div>
        ) : (
          <SelectionPreview key={draftId} datasetId={datasetId} draftId={draftId} samples={samples} tags={tags.data} />
        )}
      </section>
    </div>
  );
}

function readText(text: string, tags: Parameters<typeof readWish>[1]): { readonly wish?: SelectionWish; readonly problems: readonly TextProblem[] } {
  try {
    const { value, places } = parseNotation(text);
    const { wish, problems } = readWish(value, tags);
    return { ...(wish && { wish }), problems: problems.map(({ path, message }) => ({ message, at: placeOf(path, places) })) };
  } catch (error) {
    if (error instanceof NotationError) return { problems: [{ message: error.message, at: error.at }] };
    throw error;
  }
}

/** Where a path stands, or the nearest thing around it. */
function placeOf(path: string, places: ReturnType<typeof parseNotation>["places"]): number {
  for (let at = path; at !== ""; at = at.slice(0, Math.max(at.lastIndexOf("."), at.lastIndexOf("["), 0))) {
    const found = places.get(at);
    if (found) return found.from;
  }
  return 0;
}
