import { Group, Stack, type StackProps, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { PageFrame } from "./page-frame.tsx";

interface PageProps {
  readonly title: string;
  /** A sentence below the title. */
  readonly text?: ReactNode;
  /** Stands across from the title: what is done most here. */
  readonly aside?: ReactNode;
  readonly width?: string;
  readonly gap?: StackProps["gap"];
  readonly children: ReactNode;
}

/** A screen that is read from top to bottom, with its title. */
export function Page({ title, text, aside, width, gap = "lg", children }: PageProps) {
  const heading = (
    <div>
      <Title order={1} size="h2">
        {title}
      </Title>
      {text !== undefined && (
        <Text size="sm" c="dimmed">
          {text}
        </Text>
      )}
    </div>
  );
  return (
    <PageFrame {...(width !== undefined && { width })}>
      <Stack gap={gap}>
        {aside ? (
          <Group justify="space-between">
            {heading}
            {aside}
          </Group>
        ) : (
          heading
        )}
        {children}
      </Stack>
    </PageFrame>
  );
}
