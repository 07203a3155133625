package engine_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/portico-authz/portico/adapters/spicedb/zed"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// A store is taken over by every portal that its data fits, whatever the portal
// is called; another learns what doesn't fit, and changes nothing.
func TestStartWithAnotherPortal(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.hire(t, "acme", "vic", "advisor")
	b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "retail", Title: "Retail"})
	b.must(t, owner, &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
	tests := map[string]struct {
		changes []change
		misfits []string // none: the portal takes over
	}{
		"another name": {changes: []change{{schema.PortalFile, "portal: agency", "portal: harbour"}}},
		"a relation takes less": {
			[]change{{
				schema.SchemaFile,
				"definition client {\n    relation partner: partner\n    relation staff: staff#user | staff#user with expiration\n",
				"definition client {\n    relation partner: partner\n    relation staff: staff#user with expiration\n",
			}, { // which wrote what the relation took
				schema.PortalFile, "\n  add_client_staff: client#share", "",
			}},
			[]string{"1 × client#staff@staff#user"},
		},
		"a role is gone": {
			[]change{{schema.PortalFile, "  - name: advisor\n", "  - name: consultant\n    relation: advisor\n"}},
			[]string{`1 × staff in the role "advisor"`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			graph := openGraph(t, 0)
			defer func() { _ = graph.Close() }()
			other := engine.New(b.store, graph, edition(t, tt.changes), &engine.Options{Clock: b.clock})
			err := other.Start(t.Context())
			if len(tt.misfits) == 0 {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if engine.CodeOf(err) != engine.Conflict {
				t.Fatalf("want a conflict, got %v", err)
			}
			for _, misfit := range tt.misfits {
				if !strings.Contains(err.Error(), misfit) {
					t.Errorf("the refusal lacks %q:\n%v", misfit, err)
				}
			}
		})
	}
	b.stop(t)
	b.start(t)
	if got := b.decision(t, "client:acme/retail", "access", "vic"); got != engine.Allow {
		t.Errorf("after all that: %s", got)
	}
}

// change is one to a file of a portal.
type change struct{ file, old, replacement string }

// edition is the agency portal with changes to its files.
func edition(t *testing.T, changes []change) *schema.Portal {
	t.Helper()
	shipped, err := schema.Builtin("agency")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, name := range []string{schema.SchemaFile, schema.PortalFile, schema.ProofFile} {
		text, err := fs.ReadFile(shipped, name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	for _, c := range changes {
		text := string(files[c.file].Data)
		if strings.Count(text, c.old) != 1 {
			t.Fatalf("%s doesn't have %q once", c.file, c.old)
		}
		files[c.file] = &fstest.MapFile{Data: []byte(strings.Replace(text, c.old, c.replacement, 1))}
	}
	portal, err := schema.Load(files, zed.Compile)
	if err != nil {
		t.Fatal(err)
	}
	return portal
}
