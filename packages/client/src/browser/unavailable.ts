/** Stands in for `../node` in a browser bundle, where there are no files: members that need them say so. */
import { RuntimeError } from "../errors.ts";

function needsNode(member: string): never {
  throw new RuntimeError(`${member} reads or writes files and only works in Node`);
}

export const uploadDataset = (): never => needsNode("uploadDataset");
export const downloadDataset = (): never => needsNode("downloadDataset");
export const uploadEmbeddings = (): never => needsNode("uploadEmbeddings");
export const appendEmbeddings = (): never => needsNode("appendEmbeddings");
