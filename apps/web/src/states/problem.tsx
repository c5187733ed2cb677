import { Alert, Button } from "@mantine/core";
import { RequestError } from "../api/call.ts";

/** An error state: the server's words, and a way on. */
export function Problem({ error, what, retry }: { readonly error: unknown; readonly what: string; readonly retry?: () => void }) {
  return (
    <Alert color="red" variant="light" title={`${what} could not be loaded`} m="md" role="alert">
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
