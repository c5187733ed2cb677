import { rm } from "node:fs/promises";
import { join } from "node:path";
import { RunConfigurationError, readRunConfiguration } from "@winnow/contract";
import { SourceFiles } from "../files/source-files.ts";
import { Stopwatch } from "../stages/stopwatch.ts";
import { Videos } from "../stages/video-frames.ts";
import { type ExecuteRun, RunFailure } from "./context.ts";
import { finish } from "./finish.ts";
import { readPlan, writePlan } from "./plan-file.ts";
import { prepare } from "./prepare.ts";
import type { Workplace } from "./workplace.ts";

/**
 * A whole run. Everything up to the plan only reads; the plan is stored before anything is written to the dataset, and an
 * attempt that finds one goes on from there.
 */
export const execute: ExecuteRun = async (context) => {
  const configuration = configurationOf(context.written);
  const { docker } = configuration;
  const files = new SourceFiles({
    client: context.client,
    datasetId: context.datasetId,
    signal: context.signal,
    ...context.sourceLimits,
    expiration: docker.datasource.inputExpiration,
    onSilent: (message) => context.log("warning", message),
  });
  const videos = new Videos({ context, files, trustsFrameCount: docker.datasource.useFrameCountMetadata, cacheSize: docker.cacheSize ?? 0 });
  const workplace: Workplace = { context, configuration, files, videos, watch: new Stopwatch(), notices: [] };
  for (const notice of configuration.notices) context.log("info", notice);
  const path = join(context.folder, "plan.bin");
  try {
    if (await context.fetchPlan(path)) {
      context.log("info", "An earlier attempt has planned this run; it goes on from there.");
      return await finish(workplace, await readPlan(path));
    }
    const prepared = await prepare(workplace);
    if ("message" in prepared) {
      if (prepared.processedUntil !== undefined) await context.client.updateProcessedUntilTimestamp(prepared.processedUntil, { signal: context.signal });
      return { message: prepared.message };
    }
    if (await context.storePlan(await writePlan(path, prepared))) return await finish(workplace, prepared);
    await context.fetchPlan(path);
    return await finish(workplace, await readPlan(path));
  } finally {
    await videos.close();
    await rm(path, { force: true }).catch(() => undefined);
  }
};

function configurationOf(written: Parameters<typeof readRunConfiguration>[0]): ReturnType<typeof readRunConfiguration> {
  try {
    return readRunConfiguration(written);
  } catch (error) {
    if (error instanceof RunConfigurationError) throw new RunFailure(error.message);
    throw error;
  }
}
