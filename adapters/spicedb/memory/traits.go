package memory

import (
	"fmt"
	"strings"
	"time"

	core "github.com/authzed/spicedb/pkg/proto/core/v1"
	"github.com/authzed/spicedb/pkg/tuple"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// traits are what few relationships have: a caveat, an expiry, a seal of
// integrity. They never change once made, and are comparable.
type traits struct {
	caveated bool
	caveat   string
	context  string // a structpb.Struct, encoded deterministically
	expiring bool
	expiry   time.Time // UTC

	sealed   bool
	key      string
	hash     string
	sealedAt time.Time
}

// newTraits returns the relationship's traits, or nil if it has none.
func newTraits(r *tuple.Relationship) (*traits, error) {
	if r.OptionalCaveat == nil && r.OptionalExpiration == nil && r.OptionalIntegrity == nil {
		return nil, nil
	}
	t := &traits{}
	if c := r.OptionalCaveat; c != nil {
		t.caveated, t.caveat = true, strings.Clone(c.CaveatName)
		context, err := proto.MarshalOptions{Deterministic: true}.Marshal(c.Context)
		if err != nil {
			return nil, fmt.Errorf("caveat context of %s: %w", r.RelationshipReference, err)
		}
		t.context = string(context)
	}
	if at := r.OptionalExpiration; at != nil {
		t.expiring, t.expiry = true, at.UTC().Round(0)
	}
	if seal := r.OptionalIntegrity; seal != nil {
		t.sealed, t.key, t.hash, t.sealedAt = true, strings.Clone(seal.KeyId), string(seal.Hash), seal.HashedAt.AsTime()
	}
	return t, nil
}

// equal reports whether a TOUCH from one to the other would change anything.
func (t *traits) equal(other *traits) bool {
	if t == nil || other == nil {
		return t == other
	}
	return *t == *other
}

// apply gives a relationship the traits. A caveat without context gets an empty one.
func (t *traits) apply(r *tuple.Relationship) error {
	if t == nil {
		return nil
	}
	if t.caveated {
		r.OptionalCaveat = &core.ContextualizedCaveat{CaveatName: t.caveat, Context: &structpb.Struct{}}
		if err := proto.Unmarshal([]byte(t.context), r.OptionalCaveat.Context); err != nil {
			return fmt.Errorf("caveat context of %s: %w", r.RelationshipReference, err)
		}
	}
	if t.expiring {
		expiry := t.expiry
		r.OptionalExpiration = &expiry
	}
	if t.sealed {
		r.OptionalIntegrity = &core.RelationshipIntegrity{
			KeyId: t.key, Hash: []byte(t.hash), HashedAt: timestamppb.New(t.sealedAt),
		}
	}
	return nil
}
