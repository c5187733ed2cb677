import { Anchor, Box, Button, Code, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import type { UserData } from "@winnow/contract";
import { type SubmitEvent, useState } from "react";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { messageOf } from "../states/problem.tsx";
import { Wordmark } from "../shell/wordmark.tsx";

/** Sign in by token, or by mail address and password. */
export function SignInPage({ onSignedIn }: { readonly onSignedIn: (user: UserData) => void }) {
  const [byPassword, setByPassword] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    setBusy(true);
    setProblem(undefined);
    try {
      onSignedIn(await call(routes.signIn, { body: byPassword ? { email: text("email"), password: String(form.get("password") ?? "") } : { token: text("token") } }));
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <Box component="main" mih="100%" style={{ display: "grid", placeItems: "center" }} p="md">
      <Paper withBorder p="xl" w="100%" maw={420} radius="md">
        <form onSubmit={(event) => void submit(event as unknown as SubmitEvent<HTMLFormElement>)}>
          <Stack>
            <Wordmark size={30} />
            <Title order={1} size="h3">
              Sign in
            </Title>
            {byPassword ? (
              <>
                <TextInput key="email" name="email" type="email" label="Mail address" autoComplete="username" required autoFocus />
                <PasswordInput key="password" name="password" label="Password" autoComplete="current-password" required />
              </>
            ) : (
              <PasswordInput
                key="token"
                name="token"
                label="Token"
                required
                autoFocus
                autoComplete="off"
                description={
                  <>
                    The first start of the server printed one; <Code>winnow token create</Code> makes another.
                  </>
                }
              />
            )}
            {problem && (
              <Text c="red" size="sm" role="alert">
                {problem}
              </Text>
            )}
            <Button type="submit" loading={busy}>
              Sign in
            </Button>
            <Anchor component="button" type="button" size="sm" onClick={() => (setByPassword(!byPassword), setProblem(undefined))}>
              {byPassword ? "Use a token instead" : "Use mail address and password instead"}
            </Anchor>
          </Stack>
        </form>
      </Paper>
    </Box>
  );
}
