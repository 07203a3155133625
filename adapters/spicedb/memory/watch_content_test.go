package memory_test

import (
	"strings"
	"testing"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/tuple"
	"github.com/google/go-cmp/cmp"
)

// A Watch that is cut anywhere and resumed there goes on as if it hadn't been.
func TestWatchResumes(t *testing.T) {
	ds := open(t, nil)
	s := tell(t, ds, times(200, 60))
	for name, content := range map[string]datastore.WatchContent{
		"relationships":              relationships,
		"relationships and schema":   relationships | schema,
		"everything":                 relationships | schema | checkpoints,
		"relationships, checkpoints": relationships | checkpoints,
	} {
		t.Run(name, func(t *testing.T) {
			all := watch(t, ds, s.start, content).until(t, s.last)
			whole := inOrder(t, all)
			if len(whole) < len(s.after)/4 {
				t.Errorf("only %d events of %d commits", len(whole), len(s.after))
			}
			for _, cut := range all {
				if cut.Revision.Equal(s.last) {
					break // what comes next hasn't been written
				}
				rest := watch(t, ds, cut.Revision, content).until(t, s.last)
				if diff := cmp.Diff(eventsOf(since(whole, cut.Revision)), eventsOf(inOrder(t, rest))); diff != "" {
					t.Fatalf("resumed at %s (-want +got):\n%s", cut.Revision, diff)
				}
			}
		})
	}
}

// since are the changes after a revision.
func since(changes []datastore.RevisionChanges, rev datastore.Revision) []datastore.RevisionChanges {
	var later []datastore.RevisionChanges
	for _, c := range changes {
		if c.Revision.GreaterThan(rev) {
			later = append(later, c)
		}
	}
	return later
}

// Each content brings its part of the whole, and no event that has none of it.
func TestWatchContents(t *testing.T) {
	ds := open(t, nil)
	s := tell(t, ds, 200)
	whole := eventsOf(inOrder(t, watch(t, ds, s.start, relationships|schema).until(t, s.last)))
	var want []event
	for _, e := range whole {
		if said := s.said[e.Revision]; said != strings.Join(e.Metadata, "") {
			t.Errorf("revision %s: want metadata %q, got %q", e.Revision, said, e.Metadata)
		}
		if e.Definitions = nil; len(e.Relationships) > 0 {
			want = append(want, e)
		}
	}
	got := eventsOf(inOrder(t, watch(t, ds, s.start, relationships).until(t, s.last)))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("relationships (-want +got):\n%s", diff)
	}
	want, got = nil, eventsOf(inOrder(t, watch(t, ds, s.start, schema|checkpoints).until(t, s.last)))
	for _, e := range whole {
		if e.Relationships = nil; len(e.Definitions) > 0 {
			want = append(want, e)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
}

// What the Watch tells, done to an empty set, is what the datastore has: at
// every checkpoint, and at head.
func TestWatchReplays(t *testing.T) {
	ds := open(t, nil)
	s := tell(t, ds, 200)
	replica := map[string]tuple.Relationship{}
	var last datastore.Revision
	for _, c := range watch(t, ds, s.start, relationships|schema|checkpoints).until(t, s.last) {
		apply(replica, c.RelationshipChanges)
		if !c.IsCheckpoint {
			continue
		}
		expect(t, ds, c.Revision, sorted(replica)...)
		expect(t, ds, c.Revision, s.after[c.Revision.String()]...)
		last = c.Revision
	}
	if now := head(t, ds); !now.Equal(last) {
		t.Errorf("the last checkpoint is %s, head is %s", last, now)
	}
}

// A no-op isn't a change: the Watch has no event of it but a checkpoint.
func TestWatchLeavesOutNoOps(t *testing.T) {
	ds := open(t, nil)
	const there = "account:a#client@client:c[office]"
	start := write(t, ds, touch(there))
	write(t, ds, touch(there))
	write(t, ds, remove("account:a#client@client:none"))
	end := write(t, ds, touch("account:a#client@client:end"))
	got := eventsOf(inOrder(t, watch(t, ds, start, relationships|schema|checkpoints).until(t, end)))
	want := []event{{Revision: end.String(), Relationships: []string{"TOUCH account:a#client@client:end"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("watch (-want +got):\n%s", diff)
	}
}
