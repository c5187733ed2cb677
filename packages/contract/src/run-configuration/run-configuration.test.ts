import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { examineRunConfiguration, readRunConfiguration, runConfigurationCatalogue, RunConfigurationError, selectionCatalogue, wholeDecimals, type CatalogueKey, type WrittenConfiguration } from "./index.ts";
import { keysBelow } from "./run-configuration.ts";
import { dockerKeys } from "./docker-keys.ts";
import { lightlyKeys } from "./lightly-keys.ts";

const problems = (written: WrittenConfiguration) => examineRunConfiguration(written).problems.map(({ path, message }) => `${path}: ${message}`);
const docker = (docker: Record<string, unknown>) => problems({ docker });
const read = (docker: Record<string, unknown>, more: WrittenConfiguration = {}) => readRunConfiguration({ docker, ...more });
const diversity = { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } };

/** A dictionary with one value at a dotted path. */
const at = (path: string, value: unknown): Record<string, unknown> => path.split(".").reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Record<string, unknown>;
const camel = (path: string) => path.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()).replace("_inGB", "InGB").replace("_in_GB", "InGB").replace("memoryRequirementIn_GB", "memoryRequirementInGB");

/** Values that a key takes, other than its default where there is one. */
function valuesOf({ kind }: CatalogueKey): unknown[] {
  switch (kind.type) {
    case "boolean":
      return [true, false];
    case "integer":
      return [kind.minimum ?? -5, (kind.minimum ?? 0) + 2 * (kind.multipleOf ?? 1), ...(kind.off === undefined ? [] : [kind.off])];
    case "number":
      return [kind.minimum ?? (kind.above ?? 0) + 0.5, kind.maximum ?? 12.5, ...(kind.off === undefined ? [] : [kind.off])];
    case "text":
      return { text: ["uncertainty_margin"], path: ["folder/a file.txt"], id: ["0123456789abcdef01234567"], task: ["a/task-1"], dataset: ["my crops"], tag: ["a tag"] }[kind.of];
    case "choice":
      return [...kind.values];
    case "list":
      return [kind.of === "number" ? [0, 1] : ["one", "two"]];
    case "size":
      return [-1, 64, [48, 64]];
    case "amount":
      return [-1, 10, 0.25];
    case "shares":
      return [{ car: 0.5 }];
  }
}

describe("every key of a run", () => {
  const keys = runConfigurationCatalogue.filter(({ dictionary }) => dictionary !== "selection");

  it("is taken in both spellings, and read the same", () => {
    for (const key of keys) {
      for (const value of valuesOf(key)) {
        const [snake, upper] = [at(key.path, value), at(camel(key.path), value)].map((written) => {
          // Rules between keys are tested on their own; what they ask for stands beside.
          const beside = key.path === "method" ? { active_learning: { task_name: "t" } } : {};
          const both = { [key.dictionary]: { ...beside, ...written } };
          const examined = examineRunConfiguration(both);
          return { both, problems: examined.problems.filter(({ message }) => !/training isn't supported|go together|must be one of object-frequency/.test(message)) };
        });
        expect(snake!.problems, key.path).toEqual([]);
        expect(upper!.problems, key.path).toEqual([]);
        const ok = examineRunConfiguration(snake!.both).problems.length === 0;
        if (ok) expect({ ...readRunConfiguration(upper!.both), notices: [] }, key.path).toEqual({ ...readRunConfiguration(snake!.both), notices: [] });
      }
    }
  });

  it("refuses what isn't of its kind, naming the key and what is allowed", () => {
    for (const key of keys) {
      for (const wrong of [{ a: 1 }, [[]], "\u0000", ...(key.kind.type === "boolean" ? ["true", 1] : key.kind.type === "text" ? [5, true] : key.kind.type === "choice" ? ["nothing of this"] : ["1", NaN, Infinity, -2.5])]) {
        if (key.kind.type === "number" && wrong === -2.5 && key.kind.minimum === undefined && key.kind.above === undefined) continue;
        const found = problems({ [key.dictionary]: at(key.path, wrong) });
        expect(found, `${key.path} ${JSON.stringify(wrong)}`).toEqual([expect.stringContaining(`${key.dictionary}.${key.path}: must be ${key.allowed}`)]);
      }
      if (key.kind.type === "integer") expect(problems({ [key.dictionary]: at(key.path, 2.5) })).toHaveLength(1);
    }
  });

  it("may be null, and then counts as missing", () => {
    for (const key of keys) expect(problems({ [key.dictionary]: at(key.path, null) })).toEqual([]);
  });

  it("has a default that it would take itself", () => {
    for (const key of keys) if (key.default !== null) expect(problems({ [key.dictionary]: at(key.path, key.default) }), key.path).toEqual([]);
  });

  it("is in the catalogue once, with a sentence about it", () => {
    expect(keys.length).toBe(keysBelow("docker", dockerKeys).length + keysBelow("lightly", lightlyKeys).length);
    expect(new Set(keys.map(({ dictionary, path }) => `${dictionary}.${path}`)).size).toBe(keys.length);
    expect(JSON.parse(JSON.stringify([runConfigurationCatalogue, selectionCatalogue]))).toEqual([runConfigurationCatalogue, selectionCatalogue]);
    for (const { summary, path } of keys) expect(summary.length, path).toBeGreaterThan(8);
  });
});

describe("defaults", () => {
  it("are those that users expect", () => {
    const { docker, lightly, selection } = readRunConfiguration({});
    expect(docker).toMatchObject({
      enableCorruptnessCheck: true, removeExactDuplicates: true, method: "coreset", selectedSequenceLength: 1, normalizeEmbeddings: true, pretagging: false,
      stoppingCondition: { nSamples: null, minDistance: null }, scorer: "object_frequency", scorerConfig: { frequencyPenalty: 0.25, minScore: 0.9 },
      activeLearning: { taskName: null, scoreName: "uncertainty_margin" }, objectLevel: { taskName: null, cropDatasetName: null, padding: 0 },
      datasource: { processAll: false, enableDatapoolUpdate: true }, corruptnessCheck: { corruptionThreshold: 0.1 }, outputImageSize: null, nExampleImages: 6, memoryRequirementInGB: 2,
    });
    expect(lightly).toMatchObject({ loader: { batchSize: 16, numWorkers: null }, model: { name: null, numFtrs: 32 }, collate: { inputSize: 64, sigmas: [0.2, 2] }, seed: 1, resize: null });
    expect(selection).toBeNull();
  });

  it("also stand for an empty text", () => {
    expect(read({ active_learning: { task_name: "", score_name: "" }, scorer: "", checkpoint: "" }).docker).toMatchObject({ activeLearning: { taskName: null, scoreName: "uncertainty_margin" }, scorer: null, checkpoint: null });
  });

  it("say when nothing limits the selection", () => {
    expect(readRunConfiguration({}).notices).toEqual([expect.stringContaining("all that passes")]);
    expect(read({ stopping_condition: { n_samples: 3 } }).notices).toEqual([]);
  });
});

describe("unknown keys", () => {
  it("are all named in one message, each with the nearest valid one in the same spelling", () => {
    const written = { docker: { enable_corruptnes_check: true, stoppingCondition: { nSample: 3 }, stoping_condition: {} }, lightly: { modle: {}, collate: { input_sise: 3 } } };
    expect(problems(written)).toEqual([
      "docker.enable_corruptnes_check: there is no such key; did you mean enable_corruptness_check?",
      "docker.stoping_condition: there is no such key; did you mean stopping_condition?",
      "docker.stoppingCondition.nSample: there is no such key; did you mean nSamples?",
      "lightly.modle: there is no such key; did you mean model?",
      "lightly.collate.input_sise: there is no such key; did you mean input_size?",
    ]);
    expect(() => readRunConfiguration(written)).toThrow(RunConfigurationError);
    expect(() => readRunConfiguration(written)).toThrow(/enable_corruptnes_check.*nSample:.*input_sise/);
  });

  it("that belong elsewhere are told where", () => {
    expect(docker({ n_samples: 3 })).toEqual(["docker.n_samples: there is no such key; did you mean docker.stopping_condition.n_samples?"]);
    expect(docker({ batchSize: 3 })).toEqual(["docker.batchSize: there is no such key; did you mean lightly.loader.batch_size?"]);
  });

  it("in both spellings at once are refused", () => {
    expect(docker({ remove_exact_duplicates: true, removeExactDuplicates: true })).toEqual(["docker.removeExactDuplicates: is there in both spellings; give one"]);
  });

  it("are found whatever they are called", () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.anything()), (written) => {
      const found = examineRunConfiguration({ docker: written, lightly: written, selection: written });
      for (const name of Object.keys(written)) if (!(name in dockerKeys) && !name.includes("_") && name !== "token" && name !== "method" && name !== "crops" && name !== "seed") expect(found.problems.some(({ path }) => path.startsWith(`docker.${name.slice(0, 100)}`))).toBe(true);
    }));
  });
});

describe("a number of samples", () => {
  const amount = (nSamples: number, decimals: string[] = []) => read({ stopping_condition: { n_samples: nSamples } }, { decimals }).docker.stoppingCondition.nSamples;

  it("is a count when whole, and a share when decimal", () => {
    expect(amount(0.25)).toEqual({ share: 0.25 });
    expect(amount(10)).toEqual({ count: 10 });
    expect(amount(0)).toEqual({ count: 0 });
    expect(amount(-1)).toBeNull();
    for (const wrong of [-2, 1.5, -0.5]) expect(docker({ stopping_condition: { n_samples: wrong } })).toHaveLength(1);
  });

  it("of 1 is one sample, of 1.0 everything", () => {
    expect(amount(1)).toEqual({ count: 1 });
    expect(amount(1, ["docker.stopping_condition.n_samples"])).toEqual({ share: 1 });
    expect(amount(5, ["docker.stopping_condition.n_samples"])).toEqual({ count: 5 });
  });
});

describe("rules between keys", () => {
  it("training is refused, with what to do instead", () => {
    expect(docker({ enable_training: true })).toEqual([expect.stringMatching(/docker\.enable_training: training isn't supported.*checkpoint.*model\.name/)]);
    expect(docker({ enable_training: true, embeddings: "e.csv" })).toEqual([expect.anything(), expect.stringContaining("docker.embeddings: an embeddings file and enable_training exclude each other")]);
  });

  it("sequences switch checks off that aren't asked for, and refuse those that are", () => {
    const { docker: switched, notices } = read({ selected_sequence_length: 5, stopping_condition: { n_samples: 10 } });
    expect(switched).toMatchObject({ enableCorruptnessCheck: false, removeExactDuplicates: false });
    expect(notices).toEqual(["enable_corruptness_check and remove_exact_duplicates were switched off, because selected_sequence_length is 5."]);
    expect(docker({ selected_sequence_length: 5, enable_corruptness_check: true })).toEqual([expect.stringContaining("docker.enable_corruptness_check: must be false")]);
    expect(docker({ selected_sequence_length: 5, remove_exact_duplicates: false, enable_corruptness_check: false })).toEqual([]);
    expect(docker({ selected_sequence_length: 5, stopping_condition: { n_samples: 12 } })).toEqual(["docker.stopping_condition.n_samples: must be a multiple of selected_sequence_length (5), got 12"]);
    expect(docker({ selected_sequence_length: 5, stopping_condition: { n_samples: 0.3 } })).toEqual([]);
    expect(problems({ docker: { selected_sequence_length: 5, stopping_condition: { n_samples: 1 } }, decimals: ["docker.stopping_condition.n_samples"] })).toEqual([]);
    expect(problems({ docker: { selected_sequence_length: 5 }, selection: { n_samples: 3, strategies: [diversity] } })).toEqual([expect.stringContaining("selection.n_samples: must be a multiple")]);
  });

  it("methods that need scores need a source of them", () => {
    for (const method of ["coral", "active_learning"]) {
      expect(docker({ method })).toEqual([expect.stringContaining(`docker.method: ${method} needs scores`)]);
      for (const source of [{ active_learning: { task_name: "t" } }, { embeddings: "e.csv" }, { pretagging: true }]) expect(docker({ method, ...source })).toEqual([]);
      expect(docker({ method, pretagging: true, scorer: "" })).toHaveLength(1);
    }
    expect(docker({ scorer: "best" })).toEqual([expect.stringContaining("docker.scorer: must be one of object-frequency")]);
    expect(read({ scorer: "uncertainty-entropy" }).docker.scorer).toBe("uncertainty_entropy");
  });

  it("the task of the pretagging needs the pretagging", () => {
    const named = (pretagging: boolean) => problems({ docker: { pretagging, object_level: { task_name: "lightly_pretagging" } }, selection: { n_samples: 5, strategies: [{ input: { type: "PREDICTIONS", task: "lightly_pretagging", name: "CLASS_DISTRIBUTION" }, strategy: { type: "BALANCE", distribution: "UNIFORM" } }] } });
    expect(named(true)).toEqual([]);
    expect(named(false)).toEqual([expect.stringContaining("docker.object_level.task_name: the task lightly_pretagging needs"), expect.stringContaining("selection.strategies[0].input.task: the task lightly_pretagging needs")]);
  });

  it("a selection stands alone, with one size", () => {
    const selection = { n_samples: 5, strategies: [diversity] };
    expect(problems({ selection })).toEqual([]);
    expect(problems({ docker: { method: "coreset", stopping_condition: { n_samples: -1, min_distance: -1 } }, selection })).toEqual([]);
    expect(problems({ docker: { method: "random" }, selection })).toEqual([expect.stringContaining("docker.method: and selection exclude each other")]);
    expect(problems({ docker: { stopping_condition: { min_distance: 0.5 } }, selection })).toEqual([expect.stringContaining("docker.stopping_condition.min_distance: stopping_condition and selection exclude")]);
    expect(problems({ selection: { ...selection, proportion_samples: 0.5 } })).toEqual(["selection: needs exactly one of n_samples and proportion_samples, got both"]);
    expect(problems({ selection: { strategies: [diversity] } })).toEqual(["selection: needs exactly one of n_samples and proportion_samples, got neither"]);
    expect(problems({ selection: { n_samples: -1, strategies: [diversity] } })).toEqual([expect.stringContaining("selection: needs a condition to stop at")]);
    expect(problems({ selection: { n_samples: -1, strategies: [{ ...diversity, strategy: { type: "DIVERSITY", stopping_condition_minimum_distance: 0.2 } }] } })).toEqual([]);
  });

  it("keys without effect are named", () => {
    const { notices } = read({ worker: { force_start: true }, stopping_condition: { n_samples: 1 } }, { lightly: { trainer: { maxEpochs: 3 }, loader: { batch_size: 8 } } });
    expect(notices).toEqual(["Nothing is trained, so these keys change nothing: lightly.trainer.maxEpochs.", "These keys count only when a worker is started for one run, and change nothing here: docker.worker.force_start."]);
  });

  it("keys that are read and change nothing are named, with what takes their place", () => {
    const { problems, notices } = examineRunConfiguration({ docker: { datasource: { use_redirected_read_url: true } }, lightly: { collate: { input_size: 224 }, resize: 512 } });
    expect(problems).toEqual([]);
    for (const key of ["docker.datasource.use_redirected_read_url", "lightly.collate.input_size", "lightly.resize"]) expect(notices).toContainEqual(expect.stringContaining(`${key} changes nothing: `));
  });

  it("a token is refused and never repeated", () => {
    expect(docker({ token: "my secret token" })).toEqual([expect.stringContaining("docker.token: a token doesn't belong")]);
    expect(docker({ token: "my secret token" }).join()).not.toContain("my secret");
    expect(docker({ token: "" })).toEqual([]);
  });

  it("paths stay inside their folder", () => {
    for (const path of ["/etc/passwd", "../x", "a/../../x", "C:\\x", "./x"]) expect(docker({ relevant_filenames_file: path }), path).toHaveLength(1);
    for (const path of [".lightly/names.txt", "a..b/c", "..a"]) expect(docker({ relevant_filenames_file: path }), path).toEqual([]);
  });
});

describe("strategies", () => {
  const selected = (strategies: unknown[]) => problems({ selection: { n_samples: 5, strategies } });

  it("are read with defaults, and classes in a target keep their names", () => {
    const target = { big_car: 0.5, "small car": 0.25 };
    const strategies = [{ input: { type: "metadata", key: "a.b" }, strategy: { type: "balance", target } }];
    expect(readRunConfiguration({ selection: { proportion_samples: 0.5, strategies } }).selection).toEqual({
      nSamples: null,
      proportionSamples: 0.5,
      strategies: [{ input: { type: "METADATA", key: "a.b" }, strategy: { type: "BALANCE", distribution: "TARGET", target, strength: 1 } }],
    });
  });

  it("name what is wrong with them", () => {
    expect(selected([{ input: { type: "EMBEDINGS" }, strategy: { type: "DIVERSITY" } }])).toEqual([`selection.strategies[0].input.type: there is no "EMBEDINGS" here; did you mean EMBEDDINGS?`]);
    expect(selected([{ input: { type: "RANDOM" }, strategy: { type: "DIVERSITY" } }])).toEqual(["selection.strategies[0].input.type: DIVERSITY works on EMBEDDINGS, not on RANDOM"]);
    expect(selected([{ input: { type: "RANDOM", seed: 3 }, strategy: { type: "WEIGHTS", strengh: 3 } }])).toEqual(["selection.strategies[0].input.seed: there is no such key; did you mean random_seed?", "selection.strategies[0].strategy.strengh: there is no such key; did you mean strength?"]);
    expect(selected([{ input: { type: "METADATA", key: "k" }, strategy: { type: "THRESHOLD" } }])).toEqual(["selection.strategies[0].strategy.threshold: is missing; it must be a number", expect.stringContaining("selection.strategies[0].strategy.operation: is missing")]);
    expect(selected([{ input: { type: "METADATA", key: "k" }, strategy: { type: "BALANCE" } }])).toEqual([expect.stringContaining("selection.strategies[0].strategy.target: is missing")]);
    expect(selected([{ input: { type: "METADATA", key: "" }, strategy: { type: "WEIGHTS" } }])).toEqual(["selection.strategies[0].input.key: is missing; it must be a text"]);
    expect(selected([{}])).toEqual([expect.stringContaining("input.type: is missing"), expect.stringContaining("strategy.type: is missing")]);
    expect(selected([])).toEqual([expect.stringContaining("selection.strategies: must be a list")]);
  });
});

describe("whole decimals", () => {
  it("are found where they stand", () => {
    expect(wholeDecimals(`{"config": {"a": 1.0, "b": 1, "c": [1, 2.0, {"d\\"e": 3e0}], "f": "1.0", "g": 0.5, "h": -1.0}, "x": {}, "y": [[5.0]]}`)).toEqual(["config.a", "config.c[1]", `config.c[2].d"e`, "config.h", "y[0][0]"]);
    expect(wholeDecimals("1.0")).toEqual([""]);
  });

  it("are none in what a program without decimals writes", () => {
    fc.assert(fc.property(fc.json(), (text) => {
      expect(wholeDecimals(JSON.stringify(JSON.parse(text)))).toEqual([]);
    }));
  });
});
