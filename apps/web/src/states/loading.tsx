import { Center, Loader } from "@mantine/core";

/** While something is on its way. */
export function Loading({ what = "Loading" }: { readonly what?: string }) {
  return (
    <Center h="100%" mih={200} role="status" aria-label={what}>
      <Loader size="sm" />
    </Center>
  );
}
