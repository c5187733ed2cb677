import { Alert, Button, Code, CopyButton, Group, Text } from "@mantine/core";

interface ShownOnceProps {
  /** What it is, for the title. */
  readonly title: string;
  /** What it is called, for the label and the buttons: `Token`. */
  readonly label: string;
  readonly secret: string;
  readonly text?: string;
  readonly onClose: () => void;
}

/** A secret that the server shows this once, with a way to copy it. */
export function ShownOnce({ title, label, secret, text = "It is shown this once. Keep it where only you can read it.", onClose }: ShownOnceProps) {
  return (
    <Alert color="leaf" title={title} withCloseButton closeButtonLabel={`Hide the ${label.toLowerCase()}`} onClose={onClose} role="status">
      <Text size="sm" mb={8}>
        {text}
      </Text>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Code style={{ overflowWrap: "anywhere", flex: 1 }} aria-label={label}>
          {secret}
        </Code>
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button size="compact-sm" variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Alert>
  );
}
