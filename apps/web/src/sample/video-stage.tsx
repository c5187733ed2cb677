import { ActionIcon, Text } from "@mantine/core";
import { ChevronLeftIcon, ChevronRightIcon } from "@primer/octicons-react";
import { useEffect, useRef, useState } from "react";
import { Problem } from "../states/problem.tsx";
import { FrameSteps } from "./frame-steps.ts";
import classes from "./sample.module.css";

/** A video as it plays, and frame by frame. */
export function VideoStage({ address, name }: { readonly address: string; readonly name: string }) {
  const video = useRef<HTMLVideoElement>(null);
  const steps = useRef<FrameSteps>(undefined);
  const [time, setTime] = useState(0);
  const [length, setLength] = useState<number>();
  const [broken, setBroken] = useState(false);
  const step = async (direction: 1 | -1) => {
    if (!video.current) return;
    steps.current ??= new FrameSteps(video.current);
    const shown = await steps.current.step(direction);
    if (shown !== undefined) setTime(shown);
  };
  const latest = useRef(step);
  useEffect(() => {
    latest.current = step;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if ((event.target as HTMLElement).closest("input, textarea, [role=slider]")) return;
      if (event.key === ".") void latest.current(1);
      else if (event.key === ",") void latest.current(-1);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
  if (broken) {
    return (
      <div className={classes["stage"]}>
        <Problem order={3} what="The video" error={new Error("This browser can't play it: it may be of a kind that it doesn't know, or be cut off. The file itself can be opened above.")} />
      </div>
    );
  }
  return (
    <div className={`${classes["stage"]} ${classes["player"]}`}>
      <video ref={video} className={classes["video"]} src={address} controls playsInline preload="auto" aria-label={name} onLoadedMetadata={(event) => setLength(event.currentTarget.duration)} onTimeUpdate={(event) => event.currentTarget.paused || setTime(event.currentTarget.currentTime)} onError={() => setBroken(true)} />
      <div className={classes["steps"]} role="group" aria-label="Frame by frame">
        <ActionIcon size="lg" aria-label="Previous frame" title="Previous frame (,)" disabled={length === undefined} onClick={() => void step(-1)}>
          <ChevronLeftIcon />
        </ActionIcon>
        <Text size="sm" style={{ fontVariantNumeric: "tabular-nums" }} aria-live="polite">
          {length === undefined ? "Loading the video" : `${time.toFixed(2)} of ${Number.isFinite(length) ? length.toFixed(2) : "?"} s`}
        </Text>
        <ActionIcon size="lg" aria-label="Next frame" title="Next frame (.)" disabled={length === undefined} onClick={() => void step(1)}>
          <ChevronRightIcon />
        </ActionIcon>
      </div>
    </div>
  );
}
