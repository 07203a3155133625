package sqlstore_test

import (
	"strings"
	"testing"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// TestSQLitePlans checks that each look-up that the engine does on its way is
// one of an index, on a database that has never been analysed.
func TestSQLitePlans(t *testing.T) {
	s := openSQLite(t, newFile(t))
	const acme, staff = schema.Domain("acme"), schema.TypeStaff
	after := schema.Relationship{Relation: "staff"}
	for name, c := range map[string]struct {
		filter any
		want   string
	}{
		"entries of a type":     {engine.EntryFilter{Domain: acme, Type: staff, After: "x", Limit: 9}, "PRIMARY KEY (domain=? AND type=? AND id>?)"},
		"entries of a parent":   {engine.EntryFilter{Domain: acme, Type: "account", Parent: schema.Obj("client", acme, "x")}, "entries_parent"},
		"entry by title":        {engine.EntryFilter{Domain: acme, Type: staff, Title: "x", States: []engine.State{engine.Active}}, "entries_title"},
		"entry by e-mail":       {engine.EntryFilter{Domain: acme, Type: staff, Email: "x"}, "entries_email"},
		"seat of a user":        {engine.EntryFilter{Domain: acme, Type: staff, User: "x", States: []engine.State{engine.Active}}, "entries_user"},
		"seats of a user":       {engine.EntryFilter{Type: staff, User: "x"}, "entries_user"},
		"entry by invitation":   {engine.EntryFilter{Type: staff, InvitationHash: []byte("x")}, "entries_invitation"},
		"all relationships":     {engine.RelationshipFilter{After: after, Limit: 9}, "PRIMARY KEY"},
		"those of a domain":     {engine.RelationshipFilter{Domain: acme}, "relationships_domain"},
		"a page of these":       {engine.RelationshipFilter{Domain: acme, After: after, Limit: 9}, "relationships_domain"},
		"those of a resource":   {engine.RelationshipFilter{Domain: acme, ResourceType: "client", ResourceID: "x"}, "resource_id=?"},
		"those of a subject":    {engine.RelationshipFilter{Domain: acme, SubjectType: staff, SubjectID: "x"}, "relationships_subject"},
		"pending records":       {engine.RecordFilter{States: []engine.RecordState{engine.Pending}}, "records_pending"},
		"a domain's pending":    {engine.RecordFilter{Domain: acme, States: []engine.RecordState{engine.Pending}, Limit: 1}, "records_pending"},
		"by an idempotency key": {engine.RecordFilter{Domain: acme, Actor: "x", IdempotencyKey: "x"}, "records_idempotency"},
		"the journal":           {engine.RecordFilter{Domain: acme, AfterSeq: 9, Limit: 9}, "records_seq"},
		"its newest":            {engine.RecordFilter{Domain: acme, Newest: true, Limit: 9}, "records_seq"},
		"an object's":           {engine.RecordFilter{Domain: acme, Object: schema.Partner(acme)}, "records_object"},
	} {
		plan, err := s.Explain(t.Context(), c.filter)
		if got := strings.Join(plan, "; "); err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%s: plan %q, %v; want one by %s", name, got, err, c.want)
		}
	}
}
