package spicedb_test

import (
	"context"
	"net"
	"testing"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Reads that find no SpiceDB are repeated; writes never.
func TestRetries(t *testing.T) {
	server := &flaky{}
	g := dial(t, server.serve(t), "key")
	query := []engine.Query{{
		Resource: schema.Partner("acme"), Permission: "manage", Subject: schema.Subject{Object: schema.User("ana")},
	}}
	got, err := g.Check(t.Context(), "token", query)
	if err != nil || got[0] != engine.Allow {
		t.Errorf("check: got %v, %v", got, err)
	}
	if server.checks != 2 {
		t.Errorf("check: asked %d times, want 2", server.checks)
	}
	_, err = g.Write(t.Context(), engine.Write{Domain: "acme", Operation: "op"})
	if engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("write: want unavailable, got %v", err)
	}
	if server.writes != 1 {
		t.Errorf("write: asked %d times, want 1", server.writes)
	}
}

// Answers that this adapter can't have led to are refused.
func TestStrangeAnswers(t *testing.T) {
	server := &flaky{}
	g := dial(t, server.serve(t), "key")
	q := engine.Query{Resource: schema.Partner("acme"), Permission: "manage", Subject: schema.Subject{Object: schema.User("ana")}}
	_, err := g.LookupSubjects(t.Context(), "token", q.Resource, q.Permission, schema.TypeUser)
	if engine.CodeOf(err) != engine.Internal {
		t.Errorf("wildcard: want internal, got %v", err)
	}
	_, err = g.Check(t.Context(), "token", []engine.Query{q, q})
	if engine.CodeOf(err) != engine.Internal {
		t.Errorf("answers to other questions: want internal, got %v", err)
	}
}

// flaky is a SpiceDB that isn't there the first time, and gives answers that a
// real one doesn't.
type flaky struct {
	v1.UnimplementedPermissionsServiceServer
	v1.UnimplementedSchemaServiceServer
	checks, writes int // each by one call at a time
}

func (f *flaky) serve(t *testing.T) (endpoint string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	v1.RegisterPermissionsServiceServer(server, f)
	v1.RegisterSchemaServiceServer(server, f)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

func (f *flaky) ReadSchema(context.Context, *v1.ReadSchemaRequest) (*v1.ReadSchemaResponse, error) {
	return nil, status.Error(codes.NotFound, "no schema")
}

func (f *flaky) CheckPermission(context.Context, *v1.CheckPermissionRequest) (*v1.CheckPermissionResponse, error) {
	f.checks++
	if f.checks == 1 {
		return nil, status.Error(codes.Unavailable, "not yet")
	}
	return &v1.CheckPermissionResponse{Permissionship: v1.CheckPermissionResponse_PERMISSIONSHIP_HAS_PERMISSION}, nil
}

func (f *flaky) WriteRelationships(context.Context, *v1.WriteRelationshipsRequest) (*v1.WriteRelationshipsResponse, error) {
	f.writes++
	return nil, status.Error(codes.Unavailable, "not yet")
}

func (f *flaky) CheckBulkPermissions(context.Context, *v1.CheckBulkPermissionsRequest) (*v1.CheckBulkPermissionsResponse, error) {
	return &v1.CheckBulkPermissionsResponse{Pairs: make([]*v1.CheckBulkPermissionsPair, 2)}, nil
}

func (f *flaky) LookupSubjects(_ *v1.LookupSubjectsRequest, stream grpc.ServerStreamingServer[v1.LookupSubjectsResponse]) error {
	return stream.Send(&v1.LookupSubjectsResponse{Subject: &v1.ResolvedSubject{
		SubjectObjectId: "*", Permissionship: v1.LookupPermissionship_LOOKUP_PERMISSIONSHIP_HAS_PERMISSION,
	}})
}
