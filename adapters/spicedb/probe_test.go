package spicedb_test

import (
	"context"
	"strings"
	"testing"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"
	"github.com/authzed/grpcutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/portico-authz/portico/adapters/loopback"
	"github.com/portico-authz/portico/adapters/spicedb"
	"github.com/portico-authz/portico/engine"
)

// careless is a SpiceDB that answers from some other snapshot than the one
// asked for: always the newest, or, like a replica that lags, always the first.
type careless struct {
	grpc.ClientConnInterface
	lags  bool
	first *v1.Consistency
}

func (c *careless) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	if check, ok := args.(*v1.CheckBulkPermissionsRequest); ok {
		if c.first == nil {
			c.first = check.GetConsistency()
		}
		check.Consistency = c.first
		if !c.lags {
			check.Consistency = &v1.Consistency{Requirement: &v1.Consistency_FullyConsistent{FullyConsistent: true}}
		}
	}
	return c.ClientConnInterface.Invoke(ctx, method, args, reply, opts...)
}

// TestUnsafeServersAreRefused: before anything else is written to them.
func TestUnsafeServersAreRefused(t *testing.T) {
	endpoint, key := loopback.SpiceDB(t)
	conn, err := grpc.NewClient(endpoint, grpc.WithTransportCredentials(insecure.NewCredentials()), grpcutil.WithInsecureBearerToken(key))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	const schema = "definition user {}"
	for name, c := range map[string]*careless{"newest": {}, "lags": {lags: true}} {
		c.ClientConnInterface = conn
		g := spicedb.New(c, nil)
		for range 2 { // it isn't believed the second time either
			err := g.WriteSchema(t.Context(), schema)
			if engine.CodeOf(err) != engine.Conflict || !strings.Contains(engine.MessageOf(err), "read replicas") {
				t.Errorf("%s: want a conflict that says why, got %q %v", name, engine.CodeOf(err), err)
			}
		}
	}
	if err := spicedb.New(conn, nil).WriteSchema(t.Context(), schema); err != nil {
		t.Errorf("a safe one: %v", err)
	}
}
