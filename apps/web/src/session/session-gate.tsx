import { Center, Loader } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { RequestError, call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { Problem } from "../states/problem.tsx";
import { SignInPage } from "./sign-in-page.tsx";

/** Shows what needs a signed-in user, or the way to become one. A link that ends in `#token=…` signs in by itself. */
export function SessionGate({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const [linked, setLinked] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get("token"));
  const me = useQuery({ queryKey: ["me"], queryFn: ({ signal }) => call(routes.me, { signal }), staleTime: Number.POSITIVE_INFINITY, enabled: linked === null });
  useEffect(() => {
    if (linked === null) return;
    // The token must not stay in the address bar or the history.
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
    call(routes.signIn, { body: { token: linked } })
      .catch(() => undefined)
      .finally(() => setLinked(null));
  }, [linked]);
  useEffect(() => {
    const signedOut = () => queries.setQueryData(["me"], null);
    window.addEventListener("winnow:signed-out", signedOut);
    return () => window.removeEventListener("winnow:signed-out", signedOut);
  }, [queries]);
  if (me.data) return children;
  if (me.data === null || (me.error instanceof RequestError && me.error.status === 401)) return <SignInPage onSignedIn={(user) => queries.setQueryData(["me"], user)} />;
  if (me.error) return <Problem what="The app" error={me.error} retry={() => void me.refetch()} />;
  return (
    <Center h="100%">
      <Loader aria-label="Signing in" />
    </Center>
  );
}
