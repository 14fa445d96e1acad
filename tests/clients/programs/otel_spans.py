"""OpenTelemetry's exporters: of Python, which sends protobuf, and of Node.js, which sends JSON."""

import logging
import os
import pathlib
import subprocess
import time
from urllib.parse import quote

from common import AT, Refused, TOKEN, owner, step, unique
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult

HERE = pathlib.Path(__file__).parent


def headers(experiment):
    """As the manual has them: the space is percent-encoded."""
    token = f"Authorization=Bearer%20{quote(TOKEN)}," if TOKEN else ""
    return f"{token}x-mlflow-experiment-id={experiment}"


def environment(experiment):
    return {
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{AT}/v1/traces",
        "OTEL_EXPORTER_OTLP_HEADERS": headers(experiment),
    }


class Results(OTLPSpanExporter):
    """What came of each export; the processor drops it."""

    seen = []

    def export(self, spans):
        result = super().export(spans)
        self.seen.append(result)
        return result


def sent_by_python(compression):
    def send(experiment):
        os.environ.update(environment(experiment))
        words = Words()
        logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter").addHandler(words)
        exporter = Results(compression=compression)
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        with provider.get_tracer("clients").start_as_current_span("parent"):
            pass
        provider.shutdown()
        if exporter.seen.pop() is not SpanExportResult.SUCCESS:
            raise Refused(words.text)

    return send


class Words(logging.Handler):
    text = ""

    def emit(self, record):
        self.text += self.format(record)


def sent_by_node(compression):
    def send(experiment):
        command = ["node", str(HERE / "otel_spans.mjs"), os.environ["SHELL_TEST_NODE_MODULES"], compression]
        variables = {**os.environ, **environment(experiment)}
        done = subprocess.run(command, capture_output=True, text=True, env=variables)
        if done.returncode != 0:
            raise Refused(done.stdout + done.stderr)

    return send


def spans(send):
    def act():
        with owner() as client:
            experiment = client.create_experiment(unique("spans"))
        send(experiment)
        deadline = time.monotonic() + 20
        with owner() as client:
            while not (found := client.search_traces(locations=[experiment])):
                if time.monotonic() > deadline:
                    raise RuntimeError("no trace came")
                time.sleep(0.2)
            return f"{len(found)} trace, {[span.name for span in found[0].data.spans]}"

    return act


step("protobuf", spans(sent_by_python(Compression.NoCompression)))
step("protobuf, gzip", spans(sent_by_python(Compression.Gzip)))
step("JSON", spans(sent_by_node("none")))
step("JSON, gzip", spans(sent_by_node("gzip")))
