import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { SourceError } from "../source-error.ts";
import { awsName, statusOf, unreachable } from "./aws-errors.ts";

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** When they end; missing for those that don't. */
  readonly expiration?: Date;
}

export interface DelegatedAccess {
  readonly region: string;
  /** The role in the user's account, `arn:aws:iam::123456789012:role/name`. */
  readonly roleArn: string;
  /** The text that the role's trust policy demands: it keeps other users of this server from borrowing the role. */
  readonly externalId: string;
  /** Who assumes the role: the identity of this server. Default: what the AWS tools find (environment, shared files, instance role). */
  readonly identity?: S3Credentials;
  /** Address of the token service. Default: that of AWS for the region. */
  readonly endpoint?: string;
}

/** What AWS gives for a role that was not set up for more. */
const sessionSeconds = 3_600;
/** Longest validity of addresses that are signed with a session. */
export const delegatedUrlSecondsMax = sessionSeconds - 60;

/** Keys of an assumed role, fetched again when those at hand end too early. @returns a function for `S3Options.credentials` */
export function delegatedCredentials({ region, roleArn, externalId, identity, endpoint }: DelegatedAccess): (secondsLeft: number) => Promise<S3Credentials> {
  const client = new STSClient({ region, maxAttempts: 4, ...(identity && { credentials: { ...identity } }), ...(endpoint !== undefined && { endpoint }), requestHandler: { connectionTimeout: 10_000, socketTimeout: 30_000 } });
  let current: Promise<S3Credentials> | undefined;
  let endsMs = 0;
  const assume = async (): Promise<S3Credentials> => {
    try {
      const { Credentials } = await client.send(new AssumeRoleCommand({ RoleArn: roleArn, ExternalId: externalId, RoleSessionName: "winnow", DurationSeconds: sessionSeconds }));
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
      if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) throw new SourceError("provider", "AWS gave no keys for the role.");
      endsMs = Expiration.getTime();
      return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken, expiration: Expiration };
    } catch (error) {
      current = undefined;
      throw asSourceError(error, roleArn);
    }
  };
  return (secondsLeft) => {
    if (!current || (endsMs > 0 && endsMs - Date.now() < secondsLeft * 1000)) {
      // Whoever asks while the answer is under way gets the same one.
      endsMs = 0;
      current = assume();
    }
    return current;
  };
}

function asSourceError(error: unknown, roleArn: string): unknown {
  if (error instanceof SourceError) return error;
  const name = awsName(error);
  const status = statusOf(error);
  if (name === "CredentialsProviderError") return new SourceError("configuration", "This server has no AWS identity to assume roles with: its operator has to give it one.");
  if (["InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken", "UnrecognizedClientException"].includes(name)) return new SourceError("configuration", "AWS doesn't accept this server's own identity: its operator has to check it.");
  if (name === "AccessDenied" || status === 403) return new SourceError("credential", `The role ${roleArn} can't be assumed: check the ARN, the external id, and that the role's trust policy names this server's account.`);
  if (name === "ValidationError" || status === 400) return new SourceError("credential", `AWS doesn't take ${roleArn} with this external id: check both.`);
  return unreachable(error, "The token service of AWS", status) ?? error;
}
