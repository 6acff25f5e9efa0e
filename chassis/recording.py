"""
The providers of a process: what spans and figures are made from.

A call costs what it touches for the first time in a while, so two things are not done call by
call: durations and counts wait in a list and go to the SDK together (the exporters ask for them
first), and a call whose trace is not kept has its ids, and nothing else of a span.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from opentelemetry import context as otel
from opentelemetry import metrics, trace
from opentelemetry.metrics import CallbackOptions, Counter, Histogram, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, Sampler, TraceIdRatioBased
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags

# Seconds; the bounds that the conventions advise.
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)

SCOPE: Final = InstrumentationScope("lientuyen")

# Figures that wait at most: handing them over takes half a millisecond.
WAITING: Final = 64

NO_TRACE: Final = otel.Context()
RANDOM: Final = int(TraceFlags.RANDOM_TRACE_ID)

Attributes: TypeAlias = Mapping[str, str | int]

# What takes a figure, the figure, its attributes, and the context of its trace where that is kept.
_Figure: TypeAlias = tuple[
    Callable[[float, Attributes, otel.Context | None], None], float, Attributes, otel.Context | None
]


class _Ids(RandomIdGenerator, threading.local):
    """Random ids; the trace id that was drawn already, where there is one.  Threads draw apart."""

    drawn: int | None = None

    def generate_trace_id(self) -> int:
        drawn, self.drawn = self.drawn, None
        return drawn or super().generate_trace_id()


class Recorder:
    """The providers of a process and what is made from them.  The bare one makes trace ids, keeps nothing.

    *ratio* is the share of the traces begun here that is kept; None leaves that to *sampler*, or to the
    one that OTEL_TRACES_SAMPLER names.
    """

    def __init__(
        self,
        resource: Resource | None = None,
        sampler: Sampler | None = ALWAYS_OFF,
        processors: Sequence[SpanProcessor] = (),
        readers: Sequence[MetricReader] = (),
        ratio: float | None = None,
    ) -> None:
        self.is_set_up = resource is not None
        self.resource = resource or Resource({})
        self.processors = processors
        self.metered = bool(readers)
        self.meters = MeterProvider(readers, self.resource, shutdown_on_exit=False)
        self._ids = _Ids()
        self._bound = None if ratio is None else TraceIdRatioBased.get_bound_for_rate(ratio)
        self.traces = TracerProvider(
            sampler if ratio is None else ParentBased(TraceIdRatioBased(ratio)),
            self.resource,
            shutdown_on_exit=False,
            id_generator=self._ids,
            meter_provider=metrics.NoOpMeterProvider(),
        )
        for processor in processors:
            self.traces.add_span_processor(processor)
        self.tracer = self.traces.get_tracer(SCOPE.name)
        self.meter = self.meters.get_meter(SCOPE.name)
        self.answered = self._durations("rpc.server.call.duration", "How long calls took to answer.")
        self.asked = self._durations("rpc.client.call.duration", "How long calls to peers took.")
        self._counters: dict[str, Counter] = {}
        self._waiting: deque[_Figure] = deque()
        # Called at the beginning of every collection; it has no figure of its own.
        self.meter.create_observable_counter("lientuyen.waiting", [self._collected])

    def _durations(self, name: str, description: str) -> Histogram:
        return self.meter.create_histogram(
            name, "s", description, explicit_bucket_boundaries_advisory=BUCKETS
        )

    def took(self, of: Histogram, seconds: float, attributes: Attributes, span: Span) -> None:
        """Note a duration in *seconds*, with *span* as its example where that is kept."""
        if self.metered:
            context = trace.set_span_in_context(span, NO_TRACE) if span.is_recording() else NO_TRACE
            self._note((of.record, seconds, attributes, context))

    def count(self, name: str, description: str, amount: int, attributes: Attributes) -> None:
        """Add *amount* to the counter *name*, which is made at its first use."""
        counter = self._counters.get(name)
        if counter is None:
            counter = self._counters[name] = self.meter.create_counter(name, "1", description)
        if self.metered:
            self._note((counter.add, amount, attributes, NO_TRACE))

    def _note(self, figure: _Figure) -> None:
        self._waiting.append(figure)
        if len(self._waiting) >= WAITING:
            self._hand_over()

    def _hand_over(self) -> None:
        """Give the SDK what waits.  Another thread may be doing the same."""
        while self._waiting:
            try:
                take, figure, attributes, context = self._waiting.popleft()
            except IndexError:
                return
            take(figure, attributes, context)

    def _collected(self, _: CallbackOptions) -> Iterable[Observation]:
        self._hand_over()
        return ()

    def start(
        self, name: str, kind: SpanKind, attributes: Attributes, parent: otel.Context | None = None
    ) -> Span:
        """Start a span that will never record the message of an exception."""
        return self.tracer.start_span(
            name, parent, kind, attributes, record_exception=False, set_status_on_exception=False
        )

    def start_server(self, name: str, attributes: Attributes, parent: otel.Context) -> Span:
        """Start the span of a call that came with *parent*; of one whose trace is not kept, the ids alone."""
        if self._bound is None:
            return self.start(name, SpanKind.SERVER, attributes, parent)
        above = trace.get_current_span(parent).get_span_context() if parent else trace.INVALID_SPAN_CONTEXT
        if above.is_valid and above.trace_flags.sampled:
            return self.start(name, SpanKind.SERVER, attributes, parent)
        if above.is_valid:
            return self._ids_alone(above.trace_id, above.trace_flags & RANDOM, above)
        trace_id = self._ids.generate_trace_id()
        if trace_id & TraceIdRatioBased.TRACE_ID_LIMIT >= self._bound:
            return self._ids_alone(trace_id, RANDOM, above)
        self._ids.drawn = trace_id
        try:
            return self.start(name, SpanKind.SERVER, attributes, parent)
        finally:
            self._ids.drawn = None  # an SDK that is turned off draws none

    def _ids_alone(self, trace_id: int, flags: int, above: SpanContext) -> Span:
        span_id = self._ids.generate_span_id()
        return NonRecordingSpan(SpanContext(trace_id, span_id, False, TraceFlags(flags), above.trace_state))

    def keep(self, span: ReadableSpan) -> None:
        """Hand a finished span to the exporters."""
        for processor in self.processors:
            processor.on_end(span)

    def close(self) -> None:
        """Export what is left; may take a minute when a collector hangs."""
        self.traces.shutdown()
        self.meters.shutdown()
