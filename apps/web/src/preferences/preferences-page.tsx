import { Button, Checkbox, Group, Kbd, PasswordInput, SegmentedControl, Select, Stack, Table, Text, TextInput, Title, useMantineColorScheme, VisuallyHidden } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { TokenData, UserData } from "@winnow/contract";
import { type FormEvent, type ReactNode, useState } from "react";
import { agoText, timeText } from "../amounts.ts";
import { RequestError, call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { ShownOnce } from "../fields/shown-once.tsx";
import { Page } from "../shell/page.tsx";
import { Loading } from "../states/loading.tsx";
import { Problem, messageOf } from "../states/problem.tsx";
import { failed, said } from "../states/said.ts";
import { type Density, applyDensity, storedDensity } from "./density.ts";
import { keys } from "./keys.ts";

/** What one sets for oneself: the look, the password, tokens. */
export function PreferencesPage() {
  const me = useQueryClient().getQueryData<UserData>(["me"]);
  return (
    <Page title="Preferences" text={me?.email} width="52rem" gap={40}>
      <Look />
      <Tokens />
      <Password />
      <Keys />
    </Page>
  );
}

function Part({ title, text, id, children }: { readonly title: string; readonly text?: ReactNode; readonly id?: string; readonly children: ReactNode }) {
  return (
    <section aria-label={title} id={id}>
      <Title order={2} size="h4">
        {title}
      </Title>
      {text !== undefined && (
        <Text size="sm" c="dimmed" mb="sm">
          {text}
        </Text>
      )}
      {children}
    </section>
  );
}

function Look() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [density, setDensity] = useState(storedDensity);
  return (
    <Part title="Look">
      <Group gap="xl" mt="xs">
        <div>
          <Text size="sm" mb={4} id="theme">
            Theme
          </Text>
          <SegmentedControl aria-labelledby="theme" value={colorScheme} onChange={(value) => setColorScheme(value as "light" | "dark" | "auto")} data={[{ value: "light", label: "Light" }, { value: "dark", label: "Dark" }, { value: "auto", label: "As the system" }]} />
        </div>
        <div>
          <Text size="sm" mb={4} id="density">
            Density
          </Text>
          <SegmentedControl
            aria-labelledby="density"
            value={density}
            onChange={(value) => {
              setDensity(value as Density);
              applyDensity(value as Density);
            }}
            data={[{ value: "comfortable", label: "Comfortable" }, { value: "compact", label: "Compact" }]}
          />
        </div>
      </Group>
    </Part>
  );
}

function Tokens() {
  const tokens = useQuery({ queryKey: ["tokens"], queryFn: ({ signal }) => call(routes.tokens, { signal }) });
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [days, setDays] = useState("");
  const [readOnly, setReadOnly] = useState(false);
  const [made, setMade] = useState<{ readonly name: string; readonly token: string }>();
  const [busy, setBusy] = useState(false);
  const make = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === "") return;
    setBusy(true);
    try {
      const { token } = await call(routes.createToken, { body: { name: name.trim(), readOnly, ...(days !== "" && { expiresAt: Date.now() + Number(days) * 24 * 3_600_000 }) } });
      setMade({ name: name.trim(), token });
      setName("");
      await queries.invalidateQueries({ queryKey: ["tokens"] });
    } catch (error) {
      failed("No token was made", error);
    }
    setBusy(false);
  };
  const revoke = (tokenId: string, tokenName: string) =>
    modals.openConfirmModal({
      title: `Revoke the token “${tokenName}”?`,
      children: <Text size="sm">Every program that uses it is refused from then on. This can't be undone; a new token can be made.</Text>,
      labels: { confirm: "Revoke it", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () => {
        void call(routes.revokeToken, { path: { tokenId } }).then(
          () => (said(`The token “${tokenName}” no longer works.`), queries.invalidateQueries({ queryKey: ["tokens"] })),
          (error: unknown) => failed("The token still works", error),
        );
      },
    });
  return (
    <Part id="tokens" title="Tokens" text="Programs sign in by a token: the Python client, the command line, workers. Give each its own, so that one can be revoked without the others.">
      <Stack gap="sm">
        <form onSubmit={(event) => void make(event)}>
          <Group gap="xs">
            <TextInput aria-label="Name of the new token" placeholder="What it is for, such as: training server" maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} style={{ flex: "1 1 240px" }} />
            <Select w={170} aria-label="How long the new token works" allowDeselect={false} value={days} onChange={(value) => setDays(value ?? "")} data={[{ value: "", label: "Until revoked" }, { value: "7", label: "For a week" }, { value: "30", label: "For 30 days" }, { value: "90", label: "For 90 days" }, { value: "365", label: "For a year" }]} />
            <Button type="submit" loading={busy} disabled={name.trim() === ""}>
              Make a token
            </Button>
          </Group>
          <Checkbox mt="xs" label="It may only read" checked={readOnly} onChange={(event) => setReadOnly(event.currentTarget.checked)} />
        </form>
        {made && <ShownOnce title={`The token “${made.name}”`} label="Token" secret={made.token} onClose={() => setMade(undefined)} />}
        {tokens.error ? (
          <Problem order={3} what="The tokens" error={tokens.error} retry={() => void tokens.refetch()} />
        ) : !tokens.data ? (
          <Loading order={3} what="Loading the tokens" />
        ) : (
          <Table.ScrollContainer minWidth={320}>
            <Table aria-label="Tokens">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th visibleFrom="sm">Made</Table.Th>
                  <Table.Th visibleFrom="xs">Last used</Table.Th>
                  <Table.Th>Works</Table.Th>
                  <Table.Th>
                    <VisuallyHidden>Revoke</VisuallyHidden>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {tokens.data.map((token) => (
                  <Table.Tr key={token.id}>
                    <Table.Td style={{ overflowWrap: "anywhere" }}>{token.name}</Table.Td>
                    <Table.Td visibleFrom="sm" title={timeText(token.createdAt)}>{agoText(token.createdAt)}</Table.Td>
                    <Table.Td visibleFrom="xs">{token.lastUsedAt === undefined ? "never" : agoText(token.lastUsedAt)}</Table.Td>
                    <Table.Td title={token.expiresAt === undefined ? undefined : timeText(token.expiresAt)}>{worksText(token)}</Table.Td>
                    <Table.Td ta="right">
                      <Button size="compact-sm" variant="light" color="red" aria-label={`Revoke ${token.name}`} onClick={() => revoke(token.id, token.name)}>
                        Revoke
                      </Button>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Stack>
    </Part>
  );
}

/** How long a token works and for what, in few words. */
function worksText({ expiresAt, readOnly, datasetIds }: TokenData): string {
  const until = expiresAt === undefined ? "until revoked" : `until ${new Date(expiresAt).toLocaleDateString()}`;
  return [until, ...(readOnly ? ["only reads"] : []), ...(datasetIds ? [datasetIds.length === 1 ? "for one dataset" : `for ${datasetIds.length} datasets`] : [])].join(", ");
}

const shortest = 10;

function Password() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  const short = next.length < shortest ? `At least ${shortest} characters.` : undefined;
  const different = next === again ? undefined : "The two are not the same.";
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    setRefused(undefined);
    if (short !== undefined || different !== undefined) return;
    setBusy(true);
    try {
      await call(routes.setPassword, { body: { password: next, ...(current !== "" && { currentPassword: current }) } });
      said("The password is set. Your other browsers are signed out.");
      setCurrent("");
      setNext("");
      setAgain("");
      setTried(false);
    } catch (error) {
      setRefused(error instanceof RequestError && error.status === 403 && current === "" ? "You have a password already: give it as the present one." : messageOf(error));
    }
    setBusy(false);
  };
  return (
    <Part title="Password" text="With a password you sign in by your mail address, without a token. Setting it ends the sessions of your other browsers.">
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack gap="sm" maw={420}>
          <PasswordInput label="Present password" description="Leave empty if you have none yet." autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.currentTarget.value)} error={refused} />
          <PasswordInput label="New password" autoComplete="new-password" value={next} onChange={(event) => setNext(event.currentTarget.value)} error={tried ? short : undefined} />
          <PasswordInput label="New password, again" autoComplete="new-password" value={again} onChange={(event) => setAgain(event.currentTarget.value)} error={tried ? different : undefined} />
          <Button type="submit" loading={busy} style={{ alignSelf: "flex-start" }}>
            Set the password
          </Button>
        </Stack>
      </form>
    </Part>
  );
}

function Keys() {
  return (
    <Part title="Keyboard" text="Everything can be reached with Tab, and used with Enter or the blank. Beside that:">
      <Table aria-label="Keys">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Where</Table.Th>
            <Table.Th>Keys</Table.Th>
            <Table.Th>What they do</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map(({ where, press, what }) => (
            <Table.Tr key={`${where} ${what}`}>
              <Table.Td>{where}</Table.Td>
              <Table.Td>
                <Group gap={4}>
                  {press.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </Group>
              </Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Part>
  );
}
