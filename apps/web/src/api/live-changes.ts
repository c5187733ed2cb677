import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

/**
 * Listens to what changes on the server and has what is shown loaded again.
 * @returns whether the server is heard
 */
export function useLiveChanges(): "heard" | "lost" {
  const queries = useQueryClient();
  const [state, setState] = useState<"heard" | "lost">("heard");
  useEffect(() => {
    const events = new EventSource("/v1/events");
    let lost = false;
    events.onopen = () => {
      // What happened in between was not heard.
      if (lost) void queries.invalidateQueries();
      lost = false;
      setState("heard");
    };
    events.onerror = () => {
      lost = true;
      setState("lost");
    };
    events.addEventListener("change", (event) => {
      const { datasetId, topic } = JSON.parse((event as MessageEvent<string>).data) as { datasetId?: string; topic: string };
      void queries.invalidateQueries({ queryKey: [topic] });
      // The list of datasets shows counts.
      if (datasetId !== undefined && topic !== "jobs") void queries.invalidateQueries({ queryKey: ["datasets"] });
      if (datasetId !== undefined) void queries.invalidateQueries({ queryKey: ["dataset", datasetId] });
    });
    return () => events.close();
  }, [queries]);
  return state;
}
