export { type BrokenImage, type EncodeAllOptions, type EncodedBatch, type EncodeProgress, encodeAll, type NamedImage } from "./encode-all.ts";
export { type EncodedFolder, encodeFolder } from "./encode-folder.ts";
export type { Encoder, EncoderInput } from "./encoder.ts";
export { createFileEncoder, type EncoderFile } from "./file-encoder.ts";
export { type LoadEncoderOptions, loadEncoder } from "./load.ts";
export type { Matrix } from "./matrix.ts";
export { createOnnxEncoder, type OnnxEncoderOptions, type OutputSlice, type Preprocessing } from "./onnx-encoder.ts";
export { applyState, type EncoderState, fitState } from "./state.ts";
