/**
 * Back-pressure: how many requests are worked on at a time. A request that finds no place waits with its body unread, which
 * costs little more than its socket; when too many wait, or it has waited for long, it is told to come again (429). Nothing
 * of it was done then, so that it can be sent again whatever it was.
 */
import type { Operation } from "@winnow/contract";
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from "fastify";
import type { Configuration } from "../configuration.ts";
import type { Metrics } from "../observing/metrics.ts";
import { DomainError } from "./errors.ts";
import { Lane, type Leave } from "./lane.ts";

/**
 * Kinds of requests that don't take each other's places: `operation`; `computing`: they wait for threads; `file`: they take
 * as long as the client's line does; `public`: anybody may send them.
 */
export type LaneName = "operation" | "computing" | "file" | "public";

const computing: ReadonlySet<string> = new Set(["get_neighbours_by_ordinal", "get_columns_by_dataset_id", "get_column_by_name", "get_picture_by_ordinal"]);
/** Open for as long as somebody looks, and no work while nothing happens. */
const lasting: ReadonlySet<string> = new Set(["get_events"]);

const publicShare = 4;
const computingShare = 4;
/** For each that is worked on so many may wait. */
const waitingPerPlace = 8;
/** A body is in memory as text and as values while its request is worked on: large ones take more places. */
const bytesPerUnit = 1024 * 1024;
/** Of a body that doesn't say how long it is. */
const unknownUnits = 16;
/** The body of a request without token must come within the time that it may wait, and at least this. */
const bodyMsMin = 1_000;
/** Those who were turned away together don't come again together. */
const pauseSeconds = [1, 2, 3, 4, 5] as const;

/** A place that the answer holds, and the work on it: who goes away doesn't end what the server is at. */
class Place {
  #holders = 1;

  constructor(readonly leave: Leave) {}

  hold(): void {
    this.#holders++;
  }

  release(): void {
    if (--this.#holders === 0) this.leave();
  }
}

type Hook = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void;
type RequestHandler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

export class Admission {
  readonly #lanes: Readonly<Record<LaneName, Lane>>;
  readonly #places = new WeakMap<FastifyRequest, Place>();

  readonly #bodyMsMax: number;

  constructor({ requestsMax, requestWaitSeconds }: Pick<Configuration, "requestsMax" | "requestWaitSeconds">, metrics: Metrics) {
    this.#bodyMsMax = Math.max(bodyMsMin, requestWaitSeconds * 1000);
    const lane = (places: number) => new Lane(Math.max(1, Math.ceil(places)), Math.ceil(places) * waitingPerPlace, requestWaitSeconds * 1000);
    this.#lanes = { operation: lane(requestsMax), computing: lane(requestsMax / computingShare), file: lane(requestsMax), public: lane(requestsMax / publicShare) };
    metrics.lanes(this.#lanes);
  }

  /** For an operation's route, before all that costs something. */
  hookOf(operation: Operation): Hook {
    if (lasting.has(operation.id)) return (_request, _reply, done) => done();
    return this.hook(operation.access === "public" ? "public" : computing.has(operation.id) ? "computing" : "operation");
  }

  hook(name: LaneName): Hook {
    const lane = this.#lanes[name];
    return (request, reply, done) => {
      const giveUp = lane.enter(name === "file" ? 1 : unitsOf(request), (leave) => {
        if (!leave) return done(busy());
        const place = new Place(leave);
        this.#places.set(request, place);
        reply.raw.once("close", () => place.release());
        if (name === "public") this.#hurry(request, reply);
        done();
      });
      // Who goes away while it waits makes way; who is inside already isn't concerned.
      reply.raw.once("close", giveUp);
    };
  }

  /** Anybody could keep all places of those who sign in, by sending bodies that never end. */
  #hurry({ raw }: FastifyRequest, reply: FastifyReply): void {
    const late = setTimeout(() => {
      if (!raw.complete) raw.destroy();
    }, this.#bodyMsMax);
    reply.raw.once("close", () => clearTimeout(late));
  }

  /** A handler that keeps its place until it has ended, whether or not anybody still waits for the answer. */
  holding(handler: RequestHandler): RequestHandler {
    return async (request, reply) => {
      const place = this.#places.get(request);
      place?.hold();
      try {
        return await handler(request, reply);
      } finally {
        place?.release();
      }
    };
  }
}

function unitsOf({ headers }: FastifyRequest): number {
  if (headers["transfer-encoding"] !== undefined) return unknownUnits;
  return 1 + Math.floor(Number(headers["content-length"] ?? 0) / bytesPerUnit);
}

function busy(): DomainError {
  const retryAfterSeconds = pauseSeconds[Math.floor(Math.random() * pauseSeconds.length)]!;
  return new DomainError("TOO_MANY_REQUESTS", `The server has more to do than it can do now, and did nothing of this request. Send it again in ${retryAfterSeconds} second${retryAfterSeconds === 1 ? "" : "s"}.`, { retryAfterSeconds });
}
