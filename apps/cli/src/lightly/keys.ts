/** The arguments of the lightly package's commands, release 1.2: names, defaults, and which of them mean something here. */

export type Value = string | number | boolean | null | readonly (string | number | boolean | null)[];

interface Key {
  /** What it is unless given; its type is what may be given. */
  readonly initial: Value;
  /** Why it changes nothing here, if so. */
  readonly without?: string;
  readonly summary?: string;
}

export type Keys = Readonly<Record<string, Key>>;

const TRAINING = "nothing is trained";
const MODEL = "the encoder has a size of its own";
const LOADER = "it is seen to by itself";

function ignored(without: string, initials: Readonly<Record<string, Value>>): Keys {
  return Object.fromEntries(Object.entries(initials).map(([name, initial]) => [name, { initial, without }]));
}

/** One configuration was shared by all commands, so that each takes the arguments of all. */
export const SHARED_KEYS = {
  input_dir: { initial: "", summary: "folder with images" },
  output_dir: { initial: "", summary: "folder that images or crops are written to" },
  embeddings: { initial: "", summary: "embeddings CSV file" },
  checkpoint: { initial: "", summary: "model; here an .onnx file or a name" },
  label_dir: { initial: "", summary: "folder of YOLO label files" },
  label_names_file: { initial: "", summary: "names of the classes" },
  custom_metadata: { initial: "", summary: "JSON file with custom metadata" },
  token: { initial: "", summary: "access token" },
  dataset_id: { initial: "", summary: "id of an existing dataset" },
  new_dataset_name: { initial: "", summary: "name of a dataset to make" },
  upload: { initial: "full", summary: "full, thumbnails, metadata or none" },
  append: { initial: false, summary: "add to a dataset that has samples" },
  resize: { initial: -1, summary: "-1, x or [height,width]" },
  embedding_name: { initial: "default", summary: "name of the embeddings on the platform" },
  tag_name: { initial: "initial-tag", summary: "tag to download" },
  exclude_parent_tag: { initial: false, summary: "leave out what is in the tag's parent" },
  crop_padding: { initial: 0.1, summary: "share by which boxes grow" },
  "loader.num_workers": { initial: -1, summary: "images sent at a time; -1: as many as there are cores, 8 to 32" },
  "hydra.run.dir": { initial: "", summary: "folder for lists and embeddings; lightly_outputs/DATE/TIME unless given" },
  ...ignored("embeddings are sent as one file", { emb_upload_bsz: 32 }),
  ...ignored("the encoder is always a trained one", { pre_trained: true }),
  ...ignored(MODEL, { "model.name": "resnet-18", "model.out_dim": 128, "model.num_ftrs": 32, "model.width": 1, "collate.input_size": 64 }),
  ...ignored(LOADER, { "loader.batch_size": 16, "loader.shuffle": true, "loader.drop_last": true }),
  ...ignored(TRAINING, {
    "criterion.temperature": 0.5,
    "criterion.memory_bank_size": 0,
    "optimizer.lr": 1,
    "optimizer.weight_decay": 0.00001,
    "collate.cj_prob": 0.8,
    "collate.cj_bright": 0.7,
    "collate.cj_contrast": 0.7,
    "collate.cj_sat": 0.7,
    "collate.cj_hue": 0.2,
    "collate.min_scale": 0.15,
    "collate.random_gray_scale": 0.2,
    "collate.gaussian_blur": 0.5,
    "collate.kernel_size": 0.1,
    "collate.vf_prob": 0,
    "collate.hf_prob": 0.5,
    "collate.rr_prob": 0,
    "trainer.gpus": 1,
    "trainer.max_epochs": 100,
    "trainer.precision": 32,
    "trainer.weights_summary": "top",
    "checkpoint_callback.save_last": true,
    "checkpoint_callback.save_top_k": 1,
    "checkpoint_callback.dirpath": null,
    seed: 1,
  }),
  ...ignored("a command can't set variables of the shell that it runs in", {
    "environment_variable_names.lightly_last_checkpoint_path": "LIGHTLY_LAST_CHECKPOINT_PATH",
    "environment_variable_names.lightly_last_embedding_path": "LIGHTLY_LAST_EMBEDDING_PATH",
    "environment_variable_names.lightly_last_dataset_id": "LIGHTLY_LAST_DATASET_ID",
  }),
} as const satisfies Keys;

export const SERVE_KEYS = {
  input_mount: { initial: "", summary: "folder to serve" },
  lightly_mount: { initial: "", summary: "second folder, for what is derived" },
  host: { initial: "127.0.0.1", summary: "address to listen on" },
  port: { initial: 3456, summary: "port to listen on" },
} as const satisfies Keys;

export const WORKER_KEYS = {
  token: { initial: "", summary: "access token" },
  "worker.worker_id": { initial: "", summary: "id of a registered worker" },
  "worker.force_start": { initial: true, summary: "take over from a process that seems to be online under that id" },
  sanity_check: { initial: false, summary: "say that everything is there to work with" },
} as const satisfies Keys;
