import { Alert, Button, Group, Progress, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link, useSearchParams } from "wouter";
import { countText } from "../amounts.ts";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { addressOfScreen } from "../dataset/dataset-page.tsx";
import { useDataset } from "../dataset/use-dataset.ts";
import { NotationEditor, type TextProblem } from "../notation/notation-editor.tsx";
import { NotationError, parseNotation } from "../notation/notation.ts";
import { Loading } from "../states/loading.tsx";
import { NothingHere } from "../states/nothing-here.tsx";
import { Problem } from "../states/problem.tsx";
import { useTags } from "../tags/use-tags.ts";
import { SelectionForm } from "./selection-form.tsx";
import { SelectionPreview } from "./selection-preview.tsx";
import { type SelectionWish, freshWish, isSoonDone, problemsOf, readWish, wishOf } from "./request.ts";
import { draftQueries, useDraftOrder } from "./use-draft-order.ts";
import classes from "./select.module.css";

/** How long a change of the form rests before the picks follow it. */
const pauseMs = 500;

/** Choosing the samples most worth keeping: what is wanted, a look at the picks, and a tag of as many as are right. */
export function SelectScreen({ datasetId }: { readonly datasetId: string }) {
  const dataset = useDataset(datasetId);
  const tags = useTags(datasetId);
  const embeddings = useQuery({ queryKey: ["dataset", datasetId, "embeddings"], queryFn: ({ signal }) => call(routes.embeddings, { path: { datasetId }, signal }) });
  const [wish, setWish] = useState<SelectionWish>();
  const [chosenEmbedding, setChosenEmbedding] = useState<string>();
  const [written, setWritten] = useState<string>();
  const [parameters, setParameters] = useSearchParams();
  const draftId = parameters.get("draft");
  // Who comes by a link to some picks finds the form as it was when they were made.
  const earlier = useQuery({ ...draftQueries(datasetId, draftId ?? "").draft, enabled: draftId !== null });
  const picked = useRef<HTMLElement>(null);
  const order = useDraftOrder(datasetId, (id) => {
    setParameters(
      (now) => {
        const next = new URLSearchParams(now);
        next.set("draft", id);
        return next;
      },
      { replace: true },
    );
    if (asked.current?.byHand && window.matchMedia("(max-width: 820px)").matches) picked.current?.scrollIntoView();
  });
  /** What picks were asked for last. */
  const asked = useRef<{ readonly text: string; readonly byHand: boolean }>(undefined);
  const samples = dataset.data?.nSamples ?? 0;
  const now = wish ?? (earlier.data ? wishOf(earlier.data) : freshWish(samples));
  const embeddingId = (embeddings.data?.find(({ id }) => id === (chosenEmbedding ?? earlier.data?.embeddingId)) ?? embeddings.data?.[0])?.id;
  const form = problemsOf(now);
  const read = written === undefined || !tags.data ? undefined : readText(written, tags.data);
  const problems = read?.problems ?? form.map(({ path, message }) => ({ message: `${path}: ${message}` }));
  const follows = isSoonDone(now, samples);
  const isAskable = embeddingId !== undefined && samples > 0 && (tags.data?.length ?? 0) > 0 && problems.length === 0;
  const text = JSON.stringify([embeddingId, now]);
  const ask = (byHand: boolean) => {
    asked.current = { text, byHand };
    void order.ask(embeddingId!, now);
  };
  // Picks of a link stay as they are until something else is wished.
  const touched = draftId === null || wish !== undefined || chosenEmbedding !== undefined;
  const latest = useRef(ask);
  useEffect(() => {
    latest.current = ask;
  });
  const isDue = follows && isAskable && touched;
  useEffect(() => {
    if (!isDue || asked.current?.text === text) return undefined;
    const timer = setTimeout(() => asked.current?.text !== text && latest.current(false), asked.current === undefined ? 0 : pauseMs);
    return () => clearTimeout(timer);
  }, [text, isDue]);
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
    return (
      <NothingHere title="There are no embeddings yet" text="Selections compare samples by their embeddings. The server makes them of uploaded images where the map would be, beside the samples; a client can upload others, and a run computes its own.">
        <Button component={Link} href={addressOfScreen(datasetId, "")} variant="default">
          To the samples
        </Button>
      </NothingHere>
    );
  }
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
            <SelectionForm datasetId={datasetId} samples={samples} tags={tags.data} embeddings={embeddings.data} embeddingId={embeddingId!} wish={now} problems={form} onEmbedding={setChosenEmbedding} onChange={setWish} />
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
          {order.said !== undefined && (
            <Alert color={order.said.picked ? "yellow" : "red"} title="About the selection" withCloseButton closeButtonLabel="Close" onClose={order.hush} role="alert">
              {order.said.text}
            </Alert>
          )}
          {order.busy ? (
            <Stack gap={6}>
              <Progress value={order.progress ? (100 * order.progress.processed) / order.progress.total : 100} animated aria-label="Selecting" />
              <Group justify="space-between">
                <Text size="sm" c="dimmed" role="status">
                  {order.progress ? `${countText(order.progress.processed)} of ${countText(order.progress.total)}` : "Selecting"}
                </Text>
                <Button size="compact-sm" variant="default" onClick={() => void order.cancel()}>
                  Cancel
                </Button>
              </Group>
            </Stack>
          ) : (
            <Stack gap={6}>
              <Button variant={follows && draftId !== null ? "default" : "filled"} onClick={() => ask(true)} disabled={!isAskable}>
                {draftId === null ? "Look at the picks" : "Pick again"}
              </Button>
              <Text size="xs" c="dimmed">
                {follows ? "The picks follow what is asked for." : `Choosing among ${countText(samples)} samples takes a while, so the picks wait for the button.`}
              </Text>
            </Stack>
          )}
        </Stack>
      </section>
      <section ref={picked} className={classes["preview"]} aria-label="Preview" aria-busy={order.busy || (isDue && asked.current?.text !== text)}>
        {draftId === null ? (
          <div className={classes["empty"]}>
            {order.busy ? (
              <Loading order={2} what="Selecting" />
            ) : (
              <NothingHere order={2} title="Nothing has been picked yet" text="Say what you want and look at the picks. They come in order, best first, so how many of them you keep can be decided while you look." />
            )}
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
