package memory_test

import (
	"context"
	"testing"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	core "github.com/authzed/spicedb/pkg/proto/core/v1"
	"github.com/authzed/spicedb/pkg/tuple"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/structpb"
)

// Sources may use their memory again for every relationship, as SpiceDB's own
// does: each keeps its caveat and its expiry all the same.
func TestBulkLoadFromReusedMemory(t *testing.T) {
	want := []string{
		`account:a0#client@client:c[office:{"floor":0}][expiration:2300-01-01T00:00:00Z]`,
		`account:a1#client@client:c[home:{"floor":1}][expiration:2300-01-02T00:00:00Z]`,
		`account:a2#client@client:c[office:{"floor":2}][expiration:2300-01-03T00:00:00Z]`,
	}
	ds := open(t, nil)
	_, err := ds.ReadWriteTx(t.Context(), func(ctx context.Context, rwt datastore.ReadWriteTransaction) error {
		count, err := rwt.BulkLoad(ctx, &thriftySource{rest: want})
		if count != uint64(len(want)) {
			t.Errorf("loaded %d, want %d", count, len(want))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(t.Context(), ds.SnapshotReader(head(t, ds)), datastore.RelationshipsFilter{OptionalResourceType: "account"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("loaded (-want +got):\n%s", diff)
	}
}

// thriftySource gives relationships that all lie in the same place.
type thriftySource struct {
	rest    []string
	present tuple.Relationship
	caveat  core.ContextualizedCaveat
	context structpb.Struct
	expiry  time.Time
}

// Next implements [datastore.BulkWriteRelationshipSource].
func (s *thriftySource) Next(context.Context) (*tuple.Relationship, error) {
	if len(s.rest) == 0 {
		return nil, nil
	}
	next := tuple.MustParse(s.rest[0])
	s.rest = s.rest[1:]
	s.context.Fields = next.OptionalCaveat.Context.Fields
	s.caveat.CaveatName, s.caveat.Context = next.OptionalCaveat.CaveatName, &s.context
	s.expiry = *next.OptionalExpiration
	s.present.RelationshipReference = next.RelationshipReference
	s.present.OptionalCaveat, s.present.OptionalExpiration = &s.caveat, &s.expiry
	return &s.present, nil
}

// An expiry at the zero time is one all the same, and long past.
func TestExpiryAtZero(t *testing.T) {
	ds := open(t, nil)
	rel := tuple.MustParse("account:a#client@client:c")
	rel.OptionalExpiration = &time.Time{}
	write(t, ds, tuple.Touch(rel))
	expectNothing(t, ds, "account")
}
