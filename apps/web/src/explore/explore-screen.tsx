import { NothingHere } from "../states/nothing-here.tsx";
import { Problem } from "../states/problem.tsx";
import { Loading } from "../states/loading.tsx";
import { useColumns } from "../columns/use-columns.ts";
import { pictureUrl } from "../api/routes.ts";

/** The whole collection at a glance. */
export function ExploreScreen({ datasetId }: { readonly datasetId: string }) {
  const columns = useColumns(datasetId);
  if (columns.error && !columns.data) return <Problem what="The samples" error={columns.error} retry={() => void columns.refetch()} />;
  if (!columns.data) return <Loading what="Loading the samples" />;
  if (columns.data.nSamples === 0) return <NothingHere title="No samples yet" />;
  return (
    <div>
      {Array.from({ length: Math.min(200, columns.data.nSamples) }, (_, ordinal) => (
        <img key={ordinal} src={pictureUrl(datasetId, ordinal, 128)} alt="" width={120} height={120} loading="lazy" />
      ))}
    </div>
  );
}
