import { ImageError, VideoError } from "@winnow/media";
import type { SourceFiles } from "../files/source-files.ts";
import { cutAgain } from "./crops.ts";
import type { FramePlace, Item } from "./item.ts";
import type { Videos } from "./video-frames.ts";

export type Picture = { readonly item: Item; readonly bytes: Uint8Array } | { readonly item: Item; readonly problem: string };

/**
 * The pictures of items, read anew: images as they are, frames as PNG, objects as they are cut out. What comes from one
 * video is read in one go. In the order of the items, save that pictures of one video come by their index.
 */
export async function* picturesOf(files: SourceFiles, videos: Videos, padding: number, items: readonly Item[]): AsyncGenerator<Picture, void, undefined> {
  for (let at = 0; at < items.length; ) {
    const video = videoOf(items[at]!)?.video;
    let end = at + 1;
    while (end < items.length && videoOf(items[end]!)?.video === video) end++;
    const group = items.slice(at, end);
    yield* video === undefined ? fromImages(files, padding, group) : fromVideo(videos, padding, video, group);
    at = end;
  }
}

async function* fromImages(files: SourceFiles, padding: number, items: readonly Item[]): AsyncGenerator<Picture, void, undefined> {
  const byFile = new Map<string, Item[]>();
  for (const item of items) {
    const name = item.crop?.parent ?? item.fileName;
    const group = byFile.get(name);
    if (group === undefined) byFile.set(name, [item]);
    else group.push(item);
  }
  for await (const file of files.readAll(byFile.keys(), 8)) {
    for (const item of byFile.get(file.path)!) {
      if ("problem" in file) yield { item, problem: file.problem.message };
      else yield* asWanted(item, file.bytes, padding);
    }
  }
}

async function* fromVideo(videos: Videos, padding: number, video: string, items: readonly Item[]): AsyncGenerator<Picture, void, undefined> {
  const left = new Set(items);
  try {
    for await (const frame of videos.pictures(video, items, (item) => videoOf(item)!.index)) {
      for (const item of frame.items) {
        left.delete(item);
        yield* asWanted(item, frame.bytes, padding);
      }
    }
  } catch (error) {
    if (!(error instanceof VideoError)) throw error;
    for (const item of left) yield { item, problem: error.message };
    return;
  }
  for (const item of left) yield { item, problem: "the video has no such frame any more" };
}

async function* asWanted(item: Item, bytes: Uint8Array, padding: number): AsyncGenerator<Picture, void, undefined> {
  if (item.crop === undefined) {
    yield { item, bytes };
    return;
  }
  try {
    const cut = await cutAgain(item, bytes, padding);
    yield cut === undefined ? { item, problem: "the box lies outside of the image" } : { item, bytes: cut };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    yield { item, problem: error.message };
  }
}

function videoOf(item: Item): FramePlace | undefined {
  return item.frame ?? item.crop?.parentFrame;
}
