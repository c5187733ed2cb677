import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { RequestError, bytes, call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { messageOf } from "../states/problem.tsx";
import { failed } from "../states/said.ts";
import { decodePicks } from "./draft.ts";
import { type SelectionWish, isByStrategies } from "./request.ts";

/** What one draft, and its picks, are known under. */
export function draftKey(datasetId: string, draftId: string | null): readonly unknown[] {
  return ["draft", datasetId, draftId];
}

/** How a draft and its picks are loaded; both never change. */
export function draftQueries(datasetId: string, draftId: string) {
  const path = { datasetId, draftId };
  const queryKey = draftKey(datasetId, draftId);
  const draft = { queryKey, queryFn: ({ signal }: { signal: AbortSignal }) => call(routes.draft, { path, signal }), staleTime: Number.POSITIVE_INFINITY };
  const picks = (facts: Parameters<typeof decodePicks>[0]) => ({ queryKey: [...queryKey, "picks"], queryFn: async ({ signal }: { signal: AbortSignal }) => decodePicks(facts, await bytes(routes.draftPicks, { path, signal })), staleTime: Number.POSITIVE_INFINITY, structuralSharing: false });
  return { draft, picks };
}

export interface DraftOrder {
  readonly busy: boolean;
  /** How far the selection has come; undefined: it waits for its turn. */
  readonly progress: { readonly processed: number; readonly total: number } | undefined;
  /** What the server said: why there are no picks, or what to know about those that it made. */
  readonly said: { readonly text: string; readonly picked: boolean } | undefined;
  /** Asks for picks; whatever is still being picked is given up. */
  readonly ask: (embeddingId: string, wish: SelectionWish) => Promise<void>;
  /** Gives up what is being picked. */
  readonly cancel: () => Promise<void>;
  readonly hush: () => void;
}

/** Has picks made, follows the job, and tells the draft's id once its picks are here: what is shown until then can stay. */
export function useDraftOrder(datasetId: string, onDraft: (draftId: string) => void): DraftOrder {
  const queries = useQueryClient();
  const [said, setSaid] = useState<DraftOrder["said"]>();
  const [jobId, setJobId] = useState<string>();
  const [asking, setAsking] = useState(false);
  const turn = useRef(0);
  const job = useQuery({
    queryKey: ["jobs", jobId, "draft"],
    queryFn: ({ signal }) => call(routes.job, { path: { jobId: jobId! }, signal }),
    enabled: jobId !== undefined,
    refetchInterval: ({ state }) => (state.data?.status === "FINISHED" || state.data?.status === "FAILED" ? false : 300),
    staleTime: 0,
  });
  const status = job.data;
  // A job that nobody knows any more won't end.
  const gone = job.error instanceof RequestError && job.error.status === 404 ? job.error : undefined;
  const ended = gone !== undefined || status?.status === "FINISHED" || status?.status === "FAILED";
  useEffect(() => {
    if (jobId === undefined || !ended) return undefined;
    let current = true;
    const arrive = async () => {
      const message = gone?.message ?? status?.error ?? (status?.status === "FAILED" ? "The selection failed." : undefined);
      const picked = !gone && status?.status === "FINISHED";
      if (picked) {
        const draftId = String(status.result?.data);
        const { draft, picks } = draftQueries(datasetId, draftId);
        try {
          await queries.fetchQuery(picks(await queries.fetchQuery(draft)));
        } catch {
          // The preview asks again, and tells what is wrong.
        }
        if (current) onDraft(draftId);
      }
      if (!current) return;
      setJobId(undefined);
      setSaid(message === undefined ? undefined : { text: message, picked });
    };
    void arrive();
    return () => {
      current = false;
    };
    // A job ends once, with what it had said by then.
  }, [jobId, ended]);

  const giveUp = async (id: string) => {
    try {
      await call(routes.cancelJob, { path: { jobId: id } });
    } catch (problem) {
      // Ended meanwhile.
      if (!(problem instanceof RequestError && (problem.status === 404 || problem.status === 409))) throw problem;
    }
  };
  return {
    busy: asking || jobId !== undefined,
    progress: status?.status === "RUNNING" && (status.meta?.total ?? 0) > 0 ? { processed: status.meta!.processed, total: status.meta!.total } : undefined,
    said,
    hush: () => setSaid(undefined),
    ask: async (embeddingId, wish) => {
      const mine = ++turn.current;
      setSaid(undefined);
      setAsking(true);
      try {
        if (jobId !== undefined) {
          setJobId(undefined);
          await giveUp(jobId);
        }
        const path = { datasetId, embeddingId };
        const { jobId: started } = isByStrategies(wish) ? await call(routes.createStrategyDraft, { path, body: wish }) : await call(routes.createDraft, { path, body: wish });
        // Another wish came while this one was on its way.
        if (turn.current === mine) setJobId(started);
        else await giveUp(started);
        void queries.invalidateQueries({ queryKey: ["jobs"] });
      } catch (problem) {
        if (turn.current === mine) setSaid({ text: messageOf(problem), picked: false });
      }
      if (turn.current === mine) setAsking(false);
    },
    cancel: async () => {
      if (jobId === undefined) return;
      try {
        await giveUp(jobId);
        setJobId(undefined);
      } catch (problem) {
        failed("The selection goes on", problem);
      }
    },
  };
}
