package loopback_test

import (
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/portico-authz/portico/adapters/loopback"
)

// A server that was killed is there again, at its endpoint, with its token and
// what it keeps in PostgreSQL.
func TestSpiceDBRestarts(t *testing.T) {
	s := loopback.StartSpiceDB(t, loopback.SpiceDBOnPostgres(loopback.Postgres(t, "track_commit_timestamp=on")))
	wantSteady(t, s.Endpoint)
	const schema = "definition person {}"
	askSchema(t, s, "WriteSchema", wrapperspb.String(schema), &emptypb.Empty{})
	s.Kill(t)
	if !refuses(t, s.Endpoint) {
		t.Error("it takes connections after its Kill")
	}
	s.Restart(t)
	s.Restart(t) // of one that runs
	var got wrapperspb.StringValue
	askSchema(t, s, "ReadSchema", &emptypb.Empty{}, &got)
	if got.GetValue() != schema {
		t.Errorf("its schema is %q", got.GetValue())
	}
}

// askSchema calls a method of SpiceDB's, without SpiceDB's types: a message with
// a schema has it in the first field, as a StringValue has its string.
func askSchema(t *testing.T, s *loopback.SpiceDBServer, method string, request, answer proto.Message) {
	t.Helper()
	conn, err := grpc.NewClient(s.Endpoint, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+s.Token)
	if err := conn.Invoke(ctx, "/authzed.api.v1.SchemaService/"+method, request, answer); err != nil {
		t.Fatal(err)
	}
}
