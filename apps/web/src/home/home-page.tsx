import { Button, Container, Group, SimpleGrid, Skeleton, Title } from "@mantine/core";
import { PlusIcon } from "@primer/octicons-react";
import { useQuery } from "@tanstack/react-query";
import { type DragEvent, useState } from "react";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { NothingHere } from "../states/nothing-here.tsx";
import { Problem } from "../states/problem.tsx";
import { failed } from "../states/said.ts";
import { type Found, droppedFiles } from "../upload/dropped-files.ts";
import { DatasetCard } from "./dataset-card.tsx";
import classes from "./home-page.module.css";
import { NewDataset } from "./new-dataset.tsx";

/** How many cards stand beside one another, by the width of the list. */
const cardColumns = { base: 1, "500px": 2, "900px": 3, "1120px": 4, "1800px": 5, "2600px": 6 };

/** All datasets of the user, and the way to a new one. */
export function HomePage() {
  const own = useDatasets(false);
  const shared = useDatasets(true);
  const jobs = useQuery({ queryKey: ["jobs"], queryFn: ({ signal }) => call(routes.jobs, { signal }) });
  const [making, setMaking] = useState(false);
  const [found, setFound] = useState<Found>();
  const [over, setOver] = useState(false);
  const start = (files?: Found) => {
    setFound(files);
    setMaking(true);
  };
  const drop = async (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    try {
      const files = await droppedFiles(event.dataTransfer);
      if (files.files.length > 0) start(files);
    } catch (error) {
      failed("The folder could not be read", error);
    }
  };
  const running = new Map<string, number>();
  for (const { datasetId, status } of jobs.data ?? []) if (datasetId !== undefined && (status === "RUNNING" || status === "WAITING")) running.set(datasetId, (running.get(datasetId) ?? 0) + 1);
  const datasets = own.data ?? [];
  return (
    <div
      className={classes["page"]}
      data-over={over}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => void drop(event)}
    >
      {over && <div className={classes["drop"]}>Drop a folder of images to make a dataset of it</div>}
      {own.error && !own.data ? (
        <Problem what="The datasets" error={own.error} retry={() => void own.refetch()} />
      ) : own.data && datasets.length === 0 && shared.data?.length === 0 ? (
        <NothingHere title="No datasets yet" text="Drop a folder of images here, and see what is in it. Datasets that others share with you stand here too.">
          <Button leftSection={<PlusIcon />} mt="sm" onClick={() => start()}>
            New dataset
          </Button>
        </NothingHere>
      ) : (
        <Container size={2400} m={0} ml="max(0px, (100% - 150rem) / 2)" py="lg" px={{ base: 14, sm: 24 }}>
          <Group justify="space-between" mb="md">
            <Title order={1}>Datasets</Title>
            <Button leftSection={<PlusIcon />} onClick={() => start()}>
              New dataset
            </Button>
          </Group>
          <SimpleGrid type="container" cols={cardColumns} spacing="lg">
            {own.data ? datasets.map((dataset) => <DatasetCard key={dataset.id} dataset={dataset} running={running.get(dataset.id) ?? 0} />) : Array.from({ length: 4 }, (_, i) => <Skeleton key={i} h={190} radius="md" />)}
          </SimpleGrid>
          {shared.data && shared.data.length > 0 && (
            <>
              <Title order={2} mt="xl" mb="md">
                Shared with you
              </Title>
              <SimpleGrid type="container" cols={cardColumns} spacing="lg">
                {shared.data.map((dataset) => (
                  <DatasetCard key={dataset.id} dataset={dataset} running={running.get(dataset.id) ?? 0} />
                ))}
              </SimpleGrid>
            </>
          )}
        </Container>
      )}
      <NewDataset datasets={datasets} opened={making} onClose={() => setMaking(false)} found={found} />
    </div>
  );
}

function useDatasets(shared: boolean) {
  return useQuery({ queryKey: ["datasets", shared ? "shared" : "own"], queryFn: async ({ signal }) => (await call(routes.datasetsEnriched, { query: { shared }, signal })).toSorted((a, b) => b.lastModifiedAt - a.lastModifiedAt) });
}
