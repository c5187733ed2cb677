import { Text } from "@mantine/core";
import { Suspense, useEffect, useRef } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { RequestError } from "../api/call.ts";
import { Place } from "../shell/place.tsx";
import { FailureBoundary } from "../states/failure-boundary.tsx";
import { Loading } from "../states/loading.tsx";
import { NothingHere } from "../states/nothing-here.tsx";
import { Problem } from "../states/problem.tsx";
import classes from "./dataset-page.module.css";
import { screens } from "./screens.ts";
import { useDataset } from "./use-dataset.ts";

/** The frame of a dataset's screens: its name, the way between them, and what is shown when there is no such dataset. */
export function DatasetPage({ datasetId }: { readonly datasetId: string }) {
  const dataset = useDataset(datasetId);
  const name = dataset.data?.name;
  useEffect(() => {
    if (name !== undefined) document.title = `${name} · Winnow`;
    return () => void (document.title = "Winnow");
  }, [name]);
  if (dataset.error instanceof RequestError && [400, 403, 404].includes(dataset.error.status)) return <NothingHere title="There is no such dataset" text="It has been deleted, or it isn't shared with you." />;
  if (dataset.error && !dataset.data) return <Problem what="The dataset" error={dataset.error} retry={() => void dataset.refetch()} />;
  if (!dataset.data) return <Loading what="Loading the dataset" />;
  return (
    <>
      <Place>
        <Text component="span" className={classes["name"]} title={name} fw={560}>
          {name}
        </Text>
        {screens.length > 1 && <Navigation datasetId={datasetId} />}
      </Place>
      <Switch>
        {screens.map(({ path, title, component: Screen }) => (
          <Route key={path} path={addressOfScreen(datasetId, path)}>
            <FailureBoundary what={title}>
              <Suspense fallback={<Loading />}>
                <Screen datasetId={datasetId} />
              </Suspense>
            </FailureBoundary>
          </Route>
        ))}
        <Route>
          <NothingHere title="There is no such page" text="The address may be mistyped." />
        </Route>
      </Switch>
    </>
  );
}

/** Where a screen of a dataset is. */
export function addressOfScreen(datasetId: string, path: string): string {
  return path === "" ? `/datasets/${datasetId}` : `/datasets/${datasetId}/${path}`;
}

function Navigation({ datasetId }: { readonly datasetId: string }) {
  const [location] = useLocation();
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    // Where there is no room for all, the one that is shown is in sight.
    const here = bar.current?.querySelector<HTMLElement>("[aria-current=page]");
    if (here) bar.current!.scrollLeft = here.offsetLeft - bar.current!.offsetLeft - 40;
  }, [location]);
  return (
    <nav ref={bar} className={classes["navigation"]} aria-label="Dataset">
      {screens.map(({ path, title, icon: Icon }) => {
        const address = addressOfScreen(datasetId, path);
        const here = path === "" ? location === address : location === address || location.startsWith(`${address}/`);
        return (
          <Link key={path} href={address} className={classes["link"] ?? ""} aria-current={here ? "page" : undefined}>
            <Icon size={14} />
            {title}
          </Link>
        );
      })}
    </nav>
  );
}
