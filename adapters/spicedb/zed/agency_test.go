package zed_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/adapters/spicedb/zed"
	"github.com/portico-authz/portico/schema"
)

func agency(t *testing.T) *schema.Portal {
	t.Helper()
	files, err := schema.Builtin("agency")
	if err != nil {
		t.Fatal(err)
	}
	portal, err := schema.Load(files, zed.Compile)
	if err != nil {
		t.Fatal(err)
	}
	return portal
}

// TestAgencyAccess: the expression that the whole portal turns on, read back.
func TestAgencyAccess(t *testing.T) {
	want := schema.Union{
		schema.Ref{Name: "oversee"},
		schema.Ref{Name: "staff"},
		schema.Exclusion{
			Base: schema.Union{
				schema.Arrow{Relation: "client", Name: "staff"},
				schema.Arrow{Relation: "group", Name: "representative"},
			},
			Subtract: schema.Ref{Name: "blocked"},
		},
	}
	got := agency(t).Model.Types["account"].Permissions["access"].Expr
	if diff := cmp.Diff(schema.Expr(want), got); diff != "" {
		t.Error(diff)
	}
}

// TestAgencyRoles: AG-2 one owner, always; AG-14 nobody is invited as owner,
// nor promoted.
func TestAgencyRoles(t *testing.T) {
	portal := agency(t)
	given := map[string][]string{}
	for _, op := range []string{"sign_up", "transfer_ownership", "invite_staff", "change_role"} {
		given[op] = portal.RolesGivenBy(op)
	}
	want := map[string][]string{
		"sign_up":            {"owner"},
		"transfer_ownership": {"owner"},
		"invite_staff":       {"admin", "advisor"},
		"change_role":        {"admin", "advisor"},
	}
	if diff := cmp.Diff(want, given); diff != "" {
		t.Error(diff)
	}
	exactly := map[string]int{}
	for _, role := range portal.Roles {
		exactly[role.Name] = role.Exactly
	}
	if diff := cmp.Diff(map[string]int{"owner": 1, "admin": 0, "advisor": 0}, exactly); diff != "" {
		t.Error(diff)
	}
}

// TestAgencyWords: explanations have words for every relation that a seat or a
// person can have, but for the tie of a seat to its partner.
func TestAgencyWords(t *testing.T) {
	portal := agency(t)
	for _, typ := range portal.Model.TypeNames() {
		for name, relation := range portal.Model.Types[typ].Relations {
			if !relation.Takes(schema.TypeStaff, schema.TypeUser, false) && !relation.Takes(schema.TypeUser, "", false) {
				continue
			}
			if w := portal.Words[typ+"#"+name]; w.Has == "" || w.Lacks == "" || w.Act == "" {
				t.Errorf("%s#%s: words are %+v", typ, name, w)
			}
		}
	}
}

// TestAgencyGrantsExpire: what is granted to a seat may end by itself; roles
// and switches may not.
func TestAgencyGrantsExpire(t *testing.T) {
	model := agency(t).Model
	tests := []struct {
		typ, relation string
		expires       bool
	}{
		{"client", "staff", true},
		{"account", "staff", true},
		{"group", "representative", true},
		{"account", "blocked", false},
		{"partner", "admin", false},
	}
	for _, tt := range tests {
		relation := model.Relation(tt.typ, tt.relation)
		if got := relation.Takes("staff", "user", true); got != tt.expires {
			t.Errorf("%s#%s expires: %v", tt.typ, tt.relation, got)
		}
		if !relation.Takes("staff", "user", false) {
			t.Errorf("%s#%s can't be for good", tt.typ, tt.relation)
		}
	}
}

// TestAgencyEdited: what an operator may get wrong in a copy of agency is named
// with its line.
func TestAgencyEdited(t *testing.T) {
	source := agency(t).Source
	end := strings.Count(source, "\n")
	tests := map[string]struct{ extra, want string }{
		"a reserved name": {
			"definition portico_domain {}",
			fmt.Sprintf("schema.zed:%d: definition portico_domain: names that start with portico_ are Portico's own; choose another", end+1),
		},
		"XP-1 everybody": {
			"definition notice {\n\trelation partner: partner\n\trelation reader: user:*\n}",
			fmt.Sprintf("schema.zed:%d: relation notice#reader: user:* is everybody, at every partner; name who", end+3),
		},
		"XP-1 a way to the platform": {
			"definition notice {\n\trelation platform: platform\n}",
			fmt.Sprintf("schema.zed:%d: relation notice#platform: joins the platform and a partner with platform; ask the platform on platform:main instead", end+2),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := schema.Load(agencyWith(t, source+tt.extra+"\n"), zed.Compile)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got\n%v\nwant\n%s", err, tt.want)
			}
		})
	}
}

// agencyWith returns agency's folder with another schema.zed.
func agencyWith(t *testing.T, source string) fs.FS {
	t.Helper()
	files, err := schema.Builtin("agency")
	if err != nil {
		t.Fatal(err)
	}
	folder := fstest.MapFS{schema.SchemaFile: {Data: []byte(source)}}
	for _, name := range []string{schema.PortalFile, schema.ProofFile} {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		folder[name] = &fstest.MapFile{Data: text}
	}
	return folder
}
