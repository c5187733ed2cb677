import { Alert, Anchor, Button, Code, Collapse, Group, PasswordInput, SegmentedControl, Select, Stack, Text, TextInput, Textarea, Autocomplete } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { DatasourceConfig, DatasourcePurpose } from "@winnow/contract";
import { type FormEvent, useState } from "react";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { ChoiceCards } from "../fields/choice-cards.tsx";
import { messageOf } from "../states/problem.tsx";
import { said } from "../states/said.ts";
import { type DatasourceField, configOf, kindOf, kinds, problemsOf, purposes, valuesOf } from "./datasource-forms.ts";

/** Connects a datasource, or changes one. Secrets that are stored are neither shown nor needed again. */
export function DatasourceForm({ datasetId, stored, connected, onDone, cancellable }: { readonly datasetId: string; readonly stored: DatasourceConfig | undefined; readonly connected: readonly DatasourceConfig[]; readonly onDone: () => void; readonly cancellable: boolean }) {
  const [kindId, setKindId] = useState(stored ? kindOf(stored).id : "folder");
  const lacking = connected.length === 1 && connected[0]!.purpose !== "INPUT_OUTPUT" ? (connected[0]!.purpose === "INPUT" ? "LIGHTLY" : "INPUT") : undefined;
  const [purpose, setPurpose] = useState<DatasourcePurpose>(stored?.purpose ?? lacking ?? "INPUT_OUTPUT");
  const [values, setValues] = useState(stored ? valuesOf(stored) : {});
  const [tried, setTried] = useState(false);
  const [more, setMore] = useState(Boolean(stored?.thumbSuffix));
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  const queries = useQueryClient();
  const roots = useQuery({ queryKey: ["datasourceRoots"], queryFn: ({ signal }) => call(routes.datasourceRoots, { signal }), staleTime: 60_000 });
  const kind = kinds.find(({ id }) => id === kindId)!;
  const same = stored !== undefined && stored.type === kind.type;
  const problems = problemsOf(kind, values, same);
  const error = (name: string) => (tried ? problems[name] : undefined);
  const set = (name: string, value: string) => setValues((now) => ({ ...now, [name]: value }));
  const replaced = connected.filter((one) => one.purpose !== stored?.purpose && (purpose === "INPUT_OUTPUT" || one.purpose === "INPUT_OUTPUT" || one.purpose === purpose));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problems).length > 0) return;
    setBusy(true);
    setRefused(undefined);
    try {
      await call(routes.connectDatasource, { path: { datasetId }, body: configOf(kind, purpose, values, same) });
      await Promise.all([queries.invalidateQueries({ queryKey: ["dataset", datasetId] }), queries.invalidateQueries({ queryKey: ["datasourceCheck", datasetId] })]);
      said("The datasource is connected. What it allows is being checked.");
      onDone();
    } catch (problem) {
      setRefused(messageOf(problem));
      setBusy(false);
    }
  };
  const folders = roots.data?.folders ?? [];
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="md">
        <ChoiceCards label="Where the files are" choices={kinds} value={kindId} onChange={setKindId} width={280} />
        <div>
          <Text size="sm" fw={500} mb={4} id="purpose">
            What it is for
          </Text>
          <SegmentedControl aria-labelledby="purpose" value={purpose} onChange={(value) => setPurpose(value as DatasourcePurpose)} data={purposes.map(({ value, label }) => ({ value, label }))} />
          <Text size="xs" c="dimmed" mt={4}>
            {purposes.find(({ value }) => value === purpose)?.text}
          </Text>
        </div>
        {kind.id === "folder" && roots.data && folders.length === 0 && (
          <Alert color="yellow" title="The server allows no folders">
            Whoever runs the server decides below which folders datasources may lie: start it with <Code>winnow server --allow-folder /srv/images</Code>, or set <Code>WINNOW_ALLOW_FOLDERS</Code>.
          </Alert>
        )}
        {kind.id === "folder" ? (
          <Autocomplete label={kind.path.label} placeholder={folders[0] ?? kind.path.placeholder} description={folders.length > 0 ? `On the server, in ${folders.join(" or ")}.` : undefined} data={folders} value={values["fullPath"] ?? ""} error={error("fullPath")} onChange={(value) => set("fullPath", value)} withAsterisk />
        ) : (
          <TextInput label={kind.path.label} placeholder={kind.path.placeholder} value={values["fullPath"] ?? ""} error={error("fullPath")} onChange={(event) => set("fullPath", event.currentTarget.value)} withAsterisk />
        )}
        {kind.fields.map((field) => (
          <Field key={`${kind.id} ${field.name}`} field={field} value={values[field.name] ?? ""} error={error(field.name)} stored={same} onChange={(value) => set(field.name, value)} />
        ))}
        <div>
          <Anchor component="button" type="button" size="sm" aria-expanded={more} onClick={() => setMore(!more)}>
            {more ? "Fewer settings" : "More settings"}
          </Anchor>
          <Collapse expanded={more}>
            <TextInput mt="xs" label="Where thumbnails lie" description="A path for each file: [filename] stands for its path without extension, [extension] for the extension." placeholder=".lightly/thumbnails/[filename]_thumb.[extension]" value={values["thumbSuffix"] ?? ""} error={error("thumbSuffix")} onChange={(event) => set("thumbSuffix", event.currentTarget.value)} />
          </Collapse>
        </div>
        {replaced.length > 0 && (
          <Alert color="yellow" title="This takes the place of another one">
            {replaced.map(({ fullPath }) => fullPath).join(" and ")} will no longer be connected. Its files stay.
          </Alert>
        )}
        {refused !== undefined && (
          <Alert color="red" title="It was not connected" role="alert">
            {refused}
          </Alert>
        )}
        <Group>
          <Button type="submit" loading={busy}>
            {stored ? "Save and check" : "Connect and check"}
          </Button>
          {cancellable && (
            <Button variant="default" onClick={onDone}>
              Cancel
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

function Field({ field, value, error, stored, onChange }: { readonly field: DatasourceField; readonly value: string; readonly error: string | undefined; readonly stored: boolean; readonly onChange: (value: string) => void }) {
  const { label, description, placeholder, secret, long, choices } = field;
  const shared = { label, description: secret && stored ? `${description === undefined ? "" : `${description} `}One is stored; leave this empty to keep it.` : description, error, withAsterisk: !(secret && stored), autoComplete: "off" };
  if (choices) return <Select {...shared} data={[...choices]} searchable value={value || null} onChange={(next) => onChange(next ?? "")} />;
  if (long) return <Textarea {...shared} autosize minRows={3} maxRows={8} value={value} onChange={(event) => onChange(event.currentTarget.value)} styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }} spellCheck={false} />;
  if (secret) return <PasswordInput {...shared} autoComplete="new-password" placeholder={stored ? "Stored" : ""} value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
  return <TextInput {...shared} placeholder={placeholder ?? ""} value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
}
