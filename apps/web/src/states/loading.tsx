import { Center, Loader, VisuallyHidden } from "@mantine/core";

/** While something is on its way. @param order of its heading; 1 where nothing else is on the page */
export function Loading({ what = "Loading", order = 1 }: { readonly what?: string; readonly order?: 1 | 2 | 3 }) {
  return (
    <Center h="100%" mih={200} role="status" aria-label={what}>
      <VisuallyHidden component={`h${order}`}>{what}</VisuallyHidden>
      <Loader size="sm" />
    </Center>
  );
}
