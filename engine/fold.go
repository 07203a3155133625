package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/portico-authz/portico/schema"
)

// folded is what a domain's journal amounts to, beside the rows that the store
// has at the same moment.
type folded struct {
	state       DomainState
	pending     Record
	want        map[schema.Relationship]Row // by key, as the journal has them
	rows        []Row                       // as the store has them
	wantEntries map[schema.Object]Entry
	entries     []Entry
}

const recordPage = 500

// fold reads the domain's journal, checks its chain, and reads the rows.
func (e *Engine) fold(ctx context.Context, d schema.Domain, f *Findings) (*folded, error) {
	fold := &folded{want: map[schema.Relationship]Row{}, wantEntries: map[schema.Object]Entry{}}
	err := e.store.View(ctx, func(tx Tx) error {
		var err error
		if fold.state, err = tx.Domain(ctx, d); err != nil {
			return err
		}
		if err := fold.journal(ctx, tx, f); err != nil {
			return err
		}
		if fold.rows, err = tx.Relationships(ctx, RelationshipFilter{Domain: d}); err != nil {
			return err
		}
		fold.entries, err = tx.Entries(ctx, EntryFilter{Domain: d})
		return err
	})
	return fold, err
}

func (fold *folded) journal(ctx context.Context, tx Tx, f *Findings) error {
	var (
		seq  int64
		hash []byte
	)
	for {
		page, err := tx.Records(ctx, RecordFilter{Domain: fold.state.Domain, AfterSeq: seq, Limit: recordPage})
		if err != nil {
			return err
		}
		for _, rec := range page {
			if rec.State == Pending {
				fold.pending = rec
				continue
			}
			f.chain(rec, seq, hash)
			seq, hash = rec.Seq, rec.Hash
			f.Records++
			fold.take(rec)
		}
		if len(page) < recordPage {
			break
		}
	}
	if seq != fold.state.LastSeq || !bytes.Equal(hash, fold.state.LastHash) {
		f.Broken = true
		f.problemf("the journal ends at record %d, and its last should be %d", seq, fold.state.LastSeq)
	}
	return nil
}

// chain checks that the record follows its predecessor and is what was hashed.
func (f *Findings) chain(rec Record, seq int64, hash []byte) {
	switch {
	case rec.Seq != seq+1:
		f.Broken = true
		f.problemf("the journal lacks what came between the records %d and %d", seq, rec.Seq)
	case !bytes.Equal(rec.PrevHash, hash), !bytes.Equal(rec.Hash, rec.chainHash()):
		f.Broken = true
		f.problemf("record %d (%s) was changed after it was written", rec.Seq, rec.ID)
	}
}

func (fold *folded) take(rec Record) {
	if rec.State != Applied {
		return
	}
	for _, c := range rec.Entries {
		if c.Delete {
			delete(fold.wantEntries, c.Entry.Object)
		} else {
			fold.wantEntries[c.Entry.Object] = c.Entry
		}
	}
	for _, u := range rec.Updates {
		if u.Delete {
			delete(fold.want, u.Relationship.Key())
		} else {
			fold.want[u.Relationship.Key()] = Row{Relationship: u.Relationship, Record: rec.ID, WrittenAt: rec.FinishedAt}
		}
	}
}

// graphDiff returns what makes the graph's relationships what the journal says.
func (fold *folded) graphDiff(now time.Time, have []schema.Relationship) []Update {
	rows := make([]Row, len(have))
	for i, r := range have {
		rows[i] = Row{Relationship: r}
		if want, ok := fold.want[r.Key()]; ok {
			rows[i].Record = want.Record // a graph doesn't know who wrote
		}
	}
	return fold.diff(now, rows)
}

// rowDiff is graphDiff for the store's rows.
func (fold *folded) rowDiff(now time.Time) []Update { return fold.diff(now, fold.rows) }

// diff compares rows with the journal. What has expired counts for nothing on
// either side.
func (fold *folded) diff(now time.Time, have []Row) []Update {
	var diff []Update
	right := map[schema.Relationship]bool{}
	for _, r := range have {
		want, ok := fold.want[r.Key()]
		right[r.Key()] = ok && want.ExpiresAt.Equal(r.ExpiresAt) && want.Record == r.Record
		if !ok && r.live(now) {
			diff = append(diff, Update{Relationship: r.Key(), Delete: true})
		}
	}
	for key, row := range fold.want {
		if !right[key] && row.live(now) {
			diff = append(diff, Update{Relationship: row.Relationship})
		}
	}
	slices.SortFunc(diff, func(a, b Update) int {
		return strings.Compare(a.Relationship.String(), b.Relationship.String())
	})
	return diff
}

// entryDiff returns what makes the directory what the journal says. Whether an
// invitation was delivered is noted beside the journal.
func (fold *folded) entryDiff() []EntryChange {
	var diff []EntryChange
	seen := map[schema.Object]bool{}
	for _, have := range fold.entries {
		seen[have.Object] = true
		want, ok := fold.wantEntries[have.Object]
		switch {
		case !ok:
			diff = append(diff, EntryChange{Entry: have, Delete: true})
		case !sameEntry(want, have):
			diff = append(diff, EntryChange{Entry: want})
		}
	}
	for object, want := range fold.wantEntries {
		if !seen[object] {
			diff = append(diff, EntryChange{Entry: want})
		}
	}
	slices.SortFunc(diff, func(a, b EntryChange) int {
		return strings.Compare(a.Entry.Object.String(), b.Entry.Object.String())
	})
	return diff
}

func sameEntry(a, b Entry) bool {
	var texts [2][]byte
	for i, e := range []Entry{a, b} {
		if e.Invitation != nil {
			undated := *e.Invitation
			undated.SentAt = time.Time{}
			e.Invitation = &undated
		}
		text, err := json.Marshal(e)
		if err != nil {
			return false
		}
		texts[i] = text
	}
	return bytes.Equal(texts[0], texts[1])
}

// restore makes the store's rows what the journal says.
func (fold *folded) restore(ctx context.Context, tx Tx, m mending) error {
	err := changeRows(ctx, tx, m.rows, func(r schema.Relationship) Row { return fold.want[r.Key()] })
	if err != nil {
		return err
	}
	return changeEntries(ctx, tx, m.entries)
}
