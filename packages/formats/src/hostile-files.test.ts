/** Broken and hostile files for every parser: each is read or refused by its own error, soon, and without much memory. */
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { expect, test } from "vitest";
import {
  ConversionError,
  CsvError,
  EmbeddingsCsvError,
  MASK_PIXELS_MAX,
  MetadataFileError,
  NpyError,
  ParquetError,
  PredictionFileError,
  PredictionFileReader,
  areaOfRunLengths,
  boundsOfRunLengths,
  convertCoco,
  convertPredictionTable,
  decodeCocoCounts,
  decodeRunLengths,
  frameNameOf,
  frameOf,
  parseValuePath,
  polygonRunLengths,
  predictionFileOf,
  readAlignedEmbeddingsCsv,
  readEmbeddingsCsv,
  readFileNameList,
  readMetadataFile,
  readMetadataSchema,
  readNpy,
  readParquet,
  readTaskList,
  readTaskSchema,
  readYoloLabels,
  readYoloNames,
  scanEmbeddingsCsv,
  sizeOfRunLengths,
  staysBelow,
  transposeRunLengths,
} from "./index.ts";

const files = Number(process.env["WINNOW_HOSTILE_FILES"] ?? 400);
const seed = Number(process.env["WINNOW_HOSTILE_SEED"] ?? 20_260_101);
/** Of processors, so that a busy machine doesn't count; what never ends, the test's own time ends. */
const tookMsMax = 5_000;
/** No file of these tests describes more numbers than this. */
const numbersMax = 10_000_000;

const utf8 = (text: string) => new TextEncoder().encode(text);

/** A file with some of its bytes changed, doubled, cut out or made extreme. */
function broken(examples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({ kind: fc.nat(5), at: fc.nat(), length: fc.nat(40), byte: fc.nat(255) });
  const mutated = fc.tuple(fc.constantFrom(...examples), fc.array(edit, { minLength: 1, maxLength: 6 })).map(([example, edits]) => edits.reduce(edited, example));
  return fc.oneof({ weight: 8, arbitrary: mutated }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) }, { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 300 }).map(utf8) });
}

function edited(bytes: Uint8Array, { kind, at, length, byte }: { kind: number; at: number; length: number; byte: number }): Uint8Array {
  const place = bytes.length === 0 ? 0 : at % bytes.length;
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (kind) {
    case 0: {
      const changed = bytes.slice();
      if (changed.length > 0) changed[place] = byte;
      return changed;
    }
    case 1:
      return joined(before, after.subarray(Math.min(length, after.length)));
    case 2:
      return joined(before, after.subarray(0, length), after);
    case 3:
      return joined(before, Uint8Array.from({ length }, () => byte), after);
    case 4:
      return joined(before, utf8(["99999999999999999999", "-1", "1e999", "NaN", '"', "{", "[[[[", "\0", "\r", "__proto__", "../../", "\ufeff"][byte % 12]!), after);
    default:
      return before.slice();
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** In pieces, as a file comes. */
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 61) yield bytes.subarray(at, at + 61);
}

async function drain(source: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of source);
}

const asText = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const allocate = (rows: number, columns: number) => {
  if (!(rows * columns <= numbersMax)) throw new Error(`a file of some kilobytes asked for ${rows} × ${columns} numbers`);
  return new Float32Array(rows * columns);
};

/** Reads a file. Errors of `refusals` mean that it is refused as it should be; others, RangeErrors among them, do not. */
interface Parser {
  readonly examples: readonly Uint8Array[];
  readonly refusals: readonly (abstract new (...args: never[]) => Error)[];
  read(bytes: Uint8Array): unknown;
}

const csv = utf8('filenames,embedding_0,embedding_1,labels\n"a,b.jpg",0.5,-1e-3,0\nc.jpg,1,2,1\n');
const npy = (() => {
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117) + "\n";
  return joined(Uint8Array.of(0x93, 78, 85, 77, 80, 89, 1, 0, header.length, 0), utf8(header), new Uint8Array(new Float32Array([1, 2, 3, 4, 5, 6]).buffer));
})();
const parquet = (["UNCOMPRESSED", "SNAPPY"] as const).map(
  (codec) => new Uint8Array(parquetWriteBuffer({ codec, rowGroupSize: 2, columnData: [{ name: "filenames", data: ["a", "b", "c"], type: "STRING" }, { name: "embedding_0", data: [1, 2, 3], type: "FLOAT" }, { name: "embedding_1", data: [4, 5, 6], type: "FLOAT" }] })),
);
const schema = '{"task_type":"object-detection","categories":[{"id":0,"name":"cat"},{"id":1,"name":"dog"}]}';
const task = readTaskSchema(schema, { file: "schema.json", name: "animals" });
if (task instanceof Error) throw task;
const prediction = utf8('{"file_name":"a.jpg","predictions":[{"category_id":1,"bbox":[1,2,3,4],"score":0.5,"probabilities":[0.2,0.8],"segmentation":[3,4,5]}]}');
const segmentation = readTaskSchema(schema.replace("object-detection", "instance-segmentation"), { file: "schema.json", name: "masks" });
if (segmentation instanceof Error) throw segmentation;
const coco = utf8('{"images":[{"id":1,"file_name":"a.jpg","width":10,"height":8}],"categories":[{"id":3,"name":"cat"}],"annotations":[{"image_id":1,"category_id":3,"bbox":[1,1,4,4],"area":16,"iscrowd":0,"segmentation":[[1,1,5,1,5,5]],"keypoints":[1,2,2,3,4,1]},{"image_id":1,"category_id":3,"bbox":[1,1,4,4],"segmentation":{"size":[8,10],"counts":"53X2"}}]}');

const parsers: Readonly<Record<string, Parser>> = {
  "embeddings CSV": {
    examples: [csv],
    refusals: [EmbeddingsCsvError, CsvError],
    read: async (bytes) => {
      await readEmbeddingsCsv(pieces(bytes)).catch(refuse(EmbeddingsCsvError, CsvError));
      await scanEmbeddingsCsv(pieces(bytes), () => undefined).catch(refuse(EmbeddingsCsvError, CsvError));
      await readAlignedEmbeddingsCsv(pieces(bytes), { samples: 2, ordinalOf: new Map([["a,b.jpg", 0], ["c.jpg", 1]]) });
    },
  },
  "table of predictions": { examples: [utf8("filename,category,score,x,y,width,height\na.jpg,cat,0.5,1,2,3,4\nb.jpg,,,,,,\n"), utf8("filename,cat,dog\na.jpg,0.2,0.8\n")], refusals: [ConversionError], read: (bytes) => convertPredictionTable(pieces(bytes), { taskName: "t", file: "t.csv" }) },
  "list of file names": { examples: [utf8("a.jpg\r\nb/ü.jpg\n\nc.jpg")], refusals: [CsvError], read: (bytes) => drain(readFileNameList(pieces(bytes))) },
  NPY: { examples: [npy], refusals: [NpyError], read: (bytes) => readNpy(pieces(bytes), { allocate, sizeInBytes: bytes.length }) },
  Parquet: { examples: parquet, refusals: [ParquetError], read: (bytes) => readParquet(bytes.slice().buffer, { allocate }) },
  "list of tasks": { examples: [utf8('["one","two"]')], refusals: [], read: (bytes) => value(readTaskList(asText(bytes), "tasks.json"), PredictionFileError) },
  "schema of a task": { examples: [utf8(schema)], refusals: [], read: (bytes) => value(readTaskSchema(asText(bytes), { file: "schema.json", name: "animals" }), PredictionFileError) },
  "predictions of boxes": { examples: [prediction], refusals: [], read: (bytes) => value(new PredictionFileReader(task).read(asText(bytes), { file: predictionFileOf("animals", "a.jpg") }), PredictionFileError) },
  "predictions of masks": { examples: [prediction], refusals: [], read: (bytes) => value(new PredictionFileReader(segmentation).read(asText(bytes), { file: predictionFileOf("masks", "a.jpg") }), PredictionFileError) },
  "metadata of an image": { examples: [utf8('{"file_name":"a.jpg","metadata":{"weather":{"t":1.5},"list":[1,2]}}')], refusals: [], read: (bytes) => value(readMetadataFile(asText(bytes), { file: ".lightly/metadata/a.json" }), MetadataFileError) },
  "schema of metadata": { examples: [utf8('[{"name":"Temperature","path":"weather[0].t","defaultValue":-1,"valueDataType":"NUMERIC_FLOAT"}]')], refusals: [], read: (bytes) => value(readMetadataSchema(asText(bytes), "schema.json"), MetadataFileError) },
  COCO: {
    examples: [coco],
    refusals: [ConversionError],
    read: (bytes) => {
      for (const type of ["OBJECT_DETECTION", "INSTANCE_SEGMENTATION", "KEYPOINT_DETECTION"] as const) {
        try {
          convertCoco(asText(bytes), { taskName: "t", file: "coco.json", type });
        } catch (error) {
          refuse(ConversionError)(error);
        }
      }
    },
  },
  "labels of YOLO": { examples: [utf8("0 0.5 0.5 0.2 0.2\n1 0.1 0.1 0.1 0.1 0.9\n")], refusals: [ConversionError], read: (bytes) => readYoloLabels(asText(bytes), { file: "a.txt", categories: 2 }) },
  "names of YOLO": { examples: [utf8("names:\n  0: cat\n  1: dog\n"), utf8("names: [cat, 'dog']")], refusals: [ConversionError], read: (bytes) => readYoloNames(asText(bytes), "data.yaml") },
  "compressed masks": { examples: [utf8("04P1"), utf8("53T34FQ6")], refusals: [RangeError], read: (bytes) => decodeCocoCounts(asText(bytes)) },
  "paths into metadata": { examples: [utf8("weather[0].temperature"), utf8("a.b.c")], refusals: [RangeError], read: (bytes) => parseValuePath(asText(bytes)) },
  "names of frames": { examples: [utf8("videos/a-0099-mp4.png"), utf8("a-1-mov.json")], refusals: [], read: (bytes) => [frameOf(asText(bytes)), staysBelow(asText(bytes)), frameNameOf] },
};

function refuse(...kinds: readonly (abstract new (...args: never[]) => Error)[]) {
  return (error: unknown) => {
    if (!kinds.some((kind) => error instanceof kind)) throw error;
  };
}

/** What a reader gives that doesn't throw: something, or its error as a value. */
function value(found: unknown, kind: abstract new (...args: never[]) => Error): void {
  if (found instanceof Error && !(found instanceof kind)) throw found;
}

test.each(Object.keys(parsers))(`%s: ${files} broken files (seed ${seed})`, { timeout: 60_000 + files * 30 }, async (name) => {
  const { examples, refusals, read } = parsers[name]!;
  for (const example of examples) await read(example);
  const heap = process.memoryUsage().rss;
  await fc.assert(
    fc.asyncProperty(broken(examples), async (bytes) => {
      const began = process.cpuUsage();
      try {
        await read(bytes);
      } catch (error) {
        refuse(...refusals)(error);
        expect((error as Error).message.length).toBeGreaterThan(10);
        expect((error as Error).message.length).toBeLessThan(5_000);
      }
      const took = process.cpuUsage(began);
      expect((took.user + took.system) / 1000).toBeLessThan(tookMsMax);
    }),
    { numRuns: files, seed, endOnFailure: true },
  );
  expect(process.memoryUsage().rss - heap).toBeLessThan(512 * 1024 * 1024);
});

test(`masks of any counts and sizes (seed ${seed})`, () => {
  const numbers = fc.oneof(fc.integer({ min: -3, max: 50 }), fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 53, 1e300, Number.NaN, Infinity, 0.5, MASK_PIXELS_MAX));
  fc.assert(
    fc.property(fc.array(numbers, { maxLength: 12 }), numbers, numbers, fc.array(fc.array(numbers, { maxLength: 10 }), { maxLength: 3 }), (counts, rows, columns, polygons) => {
      for (const work of [
        () => sizeOfRunLengths(counts),
        () => areaOfRunLengths(counts),
        () => boundsOfRunLengths(counts, columns),
        () => decodeRunLengths(counts, Math.min(rows, 10_000)),
        () => transposeRunLengths(counts, rows, columns),
        () => polygonRunLengths(polygons, columns, rows),
      ]) {
        try {
          work();
        } catch (error) {
          refuse(RangeError)(error);
        }
      }
    }),
    { numRuns: files, seed },
  );
});
