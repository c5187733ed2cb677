/** Servers of other people's protocols, for tests of what speaks to them. */
export { startS3Server, s3Key, s3Region, role, type S3Server } from "./s3-server.ts";
export { startAzurite, azuriteAccount } from "./azurite.ts";
export { azureSignature, createAzureContainer } from "./azure-container.ts";
export { startGcsStandIn, type GcsStandIn } from "./gcs-stand-in.ts";
export { pythonIsMissing, startPythonFileServer } from "./python-file-server.ts";
export { endlessName, startEndlessBucket, type EndlessBucket } from "./endless-bucket.ts";
export { startFaultProxy, type FaultProxy } from "./fault-proxy.ts";
