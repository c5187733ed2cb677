import { Container, SimpleGrid, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { Loading } from "../states/loading.tsx";
import { NothingHere } from "../states/nothing-here.tsx";
import { Problem } from "../states/problem.tsx";
import { DatasetCard } from "./dataset-card.tsx";

/** All datasets of the user. */
export function HomePage() {
  const datasets = useQuery({ queryKey: ["datasets"], queryFn: ({ signal }) => call(routes.datasetsEnriched, { query: { limit: 4 }, signal }) });
  if (datasets.error && !datasets.data) return <Problem what="The datasets" error={datasets.error} retry={() => void datasets.refetch()} />;
  if (!datasets.data) return <Loading what="Loading the datasets" />;
  if (datasets.data.length === 0) return <NothingHere title="No datasets yet" text="Datasets that you make, or that are shared with you, stand here." />;
  return (
    <Container size="xl" py="lg">
      <Title order={1} mb="md">
        Datasets
      </Title>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3, lg: 4 }} spacing="lg">
        {datasets.data.map((dataset) => (
          <DatasetCard key={dataset.id} dataset={dataset} />
        ))}
      </SimpleGrid>
    </Container>
  );
}
