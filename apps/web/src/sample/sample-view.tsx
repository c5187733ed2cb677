import { ActionIcon, Badge, Button, CloseButton, Modal, Progress, Skeleton, Slider, Switch, Text, Title, Tooltip } from "@mantine/core";
import { CheckIcon, ChevronLeftIcon, ChevronRightIcon, DownloadIcon } from "@primer/octicons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { call } from "../api/call.ts";
import { pictureUrl, routes } from "../api/routes.ts";
import { tagBytes } from "../columns/tag-bytes.ts";
import { shortNumber } from "../explore/grouping.ts";
import type { Exploration } from "../explore/use-exploration.ts";
import type { ViewState } from "../explore/view-state.ts";
import type { Change } from "../selection/chosen.ts";
import { AwayNotice } from "../shell/away.tsx";
import { Problem, messageOf } from "../states/problem.tsx";
import { colourOfClass } from "./class-colours.ts";
import { Reasons } from "./reasons.tsx";
import classes from "./sample.module.css";
import { Stage } from "./stage.tsx";
import { useSample } from "./use-sample.ts";
import { VideoStage } from "./video-stage.tsx";

interface SampleViewProps {
  readonly datasetId: string;
  readonly exploration: Exploration;
  readonly ordinal: number;
  readonly change: (changes: Partial<ViewState>) => void;
  readonly onChoose: (ordinals: Uint32Array, change: Change) => void;
}

const videoName = /\.(mp4|m4v|mov|webm|mkv|avi|ogv)$/i;
const neighboursShown = 15;

/** One sample and everything that is known of it. Arrow keys lead to the next in the order of the grid. */
export function SampleView({ datasetId, exploration, ordinal, change, onChoose }: SampleViewProps) {
  const { card, sample, address, predictions } = useSample(datasetId, ordinal);
  const { order, chosen } = exploration;
  const place = useMemo(() => order.indexOf(ordinal), [order, ordinal]);
  const [least, setLeast] = useState(0);
  const [overlays, setOverlays] = useState(true);
  const close = () => change({ sample: undefined });
  const go = (step: number) => {
    const next = place < 0 ? undefined : order[place + step];
    if (next !== undefined) change({ sample: next });
  };
  const choose = () => onChoose(Uint32Array.of(ordinal), "toggle");
  useEffect(() => {
    // Mantine's own handling of Escape stays.
    const onKeyDown = (event: KeyboardEvent) => {
      if ((event.target as HTMLElement).closest("input, textarea, [role=slider], [role=switch]")) return;
      if (event.key === "ArrowRight" || event.key === "j") go(1);
      else if (event.key === "ArrowLeft" || event.key === "k") go(-1);
      else if (event.key === "x") choose();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  });
  useEffect(() => {
    for (const step of [1, -1]) {
      const other = place < 0 ? undefined : order[place + step];
      if (other !== undefined) new Image().src = pictureUrl(datasetId, other, 256);
    }
  }, [datasetId, order, place]);

  const name = card.data?.fileName ?? exploration.nameOf(ordinal);
  const drawn = (predictions.data ?? []).filter(({ singleton }) => overlays && singleton.type !== "CLASSIFICATION" && singleton.score >= least);
  const detections = (predictions.data ?? []).filter(({ singleton }) => singleton.type !== "CLASSIFICATION");
  const isVideo = videoName.test(name);
  const isChosen = chosen.mask[ordinal] === 1;
  return (
    <Modal.Root opened onClose={close} fullScreen padding={0} transitionProps={{ duration: 0 }}>
      <Modal.Content aria-label={`Sample ${name}`} styles={{ content: { display: "flex", flexDirection: "column" } }}>
        <Modal.Header role="none" px="sm" py={6} mih={48}>
          <div className={classes["header"]}>
            <ActionIcon size="lg" aria-label="Previous sample" disabled={place <= 0} onClick={() => go(-1)}>
              <ChevronLeftIcon />
            </ActionIcon>
            <ActionIcon size="lg" aria-label="Next sample" disabled={place < 0 || place >= order.length - 1} onClick={() => go(1)}>
              <ChevronRightIcon />
            </ActionIcon>
            <Title order={2} size="sm" className={classes["name"] ?? ""} title={name}>
              {name}
            </Title>
            {place >= 0 && (
              <Text size="sm" c="dimmed" visibleFrom="sm" style={{ whiteSpace: "nowrap" }}>
                {(place + 1).toLocaleString()} of {order.length.toLocaleString()}
              </Text>
            )}
            {address.data !== undefined && (
              <Tooltip label="Open the file">
                <ActionIcon size="lg" component="a" href={address.data} target="_blank" rel="noreferrer" aria-label="Open the file">
                  <DownloadIcon />
                </ActionIcon>
              </Tooltip>
            )}
            <Button size="xs" variant={isChosen ? "filled" : "default"} leftSection={isChosen ? <CheckIcon size={14} /> : undefined} aria-pressed={isChosen} onClick={choose}>
              {isChosen ? "Chosen" : "Choose"}
            </Button>
            <CloseButton size="lg" aria-label="Close" onClick={close} data-autofocus />
          </div>
        </Modal.Header>
        <AwayNotice />
        {card.error || card.data === null ? (
          <Problem what="The sample" error={card.error ?? new Error(`The dataset has no sample at place ${ordinal + 1}.`)} retry={() => void card.refetch()} />
        ) : (
          <div className={classes["view"]} style={{ flex: 1 }}>
            {isVideo && address.data !== undefined ? (
              <VideoStage key={ordinal} address={address.data} name={name} />
            ) : (
              <Stage key={ordinal} datasetId={datasetId} ordinal={ordinal} name={name} address={address.error ? null : address.data} width={card.data?.width} height={card.data?.height} predictions={drawn} />
            )}
            <aside className={classes["side"]} aria-label="About the sample" tabIndex={0}>
              <Membership datasetId={datasetId} exploration={exploration} ordinal={ordinal} change={change} />
              {(predictions.data?.length ?? 0) > 0 && (
                <Section title="Predictions">
                  {detections.length > 0 && (
                    <div style={{ display: "flex", gap: 12, alignItems: "center", marginBottom: 10 }}>
                      <Switch size="xs" label="Draw" checked={overlays} onChange={(event) => setOverlays(event.currentTarget.checked)} />
                      <Slider style={{ flex: 1 }} size="xs" min={0} max={1} step={0.01} value={least} onChange={setLeast} label={(value) => `from ${Math.round(100 * value)} %`} thumbLabel="Draw predictions from this score on" />
                    </div>
                  )}
                  {predictions.data!.slice(0, 60).map(({ singleton, name: category }, i) => (
                    <div key={i} className={classes["bar"]}>
                      <span>
                        <span className={classes["swatch"]} style={{ background: colourOfClass(singleton.taskName, singleton.categoryId) }} />
                        {category}{" "}
                        <Text span size="xs" c="dimmed">
                          {singleton.taskName}
                        </Text>
                      </span>
                      <span>{Math.round(100 * singleton.score)} %</span>
                      <Progress size={3} value={100 * singleton.score} style={{ gridColumn: "1 / -1" }} mb={4} aria-label={`${category}: ${Math.round(100 * singleton.score)} %`} />
                    </div>
                  ))}
                </Section>
              )}
              <Alike datasetId={datasetId} ordinal={ordinal} exploration={exploration} change={change} />
              {sample.data?.videoFrameData && <Frames datasetId={datasetId} ordinal={ordinal} video={sample.data.videoFrameData} change={change} />}
              <Section title="Details">{sample.data ? <Facts sample={sample.data} size={card.data} /> : sample.error ? <Text size="sm">{messageOf(sample.error)}</Text> : <Skeleton h={120} />}</Section>
            </aside>
          </div>
        )}
      </Modal.Content>
    </Modal.Root>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={classes["section"]}>
      <Title order={3} size="xs" c="dimmed" mb={8}>
        {title}
      </Title>
      {children}
    </section>
  );
}

/** Tags that the sample is in, and why it was selected. */
function Membership({ datasetId, exploration, ordinal, change }: Pick<SampleViewProps, "datasetId" | "exploration" | "ordinal" | "change">) {
  const masks = useMemo(() => exploration.tags.map(({ id, name, bitMaskData }) => ({ id, name, mask: tagBytes(bitMaskData, exploration.samples) })), [exploration.tags, exploration.samples]);
  const tags = masks.filter(({ mask }) => mask[ordinal] === 1);
  const tagIds = tags.map(({ id }) => id);
  const selected = tagIds.some((id) => exploration.facts.has(`pick.${id}`));
  return (
    <>
      {selected && (
        <Section title="Why it was selected">
          <Reasons datasetId={datasetId} exploration={exploration} ordinal={ordinal} tagIds={tagIds} />
        </Section>
      )}
      <Section title="Tags">
        {tags.length === 0 ? (
          <Text size="sm" c="dimmed">
            In no tag
          </Text>
        ) : (
          <div style={{ display: "flex", flexWrap: "wrap", gap: 4 }}>
            {tags.map(({ id, name }) => (
              <Badge key={id} variant="light" tt="none" fw={500} component="button" style={{ cursor: "pointer" }} title={`Show all samples in ${name}`} onClick={() => change({ tag: id, sample: undefined })}>
                {name}
              </Badge>
            ))}
          </div>
        )}
      </Section>
    </>
  );
}

function Alike({ datasetId, ordinal, exploration, change }: Pick<SampleViewProps, "datasetId" | "exploration" | "ordinal" | "change">) {
  const likes = useQuery({ queryKey: ["neighbours", datasetId, ordinal, neighboursShown], queryFn: ({ signal }) => call(routes.neighbours, { path: { datasetId }, query: { ordinal, count: neighboursShown }, signal }), retry: false, staleTime: 60_000 });
  return (
    <Section title="Most alike">
      {likes.error ? (
        <Text size="sm" c="dimmed">
          {messageOf(likes.error)}
        </Text>
      ) : (
        <>
          <div className={classes["strip"]}>
            {likes.data
              ? likes.data.ordinals.map((other, i) => (
                  <button key={other} type="button" title={`${exploration.nameOf(other)}, ${shortNumber(likes.data.distances[i]!)} away`} aria-label={`${exploration.nameOf(other)}, ${shortNumber(likes.data.distances[i]!)} away`} onClick={() => change({ sample: other })}>
                    <img src={pictureUrl(datasetId, other, 128)} alt="" loading="lazy" />
                  </button>
                ))
              : Array.from({ length: 10 }, (_, i) => <Skeleton key={i} style={{ aspectRatio: 1 }} />)}
          </div>
          <Button mt={8} size="xs" variant="default" fullWidth onClick={() => change({ like: ordinal, sample: undefined, conditions: [], search: "", tag: undefined, sort: undefined, group: undefined })}>
            More like this
          </Button>
        </>
      )}
    </Section>
  );
}

const framesAround = 6;

/** What the names of a video's frames have in common: `a/b-099-mp4.png` is one of `a/b-…-mp4`. */
function videoOfFrame(fileName: string): string {
  return fileName.replace(/-\d+-([^/.-]+)\.[^/.]+$/, "-…-$1");
}

/** The frames before and after one of a video. */
function Frames({ datasetId, ordinal, video, change }: { readonly datasetId: string; readonly ordinal: number; readonly video: { readonly sourceVideo?: string | null | undefined; readonly sourceVideoFrameIndex?: number | null | undefined; readonly sourceVideoFrameTimestamp?: number | null | undefined }; readonly change: SampleViewProps["change"] }) {
  const first = Math.max(0, ordinal - framesAround);
  const cards = useQuery({ queryKey: ["dataset", datasetId, "frames", first], queryFn: ({ signal }) => call(routes.cards, { path: { datasetId }, body: { ordinals: Array.from({ length: 2 * framesAround + 1 }, (_, i) => first + i) }, signal }) });
  const here = cards.data?.find(({ ordinal: one }) => one === ordinal);
  // Videos follow one another in a dataset.
  const frames = cards.data?.filter(({ type, fileName }) => type === "VIDEO_FRAME" && here !== undefined && videoOfFrame(fileName) === videoOfFrame(here.fileName)) ?? [];
  return (
    <Section title="Video">
      <Text size="sm" mb={8} style={{ overflowWrap: "anywhere" }}>
        {`Frame ${video.sourceVideoFrameIndex ?? "?"} of ${video.sourceVideo ?? "a video"}${video.sourceVideoFrameTimestamp === null || video.sourceVideoFrameTimestamp === undefined ? "" : `, at ${shortNumber(video.sourceVideoFrameTimestamp)} s`}`}
      </Text>
      <div className={classes["strip"]}>
        {frames.map(({ ordinal: other, fileName }) => (
          <button key={other} type="button" aria-label={fileName} aria-current={other === ordinal} onClick={() => change({ sample: other })}>
            <img src={pictureUrl(datasetId, other, 128)} alt="" loading="lazy" />
          </button>
        ))}
      </div>
    </Section>
  );
}

function Facts({ sample, size }: { readonly sample: { readonly createdAt?: number | undefined; readonly type: string; readonly metaData?: object | undefined; readonly customMetaData?: object | undefined; readonly exif?: object | undefined }; readonly size: { readonly width?: number; readonly height?: number } | null | undefined }) {
  const rows: [string, string][] = [];
  if (size?.width && size.height) rows.push(["size", `${size.width} × ${size.height} px`]);
  if (sample.createdAt) rows.push(["added", new Date(sample.createdAt).toLocaleString()]);
  for (const data of [sample.customMetaData, sample.metaData, sample.exif]) collect(data, "", rows);
  return (
    <dl className={classes["facts"]}>
      {rows.slice(0, 200).map(([key, value], i) => (
        <div key={`${i} ${key}`} style={{ display: "contents" }}>
          <dt>{key}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function collect(value: unknown, path: string, rows: [string, string][]): void {
  if (value === null || value === undefined) return;
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) {
    rows.push([path, value.map((one) => (typeof one === "number" ? shortNumber(one) : String(one))).join(", ")]);
  } else if (typeof value === "object") for (const [key, inner] of Object.entries(value)) collect(inner, path === "" ? key : `${path}.${key}`, rows);
  else rows.push([path, typeof value === "number" ? shortNumber(value) : String(value)]);
}
