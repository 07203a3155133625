package zed_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/adapters/spicedb/zed"
	"github.com/portico-authz/portico/schema"
)

// firm is what the small schemas of these tests have in common: a boss, a clerk,
// and somebody with a seat and no role.
const firm = `use expiration

definition user {}
definition platform {
	relation support: user
	permission help = support
}
definition partner {
	relation boss: staff#user
	relation clerk: staff#user
	relation pool: staff
	relation trusted: staff#user
	permission manage = boss
	permission work = boss + clerk
	permission chosen = pool
}
definition staff {
	relation partner: partner
	relation user: user
}
`

func firmMatrix(t *testing.T, definitions string) *schema.Matrix {
	t.Helper()
	model, err := zed.Compile("schema.zed", firm+definitions)
	if err != nil {
		t.Fatal(err)
	}
	return schema.NewMatrix(&schema.Portal{
		Name: "firm", Model: model,
		Roles: []schema.Role{{Name: "chief", Relation: "boss"}, {Name: "clerk", Relation: "clerk"}, {Name: "none"}},
	})
}

// TestMatrixCells: each kind of cell, by the expression that makes it.
func TestMatrixCells(t *testing.T) {
	tests := map[string]struct{ expr, chief, clerk string }{
		"by role alone":         {"partner->work", "yes", "yes"},
		"nobody":                {"reader & partner->pool", "-", "-"},
		"a grant":               {"reader", "reader", "reader"},
		"a grant with a role":   {"reader & partner->manage", "reader", "-"},
		"a grant or a role":     {"reader + partner->manage", "yes", "reader"},
		"one of two":            {"writer + reader", "reader or writer", "reader or writer"},
		"both":                  {"writer & reader", "reader and writer", "reader and writer"},
		"of another object":     {"partner->trusted", "partner.trusted", "partner.trusted"},
		"pairs":                 {"(reader + writer) & (partner->trusted + guest)", "(guest or partner.trusted) and (reader or writer)", "(guest or partner.trusted) and (reader or writer)"},
		"what can't be paired":  {"(reader & writer) + guest", "guest or reader and writer", "guest or reader and writer"},
		"three":                 {"reader & writer & guest", "guest and reader and writer", "guest and reader and writer"},
		"more than are tried":   {"reader & writer & guest & partner->trusted", "-", "-"},
		"more, but for a role":  {"reader & writer & guest & (partner->trusted + partner->manage)", "guest and reader and writer", "-"},
		"taken away":            {"reader - off", "reader unless off", "reader unless off"},
		"a role taken away":     {"partner->manage - off", "yes unless off", "-"},
		"some taken away":       {"guest + (reader + writer - off)", "guest, or (reader or writer) unless off", "guest, or (reader or writer) unless off"},
		"given back":            {"(partner->manage - off) + reader", "reader, or yes unless off", "reader"},
		"by either of two":      {"reader - off - guest", "reader unless guest or off", "reader unless guest or off"},
		"taken away from two":   {"reader & writer - off", "reader and writer unless off", "reader and writer unless off"},
		"the first if all lead": {"partner.all(manage) & reader", "reader", "-"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := firmMatrix(t, `definition note {
				relation partner: partner
				relation reader: staff#user
				relation writer: staff#user | staff#user with expiration
				relation guest: user
				relation off: staff#user
				permission see = `+tt.expr+`
			}`)
			note, ok := m.Table("note")
			if !ok {
				t.Fatalf("there is no table of notes:\n%s", m)
			}
			want := []schema.MatrixRow{{Permission: "see", Cells: []string{tt.chief, tt.clerk, tt.clerk, "-"}}}
			if strings.Contains(tt.expr, "work") {
				want[0].Cells[2] = "-" // who has no role
			}
			if diff := cmp.Diff(want, note.Rows); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestMatrixPlaces: which places of an object have tables, and what they are
// called.
func TestMatrixPlaces(t *testing.T) {
	tests := map[string]struct {
		definitions string
		want        []string // titles beside the platform's and the partner's
	}{
		"one home":              {"definition note {\n relation partner: partner\n permission see = partner->work\n}", []string{"note"}},
		"no permission":         {"definition note {\n relation partner: partner\n}", nil},
		"no place":              {"definition note {\n relation reader: staff#user\n permission see = reader\n}", []string{"note"}},
		"two homes, one answer": {"definition note {\n relation partner: partner\n relation owner: partner\n permission see = partner->work + owner->work\n}", []string{"note (partner, owner)"}},
		"two homes": {
			"definition note {\n relation partner: partner\n relation owner: partner\n relation guest: staff#user\n permission see = partner->work + owner->manage\n}",
			[]string{"note (partner)", "note (owner)"},
		},
		"a home, and what adds to it": {
			"definition note {\n relation partner: partner\n relation public: partner\n relation reader: staff#user\n permission edit = partner->manage\n permission see = edit + public->manage + (public->work & reader)\n}",
			[]string{"note (partner)", "note (partner + public)"},
		},
		"both needed": {
			"definition note {\n relation partner: partner\n relation public: partner\n permission see = partner->work & public->work\n}",
			[]string{"note"},
		},
		"in another": {
			"definition shelf {\n relation partner: partner\n relation reader: staff#user\n permission see = reader + partner->manage\n}\ndefinition note {\n relation shelf: shelf\n permission see = shelf->see\n}",
			[]string{"shelf", "note"},
		},
		"in its own kind": {
			"definition note {\n relation partner: partner\n relation above: note\n relation reader: staff#user\n permission see = reader + partner->manage + above->see\n}",
			[]string{"note (partner)", "note (partner + above)"},
		},
		"in its own kind only": {
			"definition note {\n relation above: note\n relation reader: staff#user\n permission see = reader + above->see\n}",
			[]string{"note"},
		},
		"by several subjects": {
			"definition team {\n relation member: staff#user\n permission join = member\n}\ndefinition note {\n relation partner: partner\n relation reader: partner | team#member | staff#user\n permission see = reader + partner->manage\n}",
			[]string{"team", "note (partner, partner + reader: partner)", "note (partner + reader: team#member)"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := firmMatrix(t, tt.definitions)
			var got []string
			for _, table := range m.Tables {
				if table.Type != schema.TypePlatform && table.Type != schema.TypePartner {
					got = append(got, table.Title)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s\n%s", diff, m)
			}
		})
	}
}

// TestMatrixPrint: the whole of a small portal, as operators see it.
func TestMatrixPrint(t *testing.T) {
	m := firmMatrix(t, `
definition desk {
	relation partner: partner
	relation seat: staff
	relation keeper: staff#user
	relation above: desk
	relation locked: staff#user
	permission open = (keeper + above->open - locked) + partner->manage
	permission sit = seat
}`)
	want := `
platform
  permission  chief  clerk  none  support
  help        -      -      -     yes

partner
  permission  chief  clerk  none  support
  manage      yes    -      -     -
  work        yes    yes    -     -
  chosen      pool   pool   pool  -

desk (partner)
  permission  chief  clerk                 none                  support
  open        yes    keeper unless locked  keeper unless locked  -
  sit         seat   seat                  seat                  -

desk (partner + above)
  permission  chief  clerk  none  support
  open        yes    (1)    (1)   -
  sit         seat   seat   seat  -
  (1) desk.keeper unless desk.locked or locked, or keeper unless locked
`
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), m.String()); diff != "" {
		t.Error(diff)
	}
	if _, ok := m.Table("shelf"); ok {
		t.Error("there is no shelf")
	}
}

// TestMatrixSeats: one's own seat is another row than somebody else's.
func TestMatrixSeats(t *testing.T) {
	source := strings.Replace(firm, "relation user: user\n", "relation user: user\n relation lead: staff#user\n permission view = user + lead + partner->manage\n", 1)
	model, err := zed.Compile("schema.zed", source)
	if err != nil {
		t.Fatal(err)
	}
	m := schema.NewMatrix(&schema.Portal{Model: model, Roles: []schema.Role{{Name: "boss", Relation: "boss"}, {Name: "clerk", Relation: "clerk"}}})
	want := map[string][]string{"own staff": {"yes", "yes", "-"}, "staff": {"yes", "lead", "-"}}
	for title, cells := range want {
		table, ok := m.Table(title)
		if !ok {
			t.Fatalf("there is no table %s:\n%s", title, m)
		}
		if diff := cmp.Diff([]schema.MatrixRow{{Permission: "view", Cells: cells}}, table.Rows); diff != "" {
			t.Errorf("%s: %s", title, diff)
		}
	}
}
