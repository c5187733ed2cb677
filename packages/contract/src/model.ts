/** How the contract is written down: schemas by TypeBox, operations as rows of data. */
import { Type, type Static, type TSchema, type TObject } from "typebox";

/** One of a few texts. */
export function Enumeration<const Values extends readonly string[]>(values: Values) {
  return Type.Unsafe<Values[number]>({ type: "string", enum: [...values] });
}

/** The value, or null: older clients write what they leave out as null. */
export function Nullable<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()]);
}

/**
 * Who may call an operation.
 * - `public`: anyone, without a token
 * - `publicToken`: a signed `publicToken` of that dataset, or a viewer's token
 * - `user`: any signed-in user
 * - `viewer`, `editor`, `owner`: by role in the dataset of the path
 */
export type Access = "public" | "publicToken" | "user" | "viewer" | "editor" | "owner";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

export interface OperationFacts {
  /** Name in `/openapi.json`, as the protocol spells it. */
  readonly id: string;
  readonly summary: string;
  readonly access: Access;
  /**
   * Whether a token that may only read is refused. Absent: by access (`editor` and `owner` write, `viewer` and `public` read),
   * and for `user` by method (GET reads).
   */
  readonly writes?: boolean;
  /** Of `user`: tokens bound to some datasets may call it, and get to see and change nothing beyond those. Absent: they are refused. */
  readonly boundTokens?: true;
  /** First client release that knows the operation; absent: all of 1.2. `winnow`: an addition of ours. */
  readonly since?: string;
  readonly query?: TObject;
  readonly body?: TSchema;
  /** Whole numbers written as decimals (1.0) mean something else in the body than others. */
  readonly keepsDecimals?: boolean;
  /** Largest body in bytes, where it differs from the server's default. */
  readonly bodyLimit?: number;
  /** Reply schema by status; the first is the success. `Type.Null()`: no body. */
  readonly replies: Readonly<Record<number, TSchema>>;
}

export interface Operation extends OperationFacts {
  readonly method: Method;
  /** Path with `{name}` for its parameters. */
  readonly path: string;
}

type Row<Facts> = Facts & { readonly method: Method; readonly path: string };

function row<const M extends Method>(method: M) {
  return <const P extends string, const Facts extends OperationFacts>(path: P, facts: Facts) =>
    ({ method, path, ...facts }) as Facts & { readonly method: M; readonly path: P };
}

export const get = row("GET");
export const post = row("POST");
export const put = row("PUT");
export const remove = row("DELETE");

/** A domain's operations by name. */
export function domain<const Operations extends Readonly<Record<string, Row<OperationFacts>>>>(operations: Operations): Operations {
  return operations;
}

type Names<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;

/** Path parameters of an operation. */
export type PathOf<O extends Operation> = { readonly [Name in Names<O["path"]>]: string };
/** Query parameters of an operation. */
export type QueryOf<O extends Operation> = O["query"] extends TSchema ? Static<O["query"]> : Record<never, never>;
/** Body that an operation takes. */
export type BodyOf<O extends Operation> = O["body"] extends TSchema ? Static<O["body"]> : undefined;
/** Body that an operation answers with on success. */
export type ReplyOf<O extends Operation> = O["replies"][keyof O["replies"]] extends TSchema
  ? Static<O["replies"][keyof O["replies"]]>
  : undefined;

/** Whether an operation changes something, or hands out the means to. */
export function isWriting({ access, method, writes }: Operation): boolean {
  if (writes !== undefined) return writes;
  return access === "user" ? method !== "GET" : access === "editor" || access === "owner";
}

/** Success status of an operation. */
export function successStatus(operation: Operation): number {
  return Number(Object.keys(operation.replies)[0]);
}
