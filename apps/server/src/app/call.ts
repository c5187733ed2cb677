import type { BodyOf, Operation, PathOf, QueryOf, ReplyOf } from "@winnow/contract";
import type { DatasetAccess } from "../datasets/access.ts";
import type { User } from "../accounts/user.ts";
import type { Binary, Download, JsonText, PlainText, Redirect, StreamedJson, WithHeaders } from "./answers.ts";
import type { Context } from "./context.ts";

/** One call of an operation, checked against the contract. */
export interface Call<O extends Operation> {
  readonly context: Context;
  readonly path: PathOf<O>;
  readonly query: QueryOf<O>;
  readonly body: BodyOf<O>;
  /** Paths in the body of whole numbers written as decimals (1.0), for operations that keep them apart. */
  readonly decimals: readonly string[];
  /** Who calls; nobody on public operations. */
  readonly user: User;
  /** The dataset of the path, which the user may use as the operation demands. */
  readonly dataset: DatasetAccess;
  /** Address of the server as the client sees it, without slash at the end. */
  readonly baseUrl: string;
  readonly userAgent: string;
  /** What the client wants to get, as in the Accept header. */
  readonly accept: string;
  /** Where the request comes from, as far as the socket knows. */
  readonly remoteAddress: string;
  /** Secret of the browser's session, when the request came with one. */
  readonly session: string | undefined;
  /** ETags that the client has, as in the If-None-Match header. */
  readonly ifNoneMatch: string | undefined;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

export type Answer<O extends Operation> = ReplyOf<O> | StreamedJson | JsonText | PlainText | Redirect | Download | Binary | WithHeaders | void;

export type Handler<O extends Operation> = (call: Call<O>) => Promise<Answer<O>> | Answer<O>;

/** Handlers of a domain: one for each of its operations that is served. */
export type Handlers<Domain extends Readonly<Record<string, Operation>>> = { readonly [Name in keyof Domain]: Handler<Domain[Name]> };
