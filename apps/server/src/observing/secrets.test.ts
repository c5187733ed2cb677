import { expect, test } from "vitest";
import { withoutSecrets } from "./secrets.ts";

test.each([
  ["connect to postgres://winnow:hunter2@db:5432/winnow failed", "connect to postgres://…@db:5432/winnow failed"],
  ["GET http://h/v1/files/x?token=abcdef&size=3", "GET http://h/v1/files/x?token=…&size=3"],
  ["https://b.s3.amazonaws.com/k?X-Amz-Credential=AK%2F1&X-Amz-Signature=00ff", "https://b.s3.amazonaws.com/k?X-Amz-Credential=…&X-Amz-Signature=…"],
  ["https://a.blob.core.windows.net/c/b?sv=2024&se=2026&sig=a%2Bb", "https://a.blob.core.windows.net/c/b?sv=…&se=…&sig=…"],
  ["Authorization: Bearer abc.def-ghi", "Authorization: Bearer …"],
  ['{"secretAccessKey": "abc/def", "region": "eu"}', '{"secretAccessKey": "…", "region": "eu"}'],
  ["{ password: 'it is \"this\"' }", "{ password: '…' }"],
  ["nothing to hide: 3 of 5 files, 20% done?yes", "nothing to hide: 3 of 5 files, 20% done?yes"],
])("%s", (text, shown) => expect(withoutSecrets(text)).toBe(shown));
