import type { domains } from "@winnow/contract";
import type { Handlers } from "../app/call.ts";
import { DomainError } from "../app/errors.ts";
import type { RelevantFilesReader } from "../datasources/relevant-files.ts";
import * as configurations from "./configurations.ts";
import { appendLog, readLog } from "./logs.ts";
import * as registry from "./registry.ts";
import * as files from "./run-files.ts";
import * as runs from "./runs.ts";
import * as schedules from "./schedules.ts";

export function workers(relevantFiles: RelevantFilesReader): Handlers<typeof domains.workers> {
  return {
    registerDockerWorker: ({ context, user, body }) => registry.registerWorker(context, user, body),
    getDockerWorkerRegistryEntries: ({ context, user }) => registry.listWorkers(context, user),
    getDockerWorkerRegistryEntryById: ({ context, user, path }) => registry.workerById(context, user, path.workerId),
    updateDockerWorkerRegistryEntryById: ({ context, user, path, query, body }) => registry.reportWorkerState(context, user, path.workerId, body.state, query.sessionId),
    deleteDockerWorkerRegistryEntryById: ({ context, user, path }) => registry.deleteWorker(context, user, path.workerId),
    createWorkerSession: ({ context, user, path, body }) => registry.beginSession(context, user, path.workerId, body),
    getWorkerStatuses: ({ context, user }) => registry.workerStatuses(context, user),

    createDockerWorkerConfig: ({ context, user, body, decimals }) => configurations.createConfiguration(context, user, body, decimals),
    createDockerWorkerConfigV2: ({ context, user, body, decimals }) => configurations.createConfiguration(context, user, body, decimals),
    updateDockerWorkerConfigById: ({ context, user, path, body, decimals }) => configurations.updateConfiguration(context, user, path.configId, body, decimals),
    getDockerWorkerConfigById: ({ context, user, path }) => configurations.configurationById(context, user, path.configId),
    getDockerWorkerConfigV2ById: ({ context, user, path }) => configurations.configurationById(context, user, path.configId),
    getDockerWorkerConfigs: ({ context, user }) => configurations.listConfigurations(context, user),
    getWrittenRunConfigurationById: ({ context, user, path }) => configurations.writtenConfigurationById(context, user, path.configId),
    reviewRunConfiguration: ({ body, decimals }) => configurations.reviewConfiguration(body, decimals),

    createDockerRunScheduledByDatasetId: ({ context, user, dataset, body }) => schedules.scheduleRun(context, user, dataset, relevantFiles, body),
    getDockerRunsScheduledByDatasetId: ({ context, dataset, query }) => schedules.listSchedulesOfDataset(context, dataset, query),
    getDockerRunsScheduledByState: ({ context, user, query }) => schedules.listSchedulesOfUser(context, user, query),
    getDockerRunsScheduledByWorkerId: ({ context, user, path, query }) => schedules.listSchedulesOfWorker(context, user, path.workerId, query),
    cancelScheduledDockerRunStateById: ({ context, dataset, path }) => schedules.cancelSchedule(context, dataset, path.scheduledId),
    updateScheduledDockerRunStateById: ({ context, user, dataset, path, query, body }) => schedules.updateSchedule(context, user, dataset, path, query.sessionId, body),

    createDockerRun: ({ context, user, query, body }) => runs.beginRun(context, user, body, query.sessionId),
    getDockerRunById: ({ context, user, path }) => runs.runById(context, user, path.runId),
    getDockerRunByScheduledId: ({ context, user, path }) => runs.runOfSchedule(context, user, path.scheduledId),
    getDockerRuns: ({ context, user, query }) => runs.listRunsOfUser(context, user, query),
    getDockerRunsQueryByDatasetId: ({ context, dataset, query }) => runs.listRunsOfDataset(context, dataset, query),
    getDockerRunTags: ({ context, user, path }) => runs.tagsOfRun(context, user, path.runId),
    updateDockerRunById: ({ context, user, path, query, body }) => runs.updateRun(context, user, path.runId, body, query.sessionId),
    updateRunProgressById: ({ context, user, path, query, body }) => runs.updateProgress(context, user, path.runId, body, query.sessionId),
    getRunProgressById: ({ context, user, path }) => runs.progressOfRun(context, user, path.runId),

    createDockerRunLogById: ({ context, user, path, query, body }) => appendLog(context, user, path.runId, body, query.sessionId),
    getDockerRunLogsById: ({ context, user, path, query }) => readLog(context, user, path.runId, query.cursor),

    getDockerRunReportReadUrlById: ({ context, user, path, baseUrl }) => files.reportReadUrl(context, user, baseUrl, path.runId),
    getDockerRunReportWriteUrlById: ({ context, user, path, baseUrl }) => files.reportWriteUrl(context, user, baseUrl, path.runId),
    getRunReportPageReadUrlById: ({ context, user, path, baseUrl }) => files.reportPageReadUrl(context, user, baseUrl, path.runId),
    getRunReportPageWriteUrlById: ({ context, user, path, query, baseUrl }) => files.reportPageWriteUrl(context, user, baseUrl, path.runId, query.sessionId),
    getRunPlanReadUrlById: ({ context, user, path, baseUrl }) => files.planReadUrl(context, user, baseUrl, path.runId),
    getRunPlanWriteUrlById: ({ context, user, path, query, baseUrl }) => files.planWriteUrl(context, user, baseUrl, path.runId, query.sessionId),
    createDockerRunArtifact: ({ context, user, path, body, baseUrl }) => files.createArtifact(context, user, baseUrl, path.runId, body),
    confirmDockerRunArtifactCreation: ({ context, user, path }) => files.confirmArtifact(context, user, path.runId, path.artifactId),
    getDockerRunArtifactReadUrlById: ({ context, user, path, baseUrl }) => files.artifactReadUrl(context, user, baseUrl, path.runId, path.artifactId),

    getDockerLicenseInformation: () => ({ licenseType: "Apache-2.0", licenseExpirationDate: neverMs, licenseIsValid: true }),
    // Statistics are for the maker of the original worker; they are taken, so that it works, and not kept.
    postDockerUsageStats: () => undefined,
    postDockerAuthorizationRequest: () => refuseAuthorization(),
    postDockerWorkerAuthorizationRequest: () => refuseAuthorization(),
  };
}

/** 31 December 9999: a licence like ours doesn't end, and the field demands a time. */
const neverMs = 253_402_214_400_000;

/** The original worker checks such an answer against a key that only its maker has. Ours needs none. */
function refuseAuthorization(): never {
  throw new DomainError("NOT_IMPLEMENTED", "Workers of this platform need no authorisation; start one with `winnow worker`. Workers of other makers can't be authorised here.");
}
