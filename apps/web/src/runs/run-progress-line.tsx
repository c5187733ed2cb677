import { Progress, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { countText, numberText } from "../amounts.ts";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";

/** How far a run is. */
export function RunProgressLine({ runId }: { readonly runId: string }) {
  const progress = useQuery({ queryKey: ["docker", "progress", runId], queryFn: ({ signal }) => call(routes.runProgress, { path: { runId }, signal }), refetchInterval: 2000 });
  const told = progress.data?.progress;
  if (!told) return null;
  const { stage, done, total, rates } = told;
  const speed = Object.entries(rates ?? {}).map(([what, rate]) => `${numberText(rate)} ${what}/s`);
  const text = `${stage}: ${countText(done)}${total === null ? "" : ` of ${countText(total)}`}${speed.length > 0 ? ` · ${speed.join(" · ")}` : ""}`;
  return (
    <span style={{ display: "block" }}>
      <Progress component="span" display="block" size="sm" mt={4} value={total === null || total === 0 ? 100 : Math.min(100, (100 * done) / total)} animated={total === null} aria-label={text} />
      <Text span size="xs" c="dimmed">
        {text}
      </Text>
    </span>
  );
}
