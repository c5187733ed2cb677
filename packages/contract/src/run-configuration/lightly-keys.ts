import { choice, flag, integer, number, numbers, size, text, usedFor } from "./key.ts";

const share = { minimum: 0, maximum: 1 } as const;
const atLeastOne = { minimum: 1 } as const;

/** Model and loader: the keys of the second dictionary. */
export const lightlyKeys = {
  loader: {
    batchSize: integer(16, atLeastOne, "Images embedded at once"),
    shuffle: usedFor("training", flag(true, "Shuffle the input while training")),
    numWorkers: integer(-1, { minimum: 0, off: -1 }, "Files that are fetched and decoded at a time, before num_processes; -1: as many as keep the encoder busy"),
    dropLast: usedFor("training", flag(true, "Leave out an incomplete batch while training")),
  },
  model: {
    name: text("text", "Encoder to embed with; nothing: Winnow's own"),
    outDim: usedFor("training", integer(128, atLeastOne, "Numbers that the loss of a training sees")),
    numFtrs: usedFor("training", integer(32, atLeastOne, "Numbers of an embedding that a training makes")),
    width: usedFor("training", integer(1, atLeastOne, "Width of the model to train")),
  },
  trainer: usedFor("training", {
    gpus: integer(1, { minimum: 0 }, "Graphics cards"),
    maxEpochs: integer(100, { minimum: 0 }, "Passes over the input"),
    precision: choice([16, 32], 32, "Bits of a number"),
    weightsSummary: choice(["None", "top", "full"], "top", "What is printed about the model"),
  }),
  criterion: usedFor("training", {
    temperature: number(0.5, { above: 0 }, "Temperature of the loss"),
    memoryBankSize: integer(0, { minimum: 0 }, "Size of the memory bank"),
  }),
  optimizer: usedFor("training", {
    lr: number(1, { minimum: 0 }, "Learning rate"),
    weightDecay: number(0.00001, share, "Weight decay"),
  }),
  collate: {
    inputSize: integer(64, atLeastOne, "Edge in pixels of the square that images are brought to; changes nothing, since each encoder has its own (a checkpoint in its JSON file), and the run says so"),
    ...usedFor("training", {
      cjProb: number(0.8, share, "How often colours are changed"),
      cjBright: number(0.7, share, "Change of brightness"),
      cjContrast: number(0.7, share, "Change of contrast"),
      cjSat: number(0.7, share, "Change of saturation"),
      cjHue: number(0.2, share, "Change of hue"),
      minScale: number(0.15, share, "Smallest share of the image in a crop"),
      randomGrayScale: number(0.2, share, "How often an image is made grey"),
      gaussianBlur: number(0.5, share, "How often an image is blurred"),
      kernelSize: number(0.1, { minimum: 0 }, "Size of the blur, as a share of the image"),
      sigmas: numbers([0.2, 2], 2, "Range of the blur's width"),
      vfProb: number(0, share, "How often an image is turned upside down"),
      hfProb: number(0.5, share, "How often an image is mirrored"),
      rrProb: number(0, share, "How often an image is rotated"),
      rrDegrees: numbers(null, 2, "Range of the rotation, in degrees"),
    }),
  },
  checkpointCallback: usedFor("training", {
    saveLast: flag(true, "Keep the model of the last pass"),
    saveTopK: integer(1, { minimum: -1 }, "Keep so many of the best models"),
    dirpath: text("path", "Folder for them"),
  }),
  seed: integer(1, {}, "Makes everything that is random repeatable"),
  resize: size("Size of images that the run uploads; changes nothing, since images stay in the datasource, and the run says so (for copies: output_image_size)"),
  upload: usedFor("start", choice(["full", "thumbnails", "meta", "none"], "full", "What is uploaded of images")),
};
