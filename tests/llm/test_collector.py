"""Spans reach a collector over OTLP, as `otlp_endpoint` says."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as answers
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as services

from agent.llm.settings import TelemetrySettings
from agent.llm.telemetry import Traces
from tests.llm.desk import ACCEPT, CASE, PROMPT, SCHEMA, asking
from tests.llm.endpoint import KEY, Endpoint, said


class Collector(services.TraceServiceServicer):
    def __init__(self) -> None:
        self.received: list[Any] = []

    def Export(self, request: Any, context: Any) -> Any:
        self.received.append(request)
        return answers.ExportTraceServiceResponse()


@contextmanager
def collecting(collector: Collector) -> Iterator[str]:
    server = grpc.server(futures.ThreadPoolExecutor(1))
    services.add_TraceServiceServicer_to_server(collector, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


async def test_a_call_reaches_the_collector_when_the_process_ends_without_its_texts() -> None:
    collector = Collector()
    with collecting(collector) as url:
        settings = TelemetrySettings(otlp_endpoint=url, service_name="ap-office")
        traces = Traces.of(settings, (KEY,))
        async with asking(Endpoint(said(ACCEPT)), traces=traces) as desk:
            await desk.choose(PROMPT, SCHEMA, case_id=CASE)
        traces.close()
    (request,) = collector.received
    (resource,) = request.resource_spans
    assert "ap-office" in str(resource.resource)
    (span,) = resource.scope_spans[0].spans
    assert span.name == "chat small-1"
    assert KEY not in str(request)
    assert "8 percent" not in str(request)
