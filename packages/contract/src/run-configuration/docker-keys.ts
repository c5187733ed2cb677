import { amount, choice, flag, integer, number, size, spelled, text, texts, textOr, textOrNone, usedFor } from "./key.ts";

/** What a run does: the keys of the first dictionary. Defaults and limits are those that users of the protocol expect. */
export const dockerKeys = {
  enableCorruptnessCheck: flag(true, "Leave out files that can't be opened or decoded, and list them with the reason"),
  corruptnessCheck: {
    corruptionThreshold: number(0.1, { minimum: 0, maximum: 1 }, "Leave out video frames whose corruption score is larger than this"),
  },
  removeExactDuplicates: flag(true, "Of files with the same content, or the same embedding, keep the first in order"),
  relevantFilenamesFile: text("path", "File in the datasource that names the files to look at, one path or pattern a line"),

  datasource: {
    datasetId: usedFor("start", text("id", "Dataset whose datasource is read; a scheduled run has its own")),
    processAll: flag(false, "Look at all files, not only at those newer than the last run"),
    enableDatapoolUpdate: flag(true, "Add what is selected to the dataset; false: compute and report only"),
    useFrameCountMetadata: flag(false, "Trust the number of frames that a video claims to have (fast) instead of counting them (right)"),
    useRedirectedReadUrl: flag(false, "For runs longer than addresses live; changes nothing, since every address is asked for just before it is used"),
    bypassVerify: flag(false, "Don't check the datasource before the run"),
    inputExpiration: {
      minDaysToExpiration: number(null, { minimum: 0 }, "Files that expire sooner than so many days are treated as handling_strategy says"),
      handlingStrategy: choice(["SKIP", "ABORT"], null, "Leave out files that expire soon, or end the run"),
    },
  },
  numProcesses: integer(-1, { minimum: 0, off: -1 }, "Files that are fetched and decoded at a time; -1: as many as keep the encoder busy"),
  numThreads: integer(-1, { minimum: 0, off: -1 }, "Threads that compute; -1: as many as the machine has"),
  cacheSize: integer(null, { minimum: -1 }, "Bytes of input kept on the worker's disk; 0 and less: none"),
  shutdownWhenJobFinished: flag(false, "End the worker after this run"),

  checkpoint: text("path", "Model file in the worker's shared folder to embed with, instead of the built-in one"),
  checkpointRunId: text("id", "Take the checkpoint that an earlier run has kept"),
  embeddings: text("path", "Embeddings file (CSV) in the worker's shared folder to use instead of a model"),
  enableTraining: flag(false, "Train on the input before embedding; not supported: give a checkpoint or model.name instead"),
  training: { taskName: usedFor("training", text("task", "Train on the crops of this prediction task")) },
  normalizeEmbeddings: flag(true, "Bring embeddings to length 1 before selecting, so that distances lie in 0 … 2"),
  appendWeakLabels: flag(false, "Append the folder of a file to its embedding, so that it counts for distances"),

  pretagging: flag(false, "Detect common road users first (task lightly_pretagging)"),
  pretaggingDebug: flag(false, "Show some images with their boxes in the report"),
  pretaggingUpload: flag(false, "Write the detections into the datasource"),
  pretaggingConfig: text("path", "JSON file in the worker's shared folder with the least number of detections per class, such as {\"person\": 1}"),

  method: choice(["coreset", "random", "coral", "active_learning"], "coreset", "How to select"),
  stoppingCondition: {
    nSamples: amount("How many new samples to select: a whole number, or a share 0.0 … 1.0 of the input; -1: no limit"),
    minDistance: number(-1, { minimum: 0, off: -1 }, "Stop when nothing is left that is at least so far from all selected; -1: no limit"),
  },
  selectedSequenceLength: integer(1, { minimum: 1 }, "Select sequences of so many frames that follow one another"),
  scorer: textOrNone("text", "object-frequency", "Score of the pretagging, for coral and active_learning; \"\": the score column of the embeddings file"),
  scorerConfig: {
    frequencyPenalty: number(0.25, { minimum: 0, maximum: 1 }, "What each further box of a class adds to object-frequency; the first adds 1"),
    minScore: number(0.9, { minimum: 0, maximum: 1 }, "Lowest value of object-frequency"),
  },
  activeLearningScoreColumnName: textOr("text", "al_score", "Column of the embeddings file that holds the scores"),
  activeLearning: {
    taskName: text("task", "Prediction task that the scores are computed from"),
    scoreName: textOr("task", "uncertainty_margin", "Which score of that task"),
  },
  objectLevel: {
    taskName: text("task", "Select the objects (boxes) of this prediction task instead of whole images"),
    cropDatasetName: text("dataset", "Dataset for the crops; nothing: the dataset's name with -crops behind it"),
    padding: number(0, { minimum: 0 }, "Grow each box by this share of its width and height"),
  },
  datapool: {
    name: text("text", "Pool of selected embeddings in the worker's shared folder that counts as selected already"),
    keepHistory: flag(true, "Keep earlier states of that pool"),
    datasetId: text("id", "Dataset that hosts the pool"),
  },
  useDatapool: flag(null, "Whether what the dataset holds already counts as selected; nothing: yes"),
  crops: {
    enableUpload: flag(true, "Make a dataset of crops; false: predictions only"),
    enableUploadForTasks: texts("task", "Make crops of these prediction tasks only"),
  },

  dumpDataset: flag(false, "Copy the selected files into the output folder"),
  dumpSampledEmbeddings: flag(true, "Write the embeddings of what was selected"),
  outputImageSize: size("Size of copied images: -1 as they are, a number for the shorter edge, or [height, width]"),
  outputImageFormat: choice(["png", "jpg", "jpeg", "webp", "tif", "tiff"], "png", "Format of copied images and of frames"),
  uploadDataset: usedFor("start", flag(false, "Register the selection with the dataset; scheduled runs always do")),
  uploadReport: flag(true, "Keep the report with the run"),
  nExampleImages: integer(6, { minimum: 0, multipleOf: 2 }, "Example images in the report: pairs of a kept and a removed one"),
  memoryRequirementInGB: spelled("memory_requirement_in_GB", number(2, { above: 0 }, "Most memory for the distances of the report; larger sets are sampled")),
  showVideoSamplingTimeline: flag(true, "Show when in each video frames were selected"),
  runDirectory: text("path", "Name of the run's folder in the output folder; nothing: date and time"),

  sanityCheck: usedFor("start", flag(false, "Print the version and end")),
  worker: usedFor("start", {
    workerId: text("id", "Worker that waits for runs"),
    forceStart: flag(true, "Start although a worker of that id seems to be running"),
  }),
};
