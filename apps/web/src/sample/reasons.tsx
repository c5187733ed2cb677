import { Skeleton, Text } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { shortNumber } from "../explore/grouping.ts";
import type { Exploration } from "../explore/use-exploration.ts";

/** Why a sample was selected, for each selection that it is in. */
export function Reasons({ datasetId, exploration, ordinal, tagIds }: { readonly datasetId: string; readonly exploration: Exploration; readonly ordinal: number; readonly tagIds: readonly string[] }) {
  const selected = tagIds.filter((id) => exploration.facts.has(`pick.${id}`));
  const reports = useQueries({
    queries: selected.map((tagId) => ({ queryKey: ["selectionReport", datasetId, tagId], queryFn: ({ signal }: { signal: AbortSignal }) => call(routes.selection, { path: { datasetId, tagId }, signal }), staleTime: Number.POSITIVE_INFINITY, retry: false })),
  });
  if (selected.length === 0) return null;
  return (
    <>
      {reports.map(({ data, isPending }, i) => {
        if (isPending) return <Skeleton key={selected[i]} h={40} mb={6} />;
        if (!data) return null;
        const tag = exploration.tags.find(({ id }) => id === selected[i]);
        const place = data.picks.findIndex((pick) => pick.ordinal === ordinal);
        const pick = data.picks[place];
        return (
          <Text key={selected[i]} size="sm" mb={6}>
            <b>{tag?.name}</b>: {pick ? `pick ${place + 1} of ${data.picks.length}. ${explained(pick)}` : "it was preselected, so the others were picked besides it."}
          </Text>
        );
      })}
    </>
  );
}

function explained({ distance, score, radius }: { readonly distance?: number; readonly score?: number; readonly radius?: number }): string {
  const parts: string[] = [];
  if (distance !== undefined) parts.push(`Until then the nearest chosen sample was ${shortNumber(distance)} away.`);
  if (score !== undefined) parts.push(`Its score is ${shortNumber(score)}.`);
  if (radius !== undefined) parts.push(`After it, no sample was farther than ${shortNumber(radius)} from a chosen one.`);
  return parts.join(" ");
}
