import { Alert, Button, Title } from "@mantine/core";
import { RequestError } from "../api/call.ts";

/** An error state: the server's words, and a way on. @param order of its heading; 1 where nothing else is on the page */
export function Problem({ error, what, order = 1, retry }: { readonly error: unknown; readonly what: string; readonly order?: 1 | 2 | 3; readonly retry?: () => void }) {
  return (
    <Alert color="red" variant="light" title={
        <Title order={order} c="inherit" size="sm">
          {what} could not be loaded
        </Title>
      } m="md" role="alert">
      {messageOf(error)}
      {retry && (
        <Button mt="sm" size="xs" variant="default" onClick={retry} display="block">
          Try again
        </Button>
      )}
    </Alert>
  );
}

/** A sentence for people. */
export function messageOf(error: unknown): string {
  if (error instanceof RequestError || error instanceof Error) return error.message;
  return String(error);
}
