import { Group, Text } from "@mantine/core";

/** Name and mark. */
export function Wordmark({ size = 22 }: { readonly size?: number }) {
  return (
    <Group gap={8} wrap="nowrap">
      <img src="/winnow.svg" alt="" width={size} height={size} />
      <Text fw={680} size={size > 24 ? "xl" : "md"} style={{ letterSpacing: "-0.015em" }}>
        Winnow
      </Text>
    </Group>
  );
}
