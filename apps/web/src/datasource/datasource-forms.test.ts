import type { DatasourceConfig } from "@winnow/contract";
import { expect, test } from "vitest";
import { configOf, kindOf, kinds, mask, problemsOf, valuesOf } from "./datasource-forms.ts";

const kind = (id: string) => kinds.find((one) => one.id === id)!;

test("what is missing or misspelled is told by field", () => {
  expect(Object.keys(problemsOf(kind("s3"), {}, false))).toEqual(["fullPath", "s3Region", "s3AccessKeyId", "s3SecretAccessKey"]);
  expect(problemsOf(kind("s3"), { fullPath: "s3://b", s3Region: "eu-west-1", s3AccessKeyId: "a" }, true)).toEqual({});
  expect(Object.keys(problemsOf(kind("folder"), { fullPath: "images", thumbSuffix: "x" }, false))).toEqual(["fullPath", "thumbSuffix"]);
  expect(Object.keys(problemsOf(kind("s3-delegated"), { fullPath: "s3://b", s3Region: "eu-west-1", s3ARN: "arn:x", s3ExternalId: "short" }, false))).toEqual(["s3ARN", "s3ExternalId"]);
  expect(Object.keys(problemsOf(kind("gcs"), { fullPath: "gs://b", gcsProjectId: "p", gcsCredentials: "key" }, false))).toEqual(["gcsCredentials"]);
});

test("a stored secret is neither shown nor lost", () => {
  const stored = { type: "S3", purpose: "INPUT", fullPath: "s3://b/p", s3Region: "eu-west-1", s3AccessKeyId: "AKIA", s3SecretAccessKey: mask, thumbSuffix: null } as unknown as DatasourceConfig;
  const values = valuesOf(stored);
  expect(JSON.stringify(values)).not.toContain(mask);
  expect(configOf(kindOf(stored), "INPUT", values, true)).toEqual({ type: "S3", purpose: "INPUT", fullPath: "s3://b/p", s3Region: "eu-west-1", s3AccessKeyId: "AKIA", s3SecretAccessKey: mask });
  expect(configOf(kind("s3"), "INPUT", { ...values, s3SecretAccessKey: " new " }, true)).toMatchObject({ s3SecretAccessKey: "new" });
});

test("folders and file servers are told apart by their path", () => {
  expect(kindOf({ type: "LOCAL", fullPath: "/srv" }).id).toBe("folder");
  expect(kindOf({ type: "LOCAL", fullPath: "HTTP://x" }).id).toBe("http");
  expect(configOf(kind("folder"), "INPUT_OUTPUT", { fullPath: " /srv/x " }, false)).toEqual({ type: "LOCAL", purpose: "INPUT_OUTPUT", fullPath: "/srv/x" });
});
