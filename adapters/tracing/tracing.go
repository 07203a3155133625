// Package tracing sends OpenTelemetry traces to a collector (OTLP over gRPC):
// a span per request, and one per call to the engine's ports. Spans have the
// names of routes and calls, never ids, addresses or bodies.
//
// Start at [Start].
package tracing

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/portico-authz/portico/engine"
)

// Options say where traces go.
type Options struct {
	Endpoint string  // host:port of the collector
	Insecure bool    // without TLS
	Ratio    float64 // the part of requests that is traced, unless the caller decided
	Version  string  // of the program
}

// Tracer makes spans. It is safe for concurrent use.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// Start returns a Tracer, whether or not the collector is there. Close sends
// what is left.
func Start(ctx context.Context, o Options) (*Tracer, error) {
	opts := []otlptracegrpc.Option{otlptracegrpc.WithEndpoint(o.Endpoint)}
	if o.Insecure {
		opts = append(opts, otlptracegrpc.WithInsecure())
	}
	exporter, err := otlptracegrpc.New(ctx, opts...)
	if err != nil {
		return nil, engine.WrapError(engine.Invalid, "tracing to "+o.Endpoint, err)
	}
	about := resource.NewSchemaless(attribute.String("service.name", "portico"), attribute.String("service.version", o.Version))
	return New(sdk.NewTracerProvider(
		sdk.WithBatcher(exporter), sdk.WithResource(about),
		sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(o.Ratio))),
	)), nil
}

// New returns a Tracer on a provider, which Close shuts down.
func New(provider *sdk.TracerProvider) *Tracer {
	return &Tracer{provider, provider.Tracer("github.com/portico-authz/portico")}
}

// Close sends the spans that are left, and ends.
func (t *Tracer) Close(ctx context.Context) error {
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// Around makes a span of a call to a port, within a traced request: see package
// observed.
func (t *Tracer) Around(ctx context.Context, port, call string) (context.Context, func(error)) {
	if !trace.SpanContextFromContext(ctx).IsSampled() {
		return ctx, func(error) {}
	}
	ctx, span := t.tracer.Start(ctx, port+"."+call, trace.WithSpanKind(trace.SpanKindClient))
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, string(engine.CodeOf(err)))
		}
		span.End()
	}
}
