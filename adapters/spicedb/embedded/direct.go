package embedded

import (
	"context"
	"sync"

	"github.com/authzed/spicedb/pkg/cmd/server"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// direct is a connection whose unary calls skip the transport, and SpiceDB's
// interceptors for request ids, logs, metrics and authentication. The first call
// of each method goes through all of it; there an interceptor of ours learns how
// to call what comes behind, and the next calls do, in their caller's goroutine.
// That such a handler may be called again is grpc-go's practice, not its promise:
// TestDirect watches it. Call options are ignored, and requests go in uncopied:
// SpiceDB doesn't write to them. BenchmarkDirect tells what it gains.
//
// Streams take the connection.
type direct struct {
	*grpc.ClientConn
	handlers sync.Map // of grpc.UnaryHandler, by method

	mu     sync.RWMutex // held for reading by each call, for writing to close
	closed context.Context
	close  context.CancelFunc
}

func newDirect() *direct {
	d := &direct{}
	d.closed, d.close = context.WithCancel(context.Background())
	return d
}

// learner is the interceptor. What comes behind it is SpiceDB's own: the
// dispatcher, the datastore, the consistency, the validation.
func (d *direct) learner() server.MiddlewareModification[grpc.UnaryServerInterceptor] {
	return server.MiddlewareModification[grpc.UnaryServerInterceptor]{
		Operation:                server.OperationPrepend,
		DependencyMiddlewareName: server.DefaultInternalMiddlewareDispatch,
		Middlewares: []server.ReferenceableMiddleware[grpc.UnaryServerInterceptor]{{
			Name: "direct",
			Middleware: func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
				d.handlers.LoadOrStore(info.FullMethod, handler)
				return handler(ctx, req)
			},
		}},
	}
}

// Invoke implements [grpc.ClientConnInterface].
func (d *direct) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	handler, ok := d.handlers.Load(method)
	if !ok {
		return d.ClientConn.Invoke(ctx, method, args, reply, opts...)
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed.Err() != nil {
		return status.Error(codes.Canceled, "the connection is closed")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(d.closed, cancel)() //nolint:contextcheck // the connection's end ends the call
	answer, err := handler.(grpc.UnaryHandler)(incoming(ctx, method), args)
	switch {
	case ctx.Err() != nil: // as the connection has it, whatever came of it
		return status.FromContextError(ctx.Err()).Err()
	case err != nil:
		return statusError(err)
	}
	// The reply is empty, as generated clients make it.
	proto.Merge(reply.(proto.Message), answer.(proto.Message))
	return nil
}

// Close makes the calls under way fail, waits for them, and disconnects.
func (d *direct) Close() error {
	d.close()
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ClientConn.Close()
}

// incoming is the context that the server would make: without our caller's
// metadata, and with somewhere for the answer's.
func incoming(ctx context.Context, method string) context.Context {
	ctx = metadata.NewIncomingContext(ctx, metadata.MD{})
	return grpc.NewContextWithServerTransportStream(ctx, nowhere(method))
}

// statusError is what grpc-go makes of a handler's error.
func statusError(err error) error {
	if _, ok := status.FromError(err); ok {
		return err
	}
	return status.FromContextError(err).Err()
}

// nowhere takes an answer's metadata, which nobody reads.
type nowhere string

func (n nowhere) Method() string             { return string(n) }
func (nowhere) SetHeader(metadata.MD) error  { return nil }
func (nowhere) SendHeader(metadata.MD) error { return nil }
func (nowhere) SetTrailer(metadata.MD) error { return nil }
