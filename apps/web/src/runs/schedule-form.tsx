import { Accordion, Alert, Anchor, Button, Group, SegmentedControl, Select, Spoiler, Stack, TagsInput, Text, TextInput, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type CatalogueKey, type WorkerStatus, runConfigurationCatalogue } from "@winnow/contract";
import { useMemo, useState } from "react";
import { Link, useLocation } from "wouter";
import { JsonText, call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { addressOfScreen } from "../dataset/dataset-page.tsx";
import { KeyField, titleOf } from "../fields/key-field.tsx";
import { NotationEditor } from "../notation/notation-editor.tsx";
import { writeNotation } from "../notation/notation.ts";
import { StrategiesForm } from "../select/strategies-form.tsx";
import { PageFrame } from "../shell/page-frame.tsx";
import { Loading } from "../states/loading.tsx";
import { Problem, messageOf } from "../states/problem.tsx";
import { said } from "../states/said.ts";
import { type Part, type ReadTexts, configurationBody, readTexts, textsOf, valueAt, withKey, withoutBraces } from "./configuration-texts.ts";
import classes from "./runs.module.css";
import { type ConfigurationTexts, templates } from "./templates.ts";

/** A new run: its configuration as fields and as text, checked while it is written as the server will check it. */
export function ScheduleForm({ datasetId, from, workers }: { readonly datasetId: string; readonly from: string | undefined; readonly workers: readonly WorkerStatus[] }) {
  const earlier = useQuery({ queryKey: ["configuration", from], queryFn: ({ signal }) => call(routes.runConfiguration, { path: { configId: from! }, signal }), enabled: from !== undefined, staleTime: Number.POSITIVE_INFINITY });
  if (from !== undefined && earlier.error) return <Problem what="The configuration" error={earlier.error} retry={() => void earlier.refetch()} />;
  if (from !== undefined && !earlier.data) return <Loading />;
  const initial = earlier.data ? textsOf({ ...earlier.data.config, decimals: earlier.data.decimals }) : templates[0]!;
  return <Editor datasetId={datasetId} initial={{ docker: initial.docker, lightly: initial.lightly, selection: initial.selection }} again={from !== undefined} workers={workers} />;
}

function Editor({ datasetId, initial, again, workers }: { readonly datasetId: string; readonly initial: ConfigurationTexts; readonly again: boolean; readonly workers: readonly WorkerStatus[] }) {
  const [texts, setTexts] = useState(initial);
  const [template, setTemplate] = useState<string | null>(again ? null : templates[0]!.id);
  const [priority, setPriority] = useState<"LOW" | "MID" | "HIGH" | "CRITICAL">("MID");
  const [labels, setLabels] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  const [, go] = useLocation();
  const queries = useQueryClient();
  const read = useMemo(() => readTexts(texts), [texts]);
  const wrong = read.written === undefined || Object.values(read.problems).some((list) => list.length > 0);
  const address = addressOfScreen(datasetId, "runs");
  const change = (part: Part, text: string) => (setTexts((now) => ({ ...now, [part]: text })), setTemplate(null));
  const submit = async () => {
    if (!read.written) return;
    setBusy(true);
    setRefused(undefined);
    try {
      const { id: configId } = await call(routes.createRunConfiguration, { body: new JsonText(configurationBody(read.written)) as never });
      const { id } = await call(routes.scheduleRun, { path: { datasetId }, body: { configId, priority, ...(labels.length > 0 && { runsOn: labels }), creator: "USER_WEBAPP" } });
      await Promise.all([queries.invalidateQueries({ queryKey: ["dataset", datasetId] }), queries.invalidateQueries({ queryKey: ["docker"] })]);
      said("The run is scheduled.");
      go(`${address}?run=${id}`);
    } catch (error) {
      setRefused(messageOf(error));
      setBusy(false);
    }
  };
  const known = [...new Set(workers.flatMap((worker) => worker.labels))];
  const unmet = labels.filter((label) => !known.includes(label));
  return (
    <PageFrame width="94rem">
      <Stack gap="md">
        <Anchor component={Link} href={address} size="sm">
          All runs
        </Anchor>
        <Title order={1} size="h2">
          Schedule a run
        </Title>
        <Select
          label="Begin with"
          placeholder="Own configuration"
          description={templates.find(({ id }) => id === template)?.text ?? "What you have written. Choosing one replaces it."}
          data={templates.map(({ id, title }) => ({ value: id, label: title }))}
          value={template}
          maw={520}
          onChange={(id) => {
            const chosen = templates.find((one) => one.id === id);
            if (!chosen) return;
            setTemplate(chosen.id);
            setTexts({ docker: chosen.docker, lightly: chosen.lightly, selection: chosen.selection });
          }}
        />
        <div className={classes["split"]}>
          <section aria-label="As fields">
            <Fields texts={texts} read={read} onChange={change} />
          </section>
          <Stack gap="lg" component="section" aria-label="As text">
            <NotationEditor label="Worker" description="What the run does. Object notation, JSON, or a Python dictionary." value={texts.docker} problems={read.problems.docker} onChange={(text) => change("docker", text)} rows={18} />
            <NotationEditor label="Selection" description="Several strategies at once, in the place of method and stopping_condition. May be empty." value={texts.selection} problems={read.problems.selection} onChange={(text) => change("selection", text)} rows={texts.selection === "" ? 4 : 16} />
            <NotationEditor label="Model and loader" value={texts.lightly} problems={read.problems.lightly} onChange={(text) => change("lightly", text)} rows={texts.lightly === "" ? 4 : 12} />
          </Stack>
        </div>
        {read.notices.length > 0 && (
          <Alert color="blue" title="Good to know">
            <Spoiler maxHeight={44} showLabel="Show all" hideLabel="Show less">
              {read.notices.map((notice) => (
                <Text key={notice} size="sm" style={{ overflowWrap: "anywhere" }}>
                  {notice}
                </Text>
              ))}
            </Spoiler>
          </Alert>
        )}
        <Group align="flex-end" gap="lg">
          <div>
            <Text size="sm" fw={500} mb={4}>
              Priority
            </Text>
            <SegmentedControl aria-label="Priority" value={priority} onChange={(value) => setPriority(value as typeof priority)} data={[{ value: "LOW", label: "Low" }, { value: "MID", label: "Usual" }, { value: "HIGH", label: "High" }, { value: "CRITICAL", label: "Critical" }]} />
          </div>
          <TagsInput label="Only on workers with these labels" placeholder={labels.length === 0 ? "Any worker" : ""} data={known} value={labels} onChange={setLabels} style={{ flex: "1 1 260px" }} maw={460} description={unmet.length > 0 ? `No worker has ${unmet.map((label) => `“${label}”`).join(", ")} so far.` : undefined} />
        </Group>
        {refused !== undefined && (
          <Alert color="red" title="The run was not scheduled" role="alert">
            {refused}
          </Alert>
        )}
        <Group>
          <Button onClick={() => void submit()} loading={busy} disabled={wrong}>
            Schedule the run
          </Button>
          <Button component={Link} href={address} variant="default">
            Cancel
          </Button>
          {wrong && (
            <Text size="sm" c="red">
              Mend what is marked first.
            </Text>
          )}
        </Group>
      </Stack>
    </PageFrame>
  );
}

const groups: readonly { readonly title: string; readonly dictionary: "docker" | "lightly"; readonly keys: (path: string) => boolean }[] = [
  { title: "Selection", dictionary: "docker", keys: (path) => /^(method|stopping_condition|selected_sequence_length|scorer|scorer_config|active_learning)/.test(path) },
  { title: "Files", dictionary: "docker", keys: (path) => /^(enable_corruptness|corruptness|remove_exact|relevant|datasource)/.test(path) },
  { title: "Objects", dictionary: "docker", keys: (path) => /^(object_level|crops|pretagging)/.test(path) },
  { title: "Embeddings", dictionary: "docker", keys: (path) => /^(checkpoint|embeddings|normalize|append|enable_training|training|datapool|use_datapool)/.test(path) },
  { title: "Results", dictionary: "docker", keys: (path) => /^(dump|output|upload|n_example|memory|show_video|run_directory)/.test(path) },
  { title: "Machine", dictionary: "docker", keys: (path) => /^(num_|cache|shutdown)/.test(path) },
  { title: "Model and loader", dictionary: "lightly", keys: () => true },
];

/** The same configuration as fields, by subject, with a search over all keys. */
function Fields({ texts, read, onChange }: { readonly texts: ConfigurationTexts; readonly read: ReadTexts; readonly onChange: (part: Part, text: string) => void }) {
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState<string[]>(["Selection"]);
  const wanted = search.trim().toLowerCase();
  const usable = runConfigurationCatalogue.filter(({ use, dictionary }) => use !== "start" && dictionary !== "selection");
  const matches = (key: CatalogueKey) => wanted === "" || key.path.replaceAll("_", " ").includes(wanted.replaceAll("_", " ")) || key.summary.toLowerCase().includes(wanted);
  const written = read.written;
  const strategies = written?.selection;
  const field = (key: CatalogueKey) => (
    <KeyField
      key={`${key.dictionary}.${key.path}`}
      field={key}
      label={key.path.includes(".") ? `${titleOf(key.path.slice(0, key.path.lastIndexOf(".")))}: ${titleOf(key.path).toLowerCase()}` : titleOf(key.path)}
      value={valueAt(written?.[key.dictionary], key.path)}
      error={read.messages.get(`${key.dictionary}.${key.path}`)}
      onChange={(value, decimal) => onChange(key.dictionary as Part, withKey(texts[key.dictionary as Part], key.path, value, decimal))}
    />
  );
  if (!written) return <Alert color="yellow">The text beside can't be read yet. Once it can, its values stand here as fields.</Alert>;
  const shown = groups.map((group) => ({ ...group, fields: usable.filter((key) => key.dictionary === group.dictionary && group.keys(key.path) && matches(key)) })).filter(({ fields }) => fields.length > 0);
  return (
    <Stack gap="sm">
      <TextInput aria-label="Search settings" placeholder="Search settings" value={search} onChange={(event) => setSearch(event.currentTarget.value)} />
      <Accordion multiple value={wanted === "" ? open : shown.map(({ title }) => title)} onChange={setOpen} variant="separated" order={2}>
        {shown.map(({ title, dictionary, fields }) => {
          const errors = fields.filter(({ path }) => read.messages.has(`${dictionary}.${path}`)).length;
          const isSelection = title === "Selection";
          return (
            <Accordion.Item key={title} value={title}>
              <Accordion.Control>
                {title}
                {errors > 0 && (
                  <Text span c="red" size="sm" ml="xs">
                    {errors === 1 ? "1 problem" : `${errors} problems`}
                  </Text>
                )}
              </Accordion.Control>
              <Accordion.Panel>
                <div className={classes["form"]}>
                  {isSelection && wanted === "" && (
                    <SegmentedControl
                      aria-label="How to select"
                      value={strategies ? "strategies" : "method"}
                      onChange={(way) => {
                        if (way === "method") return onChange("selection", "");
                        const plain = ["method", "stopping_condition.n_samples", "stopping_condition.min_distance"].reduce((text, path) => withKey(text, path, undefined), texts.docker);
                        onChange("docker", plain);
                        onChange("selection", "n_samples: 100,\nstrategies: [\n  {\n    input: { type: 'EMBEDDINGS' },\n    strategy: { type: 'DIVERSITY' },\n  },\n],\n");
                      }}
                      data={[
                        { value: "method", label: "By a method" },
                        { value: "strategies", label: "By strategies" },
                      ]}
                    />
                  )}
                  {isSelection && strategies ? (
                    <StrategiesForm selection={strategies} problems={[...read.messages].map(([path, message]) => ({ path, message }))} onChange={(selection) => onChange("selection", withoutBraces(writeNotation(selection)))} />
                  ) : (
                    fields.map(field)
                  )}
                </div>
              </Accordion.Panel>
            </Accordion.Item>
          );
        })}
      </Accordion>
      {shown.length === 0 && (
        <Text c="dimmed" size="sm">
          No setting is called so.
        </Text>
      )}
    </Stack>
  );
}
