/** The server's public entry: start one, or manage the accounts of a data folder. */
export { startServer, type RunningServer } from "./server.ts";
export { configuration, defaults, type Configuration } from "./configuration.ts";
export { addUser, createToken, removeUser, revokeToken } from "./accounts/service.ts";
export { listTokens, listUsers, type TokenRow } from "./accounts/store.ts";
export type { User } from "./accounts/user.ts";
export { openDatabase, type DatabasePlace } from "./db/database.ts";
export { backUp, type BackupFacts } from "./backup/backup.ts";
export { restore } from "./backup/restore.ts";
export { examineStores, removeOrphans, type CheckOutcome, type Finding } from "./doctor/doctor.ts";
