/**
 * Buckets of any number of objects that are nowhere: each page of a listing is made when it is asked for, in the words of
 * S3, Google Cloud Storage or Azure. Emulators keep objects as files and sort them for each page, which takes hours with
 * a million; this one says nothing about anything but how our side goes through pages.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface EndlessBucket {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Names in byte order: `0000/000000.jpg`, a thousand in each folder. */
export function endlessName(index: number): string {
  return `${String(Math.floor(index / 1000)).padStart(4, "0")}/${String(index).padStart(7, "0")}.jpg`;
}

function indexOf(name: string): number {
  return Number(name.slice(5, 12));
}

const modified = "2026-01-02T03:04:05.000Z";
const bytes = 12_345;

/** @param count number of objects in each of its buckets, at most 10,000,000 */
export async function startEndlessBucket(count: number): Promise<EndlessBucket> {
  const names = (from: number, most: number) => Array.from({ length: Math.max(0, Math.min(most, count - from)) }, (_, i) => endlessName(from + i));
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://bucket");
    const send = (type: string, body: string) => response.writeHead(200, { "Content-Type": type }).end(body);
    if (searchParams.get("list-type") === "2") {
      const after = searchParams.get("start-after");
      const page = names(after === null ? 0 : indexOf(after) + 1, Number(searchParams.get("max-keys") ?? 1000));
      const isTruncated = page.length > 0 && indexOf(page.at(-1)!) < count - 1;
      const contents = page.map((name) => `<Contents><Key>${name}</Key><LastModified>${modified}</LastModified><ETag>&quot;0&quot;</ETag><Size>${bytes}</Size><StorageClass>STANDARD</StorageClass></Contents>`);
      return void send("application/xml", `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>endless</Name><KeyCount>${page.length}</KeyCount><IsTruncated>${isTruncated}</IsTruncated>${contents.join("")}</ListBucketResult>`);
    }
    if (pathname.startsWith("/storage/v1/b/")) {
      const from = searchParams.get("startOffset");
      const page = names(from === null ? 0 : indexOf(from), Number(searchParams.get("maxResults") ?? 1000));
      const items = page.map((name) => ({ name, size: String(bytes), updated: modified }));
      return void send("application/json", JSON.stringify({ items, ...(page.length > 0 && indexOf(page.at(-1)!) < count - 1 && { nextPageToken: "more" }) }));
    }
    if (searchParams.get("comp") === "list") {
      const from = Number(searchParams.get("marker") ?? 0);
      const page = names(from, Number(searchParams.get("maxresults") ?? 5000));
      const blobs = page.map((name) => `<Blob><Name>${name}</Name><Properties><Last-Modified>${new Date(modified).toUTCString()}</Last-Modified><Etag>0</Etag><Content-Length>${bytes}</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob>`);
      const next = from + page.length < count ? String(from + page.length) : "";
      return void send("application/xml", `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="endless"><Blobs>${blobs.join("")}</Blobs><NextMarker>${next}</NextMarker></EnumerationResults>`);
    }
    response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
