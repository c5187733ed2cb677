/** The old spellings: what they mean, and that they do it. */
import { readFileSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfiguration } from "../lightly/arguments.ts";
import { SHARED_KEYS } from "../lightly/keys.ts";
import { shellLine } from "../lightly/shell-words.ts";
import { TRANSLATIONS } from "../lightly/translate.ts";
import { EXIT } from "../program.ts";
import { Scene } from "../testing/scene.ts";

const ID = "64e1f0c2a9b3d4e5f6a7b8c9";
const translated = (name: keyof typeof TRANSLATIONS, ...words: string[]) =>
  TRANSLATIONS[name](readConfiguration(words, SHARED_KEYS), new Date(2022, 6, 20, 9, 5, 7)).lines.map((line) => shellLine(["winnow", ...line]));

describe("what they mean", () => {
  test.each<[keyof typeof TRANSLATIONS, string[], string[]]>([
    ["upload", ["input_dir=data", "new_dataset_name=streets"], ["winnow upload data --dataset streets --new"]],
    ["upload", ["input_dir='my data'", `dataset_id=${ID}`, "upload='thumbnails'", "append=True"], [`winnow upload 'my data' --dataset ${ID} --mode thumbnails`]],
    ["upload", ["input_dir=data", `dataset_id="${ID}"`, "upload=none", "resize=[480,640]", "loader.num_workers=16"], [`winnow upload data --dataset ${ID} --mode metadata --new --resize 480x640 --parallel 16`]],
    ["upload", ["input_dir=data", "new_dataset_name=streets", "embeddings=e.csv", "embedding_name=mine", "custom_metadata=m.json", "resize=128", "append=true"], ["winnow upload data --dataset streets --resize 128 --embeddings e.csv --embedding-name mine --metadata m.json"]],
    ["upload", ["embeddings=e.csv", "custom_metadata=m.json", `dataset_id=${ID}`], [`winnow import embeddings e.csv --dataset ${ID} --new`, `winnow import metadata m.json --dataset ${ID}`]],
    ["upload", ["new_dataset_name=12345"], ["winnow datasets create 12345"]],
    ["download", [`dataset_id=${ID}`, "tag_name=my-tag"], [`winnow download --dataset ${ID} --tag my-tag --out lightly_outputs/2022-07-20/09-05-07/my-tag.txt`]],
    ["download", [`dataset_id=${ID}`, "exclude_parent_tag=True", "input_dir=data/", "output_dir=new/", "hydra.run.dir=."], [`winnow download --dataset ${ID} --tag initial-tag --exclude-parent-tag --out initial-tag.txt --copy-from data/ --images new/`]],
    ["download", [`dataset_id=${ID}`, "tag_name=../../up"], [`winnow download --dataset ${ID} --tag ../../up --out lightly_outputs/2022-07-20/09-05-07/.._.._up.txt`]],
    ["embed", ["input_dir=data", "checkpoint=model.onnx", "collate.input_size=224"], ["winnow embed data --out lightly_outputs/2022-07-20/09-05-07/embeddings.csv --model model.onnx"]],
    ["crop", ["input_dir=images", "label_dir=labels", "output_dir=crops", "crop_padding=0.2", "label_names_file=data.yaml"], ["winnow crop images labels crops --padding 0.2 --names data.yaml"]],
    ["magic", ["input_dir=data", "new_dataset_name=streets", "hydra.run.dir=out"], ["winnow embed data --out out/embeddings.csv", "winnow upload data --dataset streets --new --embeddings out/embeddings.csv"]],
    ["magic", ["input_dir=data", "hydra.run.dir=out"], ["winnow embed data --out out/embeddings.csv"]],
    ["version", [], ["winnow version"]],
  ])("lightly-%s %j", (name, words, lines) => {
    expect(translated(name, ...words)).toEqual(lines);
  });

  test.each<[string[], RegExp]>([
    [["input_dri=data"], /no argument input_dri\. Do you mean input_dir\?/],
    [["num_workers=3"], /Do you mean loader\.num_workers\?/],
    [["data"], /"data" is no argument .* key=value/],
    [["append=perhaps"], /append must be True or False, not "perhaps"/],
    [["resize=big"], /resize must be -1, a number of pixels or \[height,width\]/],
    [["resize=[1,2,3]"], /resize must be/],
    [["crop_padding=much"], /crop_padding must be a number/],
    [["input_dir=x"], /dataset_id=… of an existing dataset, or new_dataset_name/],
    [["input_dir=x", `dataset_id=${ID}`, "new_dataset_name=abc"], /either dataset_id or new_dataset_name/],
    [["input_dir=x", "dataset_id=XYZ"], /dataset_id must be 24 hexadecimal digits/],
    [[`dataset_id=${ID}`], /what is to be uploaded/],
    [["input_dir=x", `dataset_id=${ID}`, "upload=some"], /upload must be full, thumbnails, metadata or none/],
  ])("lightly-upload %j is refused", (words, sentence) => {
    expect(() => translated("upload", ...words)).toThrow(sentence);
  });
});

describe("that they do it", () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.begin();
    await scene.pictures(["photos/a.jpg", "photos/b.jpg", "photos/c.jpg"]);
    await scene.picture("photos/broken.jpg", 9, { broken: true });
  });
  afterAll(() => scene.end());

  test("magic embeds and uploads, download gives the list and the images, and each says the new spelling", async () => {
    const magic = await scene.winnow(["lightly-magic", "input_dir=photos", "new_dataset_name=old ways", `token=${scene.token}`, "model.num_ftrs=16", "hydra.run.dir=out"], { env: { LIGHTLY_SERVER_LOCATION: scene.server.url } });
    expect(magic.code).toBe(EXIT.incomplete);
    expect(magic.stderr).toContain("The new spelling: winnow embed photos --out out/embeddings.csv\n");
    expect(magic.stderr).toContain("The new spelling: winnow upload photos --dataset 'old ways' --new --embeddings out/embeddings.csv\n");
    expect(magic.stderr).toMatch(/Note: model\.num_ftrs changes nothing: /);
    expect(magic.stderr).toMatch(/Note: nothing is trained here/);
    expect(magic.stdout + magic.stderr).not.toContain(scene.token);
    const [{ id, nSamples }] = await scene.json<[{ id: string; nSamples: number }]>(["datasets", "ls"]);
    expect(nSamples).toBe(3);
    const download = await scene.winnow(["lightly-download", `dataset_id=${id}`, "output_dir=fetched", "hydra.run.dir=."]);
    expect(download.code).toBe(EXIT.ok);
    expect(readFileSync(scene.at("initial-tag.txt"), "utf8")).toBe("a.jpg\nb.jpg\nc.jpg\n");
    expect(readFileSync(scene.at("fetched/b.jpg"))).toEqual(readFileSync(scene.at("photos/b.jpg")));
    // As it was: without append=True nothing is added.
    expect(await scene.winnow(["lightly-upload", "input_dir=photos", `dataset_id=${id}`])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining("has samples already") });
    expect((await scene.winnow(["lightly-upload", "input_dir=photos", `dataset_id=${id}`, "append=True"])).code).toBe(EXIT.ok);
  });

  test("embed and crop", async () => {
    expect((await scene.winnow(["lightly-embed", "input_dir=photos", "trainer.max_epochs=0"], { env: {} })).code).toBe(EXIT.incomplete);
    const [day] = readdirSync(scene.at("lightly_outputs"));
    const [time] = readdirSync(scene.at("lightly_outputs", day!));
    expect(readFileSync(scene.at("lightly_outputs", day!, time!, "embeddings.csv"), "utf8").split("\n")).toHaveLength(5);
    scene.write("labels/a.txt", "3 0.5 0.5 0.5 0.5\n");
    expect((await scene.winnow(["lightly-crop", "input_dir=photos", "label_dir=labels", "output_dir=crops"])).code).toBe(EXIT.ok);
    expect(readdirSync(scene.at("crops"))).toEqual(["3"]);
  });

  test("train says why not, and what to do; the others say what is wrong", async () => {
    expect(await scene.winnow(["lightly-train", "input_dir=photos"])).toMatchObject({ code: EXIT.failure, stdout: "", stderr: expect.stringMatching(/doesn't train models.*winnow embed PATH/) });
    expect(await scene.winnow(["lightly-serve", "input_mount=nowhere", "port=0"])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining("winnow serve nowhere --port 0") });
    expect(await scene.winnow(["lightly-worker", "enable_training=True"])).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("no argument enable_training") });
    expect(await scene.winnow(["lightly-worker", "sanity_check=True"])).toMatchObject({ code: EXIT.ok, stdout: expect.stringContaining("all is well") });
    expect(await scene.json(["worker", "--sanity-check"])).toEqual({ version: expect.stringMatching(/^\d+\./), encoder: expect.stringMatching(/./) });
    expect(await scene.winnow(["lightly-version"])).toMatchObject({ code: EXIT.ok, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect((await scene.winnow(["lightly-upload", "--help"])).stdout).toMatch(/input_dir +"" +folder with images/);
  });
});
