package enginetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// graphSchema has what the port must cope with: subjects that are sets,
// arrows, and grants that expire. A user's id may be an e-mail address.
const graphSchema = `use expiration

definition user {}

definition platform {
	relation support: user
	permission help = support
}

definition staff {
	relation user: user
}

definition partner {
	relation admin: staff#user
	permission manage = admin
}

definition client {
	relation partner: partner
	relation staff: staff#user | staff#user with expiration
	permission access = staff + partner->manage
}
`

// Graph runs the suite of the [engine.Graph] port. open returns an empty
// graph, another each time; it closes it in a cleanup.
func Graph(t *testing.T, open func(t *testing.T) engine.Graph) {
	g := open(t)
	if err := g.WriteSchema(t.Context(), graphSchema); err != nil {
		t.Fatalf("write schema: %v", err)
	}
	tests := []struct {
		name string
		run  func(t *testing.T, g engine.Graph)
	}{
		{"Ready", graphReady},
		{"SchemaAgain", graphSchemaAgain},
		{"SchemaRefused", graphSchemaRefused},
		{"SchemaRequired", graphSchemaRequired},
		{"WriteThenCheck", graphWriteThenCheck},
		{"SnapshotsAreExact", graphSnapshots},
		{"UnknownObjects", graphUnknownObjects},
		{"UnknownWords", graphUnknownWords},
		{"BulkInOrder", graphBulk},
		{"SubjectSets", graphSubjectSets},
		{"UserIDs", graphUserIDs},
		{"Relationships", graphRelationships},
		{"PlatformDomain", graphPlatform},
		{"LookupResources", graphLookupResources},
		{"LookupSubjects", graphLookupSubjects},
		{"FenceOrder", graphFenceOrder},
		{"FenceRepeated", graphFenceRepeated},
		{"FenceRenewed", graphFenceRenewed},
		{"FenceRaced", graphFenceRaced},
		{"WriteIsAtomic", graphAtomic},
		{"WriteSize", graphWriteSize},
		{"WriteRefused", graphWriteRefused},
		{"Deletes", graphDeletes},
		{"ExpiryPasses", graphExpiryPasses},
		{"ExpiryReplaced", graphExpiryReplaced},
		{"ExpiredAgain", graphExpiredAgain},
		{"Cancelled", graphCancelled},
		{"BadTokens", graphBadTokens},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, g) })
	}
	t.Run("ForeignToken", func(t *testing.T) { graphForeignToken(t, g, open(t)) })
}

// firm writes to one domain, keeping its fence.
type firm struct {
	graph  engine.Graph
	domain schema.Domain
	last   string
	count  int
}

// newFirm returns a domain that nobody else uses.
func newFirm(t *testing.T, g engine.Graph, name string) *firm {
	t.Helper()
	return &firm{graph: g, domain: schema.Domain(name)}
}

// write applies the updates, and returns the snapshot that has them.
func (f *firm) write(t *testing.T, updates ...engine.Update) engine.Token {
	t.Helper()
	token, err := f.try(t.Context(), updates...)
	if err != nil {
		t.Fatalf("write to %s: %v", f.domain, err)
	}
	return token
}

func (f *firm) try(ctx context.Context, updates ...engine.Update) (engine.Token, error) {
	w := f.next(updates...)
	token, err := f.graph.Write(ctx, w)
	if err == nil {
		f.last = w.Operation
	}
	return token, err
}

func (f *firm) next(updates ...engine.Update) engine.Write {
	f.count++
	return engine.Write{
		Domain:    f.domain,
		Updates:   updates,
		After:     f.last,
		Operation: fmt.Sprintf("op-%s-%d_Z", f.domain, f.count),
	}
}

// The relationships that the tests use.

func (f *firm) seat(name, user string) schema.Relationship {
	return schema.Relationship{
		Resource: schema.Obj(schema.TypeStaff, f.domain, name),
		Relation: "user",
		Subject:  schema.Subject{Object: schema.User(user)},
	}
}

func (f *firm) admin(name string) schema.Relationship {
	return schema.Relationship{
		Resource: schema.Partner(f.domain),
		Relation: "admin",
		Subject:  schema.Subject{Object: schema.Obj(schema.TypeStaff, f.domain, name), Relation: "user"},
	}
}

func (f *firm) folder(name string) schema.Relationship {
	return schema.Relationship{
		Resource: schema.Obj("client", f.domain, name),
		Relation: "partner",
		Subject:  schema.Subject{Object: schema.Partner(f.domain)},
	}
}

func (f *firm) grant(client, staff string, until time.Time) schema.Relationship {
	return schema.Relationship{
		Resource:  schema.Obj("client", f.domain, client),
		Relation:  "staff",
		Subject:   schema.Subject{Object: schema.Obj(schema.TypeStaff, f.domain, staff), Relation: "user"},
		ExpiresAt: until,
	}
}

// access asks whether the user may access the client.
func (f *firm) access(client, user string) engine.Query {
	return engine.Query{
		Resource:   schema.Obj("client", f.domain, client),
		Permission: "access",
		Subject:    schema.Subject{Object: schema.User(user)},
	}
}

func touch(rels ...schema.Relationship) []engine.Update { return updates(rels, false) }

func remove(rels ...schema.Relationship) []engine.Update { return updates(rels, true) }

func updates(rels []schema.Relationship, gone bool) []engine.Update {
	list := make([]engine.Update, len(rels))
	for i, r := range rels {
		list[i] = engine.Update{Relationship: r, Delete: gone}
	}
	return list
}

// wantDecision fails unless q's answer at the snapshot is want.
func wantDecision(t *testing.T, g engine.Graph, at engine.Token, q engine.Query, want engine.Decision) {
	t.Helper()
	if got := decide(t, g, at, q); got != want {
		t.Errorf("%v %s of %v: got %s, want %s", q.Subject, q.Permission, q.Resource, got, want)
	}
}

func decide(t *testing.T, g engine.Graph, at engine.Token, q engine.Query) engine.Decision {
	t.Helper()
	decisions, err := g.Check(t.Context(), at, []engine.Query{q})
	if err != nil {
		t.Fatalf("check %v %s of %v: %v", q.Subject, q.Permission, q.Resource, err)
	}
	if len(decisions) != 1 {
		t.Fatalf("check: %d answers to one question", len(decisions))
	}
	return decisions[0]
}

// wantCode fails unless err has the code.
func wantRefusal(t *testing.T, err error, want engine.Code) {
	t.Helper()
	if got := engine.CodeOf(err); got != want {
		t.Errorf("code %q, want %q: %v", got, want, err)
	}
}

// wantStrings fails unless got and want have the same elements, in any order.
func wantStrings(t *testing.T, got, want []string) {
	t.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}
