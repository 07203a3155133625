package memory_test

import (
	"fmt"
	"testing"

	"github.com/authzed/spicedb/pkg/tuple"
)

// The parts of a firm of the agency schema, and how many relationships that is.
const (
	firmStaff     = 120
	firmClients   = 300
	firmPerClient = 3 // staff
	firmAccounts  = 1000
	firmGrouped   = 100 // of the accounts
	firmGroups    = 5
	firmPerGroup  = 2 // representatives
	firmBlocked   = 62

	firmSize = 2737
)

// firmRelationships returns all relationships of firm n.
func firmRelationships(n int) []tuple.Relationship {
	f := firm{id: fmt.Sprintf("p%d", n), rels: make([]tuple.Relationship, 0, firmSize)}
	partner := f.object("partner", 0)
	partner.ObjectID = f.id
	for i := range firmStaff {
		role := "advisor"
		if i < 6 {
			role = []string{"owner", "admin", "admin", "admin", "admin", "admin"}[i]
		}
		f.add("staff", i, "user", tuple.ONR("user", fmt.Sprintf("%s-u%d", f.id, i), tuple.Ellipsis))
		f.add("staff", i, "partner", partner)
		f.rels = append(f.rels, relationship(partner.WithRelation(role), f.seat(i)))
	}
	for i := range firmClients {
		f.add("client", i, "partner", partner)
		for j := range firmPerClient {
			f.add("client", i, "staff", f.seat(i+j*7))
		}
	}
	for i := range firmAccounts {
		f.add("account", i, "client", f.object("client", i%firmClients))
	}
	f.addGroups(partner)
	return f.rels
}

func (f *firm) addGroups(partner tuple.ObjectAndRelation) {
	for i := range firmGroups {
		f.add("group", i, "partner", partner)
		for j := range firmPerGroup {
			f.add("group", i, "representative", f.seat(i*firmPerGroup+j))
		}
	}
	for i := range firmGrouped {
		f.add("account", i, "group", f.object("group", i%firmGroups))
	}
	for i := range firmBlocked {
		f.add("account", i, "blocked", f.seat(i))
	}
}

// firm is one firm, and what there is of it.
type firm struct {
	id   string
	rels []tuple.Relationship
}

func (f *firm) object(typ string, i int) tuple.ObjectAndRelation {
	return tuple.ONR(typ, fmt.Sprintf("%s/%s-%d", f.id, typ, i), tuple.Ellipsis)
}

func (f *firm) seat(i int) tuple.ObjectAndRelation {
	return f.object("staff", i%firmStaff).WithRelation("user")
}

func (f *firm) add(typ string, i int, relation string, subject tuple.ObjectAndRelation) {
	f.rels = append(f.rels, relationship(f.object(typ, i).WithRelation(relation), subject))
}

// agencyRelationships returns the relationships of the first n firms.
func agencyRelationships(n int) []tuple.Relationship {
	rels := make([]tuple.Relationship, 0, n*firmSize)
	for i := range n {
		rels = append(rels, firmRelationships(i)...)
	}
	return rels
}

func TestFirmSize(t *testing.T) {
	rels := agencyRelationships(2)
	different := map[tuple.RelationshipReference]bool{}
	for _, r := range rels {
		different[r.RelationshipReference] = true
	}
	if len(rels) != 2*firmSize || len(different) != len(rels) {
		t.Errorf("two firms have %d relationships, %d different, want %d", len(rels), len(different), 2*firmSize)
	}
}
