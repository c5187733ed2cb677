import { BlobServiceClient, ContainerSASPermissions, generateBlobSASQueryParameters, StorageSharedKeyCredential } from "@azure/storage-blob";
import { azuriteAccount } from "./azurite.ts";

const key = new StorageSharedKeyCredential(azuriteAccount.accountName, azuriteAccount.accountKey);

/** Makes an empty container in an Azurite. */
export async function createAzureContainer(endpoint: string, name: string): Promise<void> {
  await new BlobServiceClient(endpoint, key, {}).createContainer(name);
}

/** A shared access signature for a container. @param permissions letters such as `rwdlc` */
export function azureSignature(container: string, permissions: string, minutes = 10): string {
  return generateBlobSASQueryParameters({ containerName: container, permissions: ContainerSASPermissions.parse(permissions), startsOn: new Date(Date.now() - 3_600_000), expiresOn: new Date(Date.now() + minutes * 60_000) }, key).toString();
}
