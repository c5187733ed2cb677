/** What the editor of a run's configuration begins with, and what it can be filled with. */

/** The three texts of a configuration, in object notation. */
export interface ConfigurationTexts {
  readonly docker: string;
  readonly lightly: string;
  readonly selection: string;
}

export interface Template extends ConfigurationTexts {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

const lightly = `loader: {
  batch_size: 16,
  shuffle: true,
  num_workers: -1,
  drop_last: true,
},
model: {
  name: 'resnet-18',
  out_dim: 128,
  num_ftrs: 32,
  width: 1,
},
trainer: {
  gpus: 1,
  max_epochs: 100,
  precision: 32,
},
criterion: {
  temperature: 0.5,
},
optimizer: {
  lr: 1,
  weight_decay: 0.00001,
},
collate: {
  input_size: 64,
  cj_prob: 0.8,
  cj_bright: 0.7,
  cj_contrast: 0.7,
  cj_sat: 0.7,
  cj_hue: 0.2,
  min_scale: 0.15,
  random_gray_scale: 0.2,
  gaussian_blur: 0.5,
  kernel_size: 0.1,
  vf_prob: 0.0,
  hf_prob: 0.5,
  rr_prob: 0.0,
},
`;

export const templates: readonly Template[] = [
  {
    id: "usual",
    title: "Coreset, a tenth of the input",
    text: "Checks the files, leaves out exact duplicates, and picks the tenth that covers the rest best.",
    docker: `enable_corruptness_check: true,
remove_exact_duplicates: true,
enable_training: false,
pretagging: false,
pretagging_debug: false,
method: 'coreset',
stopping_condition: {
  n_samples: 0.1,
  min_distance: -1,
},
scorer: 'object-frequency',
scorer_config: {
  frequency_penalty: 0.25,
  min_score: 0.9,
},
active_learning: {
  task_name: '',
  score_name: 'uncertainty_margin',
},
`,
    lightly,
    selection: "",
  },
  {
    id: "distance",
    title: "Coreset, until nothing new is left",
    text: "Picks as long as something is at least 0.3 away from all picked.",
    docker: `enable_corruptness_check: true,
remove_exact_duplicates: true,
method: 'coreset',
stopping_condition: {
  min_distance: 0.3,
},
`,
    lightly: "",
    selection: "",
  },
  {
    id: "random",
    title: "Random",
    text: "A hundred files by chance, to have something to look at.",
    docker: `enable_corruptness_check: true,
remove_exact_duplicates: true,
method: 'random',
stopping_condition: {
  n_samples: 100,
},
`,
    lightly: "",
    selection: "",
  },
  {
    id: "uncertain",
    title: "Diverse and uncertain",
    text: "Far apart, and where a model was least sure. Needs predictions of a task in the datasource.",
    docker: `enable_corruptness_check: true,
remove_exact_duplicates: true,
`,
    lightly: "",
    selection: `n_samples: 100,
strategies: [
  {
    input: { type: 'EMBEDDINGS' },
    strategy: { type: 'DIVERSITY' },
  },
  {
    input: { type: 'SCORES', task: 'my_task', score: 'uncertainty_entropy' },
    strategy: { type: 'WEIGHTS', strength: 0.5 },
  },
],
`,
  },
  {
    id: "balance",
    title: "Diverse and balanced",
    text: "Far apart, with all classes of a task alike. Needs predictions of a task in the datasource.",
    docker: `enable_corruptness_check: true,
remove_exact_duplicates: true,
`,
    lightly: "",
    selection: `n_samples: 100,
strategies: [
  {
    input: { type: 'EMBEDDINGS' },
    strategy: { type: 'DIVERSITY' },
  },
  {
    input: { type: 'PREDICTIONS', task: 'my_task', name: 'CLASS_DISTRIBUTION' },
    strategy: { type: 'BALANCE', distribution: 'UNIFORM' },
  },
],
`,
  },
  {
    id: "objects",
    title: "Objects instead of images",
    text: "Selects the boxes of a task and makes a dataset of crops. Needs predictions of a task in the datasource.",
    docker: `method: 'coreset',
stopping_condition: {
  n_samples: 0.1,
},
object_level: {
  task_name: 'my_task',
  padding: 0.1,
},
`,
    lightly: "",
    selection: "",
  },
  {
    id: "sequences",
    title: "Sequences of videos",
    text: "Selects runs of 100 frames that follow one another.",
    docker: `enable_corruptness_check: false,
remove_exact_duplicates: false,
method: 'coreset',
selected_sequence_length: 100,
stopping_condition: {
  n_samples: 1000,
},
`,
    lightly: "",
    selection: "",
  },
  {
    id: "look",
    title: "Only look",
    text: "Everything is checked, selected and reported, and the dataset stays as it is.",
    docker: `method: 'coreset',
stopping_condition: {
  n_samples: 0.1,
},
datasource: {
  process_all: true,
  enable_datapool_update: false,
},
`,
    lightly: "",
    selection: "",
  },
];
