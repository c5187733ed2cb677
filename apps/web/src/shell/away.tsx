import { Box } from "@mantine/core";
import { type ReactNode, createContext, useContext, useSyncExternalStore } from "react";
import { useLiveChanges } from "../api/live-changes.ts";
import classes from "./away.module.css";

const Away = createContext<string | undefined>(undefined);

/** Knows whether the server can be reached, for all that is in it. */
export function AwayProvider({ children }: { readonly children: ReactNode }) {
  const live = useLiveChanges();
  const online = useSyncExternalStore(watchNetwork, () => navigator.onLine);
  const text = !online ? "You are offline. What you see may be old." : live === "lost" ? "The server doesn't answer. What you see may be old; this goes on by itself when it is back." : undefined;
  return <Away.Provider value={text}>{children}</Away.Provider>;
}

/** What there is to say while the server can't be reached; undefined: it can. */
export function useAway(): string | undefined {
  return useContext(Away);
}

/** Says so while the server can't be reached. What covers the whole window has one of its own. */
export function AwayNotice() {
  const text = useAway();
  if (text === undefined) return null;
  return (
    <Box className={classes["away"]} role="status">
      {text}
    </Box>
  );
}

function watchNetwork(changed: () => void): () => void {
  window.addEventListener("online", changed);
  window.addEventListener("offline", changed);
  return () => {
    window.removeEventListener("online", changed);
    window.removeEventListener("offline", changed);
  };
}
