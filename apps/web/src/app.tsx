import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Suspense } from "react";
import { Route, Switch } from "wouter";
import { RequestError } from "./api/call.ts";
import { DatasetPage } from "./dataset/dataset-page.tsx";
import { pages } from "./pages.ts";
import { SessionGate } from "./session/session-gate.tsx";
import { Shell } from "./shell/shell.tsx";
import { FailureBoundary } from "./states/failure-boundary.tsx";
import { Loading } from "./states/loading.tsx";
import { NothingHere } from "./states/nothing-here.tsx";
import { theme, variables } from "./theme.ts";

/** What was refused stays refused; what didn't arrive is tried again. */
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) => (error instanceof RequestError && error.status >= 400 && error.status < 500 ? false : failures < 4),
      retryDelay: (failures) => Math.min(500 * 2 ** failures, 8000),
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <ModalsProvider>
          <Notifications position="bottom-left" limit={4} />
          <SessionGate>
            <Shell>
              <Switch>
                {pages.map(({ path, component: Page }) => (
                  <Route key={path} path={path}>
                    <FailureBoundary what="The page">
                      <Suspense fallback={<Loading />}>
                        <Page />
                      </Suspense>
                    </FailureBoundary>
                  </Route>
                ))}
                <Route path="/datasets/:datasetId/*?">{({ datasetId }) => <DatasetPage key={datasetId} datasetId={datasetId} />}</Route>
                <Route>
                  <NothingHere title="There is no such page" text="The address may be mistyped, or what it led to has been deleted." />
                </Route>
              </Switch>
            </Shell>
          </SessionGate>
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
