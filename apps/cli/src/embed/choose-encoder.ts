import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Encoder } from "@winnow/embedding";
import type { Io } from "../io.ts";
import { Problem } from "../problems.ts";

export const modelFlag = { value: "MODEL", summary: "encoder: the path of an .onnx file, a name such as dinov2-small, or organisation/name of the Hugging Face hub. Default: the built-in one" } as const;

/** Loads the encoder that a word of the command line names. @throws Problem for a kind of file that can't be loaded */
export async function chooseEncoder(model: string | undefined, io: Io): Promise<Encoder> {
  const { loadEncoder } = await import("@winnow/embedding");
  let name = model;
  if (name !== undefined && /\.(ckpt|pt|pth|safetensors|h5|pb|tflite)$/i.test(name)) {
    throw new Problem(`${name}: weights of that kind can't be loaded. Export the model as ONNX (torch.onnx.export, for example), and give the .onnx file.`);
  }
  if (name !== undefined && /\.onnx$/i.test(name)) {
    name = resolve(io.cwd, name);
    if (!existsSync(name)) throw new Problem(`There is no file ${name}.`);
  }
  try {
    return await loadEncoder(name, { onNotice: (notice) => void io.stderr.write(`Note: ${notice}\n`) });
  } catch (error) {
    throw new Problem((error as Error).message, { cause: error });
  }
}
