import { Center, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** An empty state: what isn't there, why, and what to do about it. @param order of its heading; 1 where nothing else is on the page */
export function NothingHere({ title, text, order = 1, children }: { readonly title: string; readonly order?: 1 | 2 | 3; readonly text?: ReactNode; readonly children?: ReactNode }) {
  return (
    <Center p="xl" h="100%" mih={260}>
      <Stack align="center" gap="xs" maw={460}>
        <Title order={order} size="h3" ta="center">
          {title}
        </Title>
        {text === undefined ? null : (
          <Text c="dimmed" ta="center">
            {text}
          </Text>
        )}
        {children}
      </Stack>
    </Center>
  );
}
