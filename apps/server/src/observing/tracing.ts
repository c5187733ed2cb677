import { type Context, type Span, SpanKind, SpanStatusCode, context, propagation, trace } from "@opentelemetry/api";

const tracer = () => trace.getTracer("winnow");

/**
 * Sends traces to a collector when the environment names one, by OpenTelemetry's own variables: OTEL_EXPORTER_OTLP_ENDPOINT or
 * OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER and so on. Nothing of it is loaded otherwise.
 * @returns ends it, after what waits has been sent
 */
export async function startTracing(env: NodeJS.ProcessEnv = process.env): Promise<(() => Promise<void>) | undefined> {
  const endpoint = env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] ?? env["OTEL_EXPORTER_OTLP_ENDPOINT"];
  if (!endpoint || env["OTEL_SDK_DISABLED"] === "true" || env["OTEL_TRACES_EXPORTER"] === "none") return undefined;
  const [{ BasicTracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, { Resource, envDetectorSync }, { AsyncLocalStorageContextManager }] = await Promise.all([
    import("@opentelemetry/sdk-trace-base"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/resources"),
    import("@opentelemetry/context-async-hooks"),
  ]);
  const resource = new Resource({ "service.name": "winnow" }).merge(envDetectorSync.detect() as InstanceType<typeof Resource>);
  const provider = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] });
  provider.register({ contextManager: new AsyncLocalStorageContextManager().enable() });
  return async () => {
    await provider.shutdown().catch(() => {});
    trace.disable();
    context.disable();
    propagation.disable();
  };
}

/** The span of a request; it goes on where the caller's `traceparent` says. */
export function beginRequest(method: string, operation: string, headers: Readonly<Record<string, unknown>>): { span: Span; within: Context } {
  const from = propagation.extract(context.active(), headers);
  const span = tracer().startSpan(`${method} ${operation}`, { kind: SpanKind.SERVER, attributes: { "http.request.method": method, "winnow.operation": operation } }, from);
  return { span, within: trace.setSpan(from, span) };
}

export function endRequest(span: Span, status: number): void {
  span.setAttribute("http.response.status_code", status);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** Does some work as a span of what is under way. */
export function traced<Result>(name: string, attributes: Readonly<Record<string, string>>, work: () => Promise<Result>): Promise<Result> {
  return tracer().startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).name });
      throw error;
    } finally {
      span.end();
    }
  });
}
