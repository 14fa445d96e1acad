// Sends one span as JSON with OpenTelemetry's exporter for Node.js, which is configured
// by the environment; ends with 1 and the error if it is refused.
import { createRequire } from "node:module";

const [folder, compression] = process.argv.slice(2);
const require = createRequire(`${folder}/x.js`);
const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-http");
const { BasicTracerProvider, SimpleSpanProcessor } = require("@opentelemetry/sdk-trace-base");

const exporter = new OTLPTraceExporter({ compression });
let outcome;
const watched = {
    export: (spans, done) => exporter.export(spans, (result) => { outcome = result; done(result); }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush(),
};
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(watched)] });
provider.getTracer("clients").startSpan("parent").end();
await provider.forceFlush();
await provider.shutdown();
if (outcome?.code !== 0) {
    console.log(String(outcome?.error), outcome?.error?.code, outcome?.error?.data);
    process.exit(1);
}
