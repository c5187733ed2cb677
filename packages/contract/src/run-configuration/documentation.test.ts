/** The page about run configurations is made from the catalogue. To write it anew: `npx vitest run packages/contract/src/run-configuration/documentation --update=all`. */
import { expect, test } from "vitest";
import { runConfigurationCatalogue, selectionCatalogue, type CatalogueKey } from "./index.ts";

const code = (text: string) => `\`${text}\``;

function shownDefault({ default: value, required }: CatalogueKey): string {
  if (required) return "(must be given)";
  return value === null ? "–" : code(JSON.stringify(value));
}

function table(keys: readonly CatalogueKey[]): string {
  const rows = keys.map((key) => `| ${code(key.path)} | ${key.allowed.replaceAll("|", "\\|")} | ${shownDefault(key)} | ${key.summary}${key.use === "works" ? "" : key.use === "training" ? " *(training)*" : " *(start)*"} |`);
  return ["| key | value | default | what for |", "|---|---|---|---|", ...rows].join("\n");
}

const of = (dictionary: CatalogueKey["dictionary"]) => runConfigurationCatalogue.filter((key) => key.dictionary === dictionary);

/** What readers import there; this room itself knows no SDK. */
const SDK = JSON.stringify("@winnow/client");

function page(): string {
  return `# The configuration of a run

A run of a compute worker is configured by up to three dictionaries: \`docker\` (what to do), \`lightly\` (model and loader) and \`selection\` (strategies, in the place of \`method\` and \`stopping_condition\`). This page is made from the list that the platform itself checks with; a test compares them.

<!-- test: before
from lightly.api import ApiWorkflowClient
import pathlib

client = ApiWorkflowClient()
client.create_dataset("from python", "Images")
client.set_local_config(str(pathlib.Path.home() / "photographs"))
-->
\`\`\`python
client.schedule_compute_worker_run(
    worker_config={"stopping_condition": {"n_samples": 0.1}, "datasource": {"process_all": True}},
    lightly_config={"loader": {"batch_size": 32}},
    priority="HIGH",
)
\`\`\`

<!-- test: with a worker -->
<!-- test: prints COMPLETED -->
<!-- test: before
import { join } from "node:path";
import { ApiWorkflowClient } from ${SDK};

const client = new ApiWorkflowClient();
await client.createDataset("from typescript");
await client.setLocalConfig(join(import.meta.dirname, "photographs"));
-->
\`\`\`ts
const scheduledId = await client.scheduleComputeWorkerRun({
  workerConfig: { stopping_condition: { n_samples: 0.1 }, datasource: { process_all: true } },
  lightlyConfig: { loader: { batch_size: 32 } },
  priority: "HIGH",
});
for await (const event of client.followComputeWorkerRun(scheduledId)) console.log(event);
\`\`\`

- Dots stand for nesting: \`stopping_condition.n_samples\` is \`{"stopping_condition": {"n_samples": …}}\`. Every key may be written in camelCase as well. Names of classes in \`target\` are yours and stay as they are.
- A configuration is checked when it is created. An unknown key, a wrong type or a value out of range is refused with one message that names all of them, and the nearest valid key.
- \`null\` counts as not given; so does an empty text, unless the table says otherwise.
- \`n_samples\`: \`1\` is one sample, \`1.0\` is everything. JavaScript can't write \`1.0\`; there a whole number is always a count.
- *(training)*: accepted, and without effect, since nothing is trained. *(start)*: counts when a worker is started on its own, and has no effect on a scheduled run.

## Rules between keys

1. \`enable_training\` must be false: training isn't supported. Give a model as \`checkpoint\`, or an encoder as \`lightly.model.name\`.
2. With \`selected_sequence_length\` above 1, \`enable_corruptness_check\` and \`remove_exact_duplicates\` must be false (left out, they are switched off and the run says so), and a number of samples must be a multiple of the length.
3. \`method\` \`coral\` and \`active_learning\` need scores: \`active_learning.task_name\`, an \`embeddings\` file with a column of scores, or \`pretagging\` with a \`scorer\`.
4. The task \`lightly_pretagging\` needs \`pretagging\`, wherever it is named.
5. \`selection\` excludes \`method\` (other than \`coreset\`) and \`stopping_condition\`.
6. \`selection\` needs exactly one of \`n_samples\` and \`proportion_samples\`.
7. \`relevant_filenames_file\` must be there and readable when the run is scheduled. Objects (\`object_level.task_name\`) can't be selected in a dataset of crops.

## \`docker\`

${table(of("docker"))}

## \`lightly\`

${table(of("lightly"))}

## \`selection\`

\`{ "n_samples": …, "strategies": [{ "input": { "type": … }, "strategy": { "type": … } }, …] }\`

${table(of("selection"))}

### Inputs

${selectionCatalogue.inputs.map(({ type, keys }) => `**${type}**\n\n${table(keys)}`).join("\n\n")}

### Strategies

${selectionCatalogue.strategies.map(({ type, inputs, keys }) => `**${type}** works on ${inputs.join(", ")}\n\n${table(keys)}`).join("\n\n")}
`;
}

test("docs/reference/run-configuration.md says what the catalogue says", async () => {
  await expect(page()).toMatchFileSnapshot(new URL("../../../../docs/reference/run-configuration.md", import.meta.url).pathname);
});
