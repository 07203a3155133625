package schema_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/schema"
)

// factsModel has every kind of expression.
func factsModel() *schema.Model {
	partner := definition("partner", 1, nil, "manage")
	partner.Permissions["manage"].Expr = schema.Ref{Name: "owner"}
	folder := definition("folder", 2, nil)
	for name, expr := range map[string]schema.Expr{
		"union":        schema.Union{schema.Ref{Name: "reader"}, schema.Arrow{Relation: "partner", Name: "manage"}},
		"intersection": schema.Intersection{schema.Ref{Name: "reader"}, schema.Ref{Name: "writer"}},
		"exclusion":    schema.Exclusion{Base: schema.Ref{Name: "reader"}, Subtract: schema.Ref{Name: "writer"}},
		"inherited":    schema.Union{schema.Ref{Name: "reader"}, schema.Arrow{Relation: "parent", Name: "inherited"}},
		"everywhere":   schema.Arrow{Relation: "parent", Name: "reader", All: true},
		"itself":       schema.Self{},
		"nobody":       schema.Nil{},
	} {
		folder.Permissions[name] = &schema.Permission{Name: name, Expr: expr}
	}
	return &schema.Model{Types: map[string]*schema.Type{"partner": partner, "folder": folder}}
}

// facts reads relationships, one a line.
func facts(t *testing.T, lines string) *schema.Facts {
	t.Helper()
	f := schema.NewFacts(factsModel())
	for line := range strings.FieldsSeq(lines) {
		r, err := schema.ParseRelationship(line)
		if err != nil {
			t.Fatal(err)
		}
		f.Add(r)
	}
	return f
}

func TestFactsMembers(t *testing.T) {
	const rels = `
		partner:acme#owner@staff:acme/olga#user
		staff:acme/olga#user@user:olga
		staff:acme/ana#user@user:ana
		staff:acme/vic#user@user:vic
		folder:acme/top#partner@partner:acme
		folder:acme/top#reader@staff:acme/ana#user
		folder:acme/top#reader@staff:acme/vic#user
		folder:acme/top#reader@staff:acme/invited#user
		folder:acme/top#writer@staff:acme/vic#user
		folder:acme/top#pool@staff:acme/invited
		folder:acme/sub#parent@folder:acme/top
		folder:acme/sub#parent@folder:acme/other
		folder:acme/sub#reader@staff:acme/olga#user
		folder:acme/other#parent@folder:acme/sub
		folder:acme/other#reader@staff:acme/ana#user`
	tests := map[string]string{
		"folder:acme/top#reader":       "user:ana user:vic",
		"folder:acme/top#union":        "user:ana user:olga user:vic",
		"folder:acme/top#intersection": "user:vic",
		"folder:acme/top#exclusion":    "user:ana",
		"folder:acme/top#pool":         "staff:acme/invited",
		"folder:acme/top#itself":       "folder:acme/top",
		"folder:acme/top#nobody":       "",
		"folder:acme/top#everywhere":   "",
		"folder:acme/top#ghost":        "",
		"folder:acme/sub#inherited":    "user:ana user:olga user:vic", // round a circle
		"folder:acme/sub#everywhere":   "user:ana",
		"folder:acme/ghost#union":      "",
	}
	f := facts(t, rels)
	for at, want := range tests {
		s, err := schema.ParseSubject(at)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for who := range f.Members(s.Object, s.Relation) {
			got = append(got, who.String())
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s:\n%s", at, diff)
		}
	}
}

// TestFactsAdd: what was asked before doesn't outlive a new relationship, and
// asking changes nothing.
func TestFactsAdd(t *testing.T) {
	f := facts(t, "folder:acme/top#reader@user:ana")
	top := schema.Obj("folder", "acme", "top")
	if !f.Has(top, "exclusion", schema.User("ana")) || f.Has(top, "union", schema.User("vic"), schema.User("eve")) {
		t.Error("ana reads, vic and eve don't")
	}
	before := maps.Clone(f.Members(top, "reader"))
	f.Members(top, "union")
	f.Members(top, "intersection")
	if diff := cmp.Diff(before, f.Members(top, "reader")); diff != "" {
		t.Error(diff)
	}
	r, err := schema.ParseRelationship("folder:acme/top#writer@user:ana")
	if err != nil {
		t.Fatal(err)
	}
	if f.Add(r); f.Has(top, "exclusion", schema.User("ana")) || !f.Has(top, "intersection", schema.User("vic"), schema.User("ana")) {
		t.Error("ana writes now")
	}
}

func TestFactsKnown(t *testing.T) {
	f := facts(t, "folder:acme/top#reader@staff:acme/ana#user staff:acme/ana#user@user:ana")
	top, ana := schema.Obj("folder", "acme", "top"), schema.Obj("staff", "acme", "ana")
	if !f.Known(top) || !f.Known(ana) || f.Known(schema.User("ana")) {
		t.Error("something is said of the folder and the seat, and of nothing else")
	}
	if diff := cmp.Diff([]schema.Object{top}, f.Users(ana)); diff != "" {
		t.Error(diff)
	}
	if got := f.Users(top); got != nil {
		t.Errorf("the folder is used by %v", got)
	}
}
