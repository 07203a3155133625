package memory

import (
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/structpb"
)

// commit is what one transaction did. Until it has a revision, nobody but the
// transaction sees the versions that it gave birth to or let die: getting one
// is what makes them all visible, at once.
type commit struct {
	revision revision  // 0 while under way
	at       time.Time // when it got its revision; compared by the monotonic clock
	schema   *schemaState
	replaced *schemaState // the schema before, if this commit changed it
	counters *counterState
	counted  bool // whether this commit changed the counters
	changes  []change
	metadata *structpb.Struct

	// ended is closed when the transaction has ended, and nil from then on.
	ended chan struct{}
}

// bare returns the commit as the base of a log: where reading can begin.
func (c *commit) bare() *commit {
	return &commit{revision: c.revision, at: c.at, schema: c.schema, counters: c.counters}
}

// change is what a commit did to one relationship in all.
type change struct {
	edge    *edge
	version *version // the new one, nil if the relationship was deleted
}

// ancient is the birth of all that is older than any revision that can be read.
var ancient = &commit{revision: 1}

// history lists the commits that can still be read at or watched from, in the
// order of their revisions, which leaves out no number.
type history []*commit

func (h history) base() revision { return h[0].revision }
func (h history) head() *commit  { return h[len(h)-1] }

// find returns the commit with a revision, which must be there.
func (h history) find(r revision) *commit { return h[r-h.base()] }

// since returns the commits after a revision.
func (h history) since(r revision) history { return h[r-h.base()+1:] }

// at returns the last commit that was there at a time, or the first of all.
func (h history) at(t time.Time) *commit {
	after, _ := slices.BinarySearchFunc(h, t, func(c *commit, t time.Time) int {
		if c.at.After(t) {
			return 1
		}
		return -1
	})
	return h[max(after-1, 0)]
}

// view is what a reader sees: all commits up to a revision, and one that is
// under way, if the reader is in it.
type view struct {
	at  revision
	own *commit
}

func (v view) has(c *commit) bool {
	return c != nil && (c == v.own || c.revision != 0 && c.revision <= v.at)
}

// version returns the version of an edge that the view has, or nil.
func (v view) version(e *edge) *version {
	for ver := e.last; ver != nil; ver = ver.before {
		if v.has(ver.born) {
			if v.has(ver.died) {
				return nil
			}
			return ver
		}
	}
	return nil
}
