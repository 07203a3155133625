package engine

import (
	"bytes"
	"context"
	"fmt"
	"sort"

	"github.com/portico-authz/portico/schema"
)

// Findings are what [Engine.Verify] found wrong with one domain.
type Findings struct {
	Domain   schema.Domain
	Records  int
	Problems []string
	Repaired bool
}

// Repair says whether verifying may write.
type Repair bool

// Whether [Engine.Verify] writes.
const (
	Report Repair = false // tell only
	Mend   Repair = true  // make rows and graph what the journal says
)

// Verify folds each domain's journal, checks its chain of hashes, and compares
// what it amounts to with the store's rows and with the graph. With Mend it
// makes both what the journal says; a broken chain it can only report. It calls
// each with every domain, in order.
func (e *Engine) Verify(ctx context.Context, repair Repair, each func(Findings) error) error {
	var domains []schema.Domain
	err := e.store.View(ctx, func(tx Tx) error {
		return eachDomain(ctx, tx, func(s DomainState) error {
			domains = append(domains, s.Domain)
			return nil
		})
	})
	if err != nil {
		return err
	}
	for _, d := range domains {
		f, err := e.verifyDomain(ctx, d, repair)
		if err != nil {
			return err
		}
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) verifyDomain(ctx context.Context, d schema.Domain, repair Repair) (Findings, error) {
	unlock, err := e.locks.lock(ctx, d)
	if err != nil {
		return Findings{}, err
	}
	defer unlock()
	if repair {
		if err := e.mendFence(ctx, d); err != nil {
			return Findings{}, err
		}
	}
	if _, err := e.recoverDomain(ctx, d); err != nil && repair {
		return Findings{}, err
	}
	f := Findings{Domain: d}
	var fold *folded
	err = e.store.View(ctx, func(tx Tx) (err error) {
		if fold, err = foldJournal(ctx, tx, d, &f); err != nil {
			return err
		}
		rows, err := tx.Relationships(ctx, RelationshipFilter{Domain: d})
		if err != nil {
			return err
		}
		for _, r := range rows {
			fold.have = append(fold.have, r.Relationship)
		}
		return nil
	})
	if err != nil {
		return f, err
	}
	inGraph, err := e.graph.Relationships(ctx, d)
	if err != nil {
		return f, err
	}
	rowDiff := fold.diff(e, fold.have)
	graphDiff := fold.diff(e, inGraph)
	f.report("the store", rowDiff)
	f.report("the graph", graphDiff)
	if !repair || len(rowDiff)+len(graphDiff) == 0 {
		return f, nil
	}
	f.Repaired = true
	return f, e.mend(ctx, d, fold, rowDiff, graphDiff)
}

func (f *Findings) report(where string, diff []Update) {
	for _, u := range diff {
		what := "lacks"
		if u.Delete {
			what = "has, against the journal,"
		}
		f.Problems = append(f.Problems, fmt.Sprintf("%s %s %s", where, what, u.Relationship))
	}
}

// folded is what a journal amounts to.
type folded struct {
	want map[schema.Relationship]Row // by key
	have []schema.Relationship       // the store's rows
}

const recordPage = 500

func foldJournal(ctx context.Context, tx Tx, d schema.Domain, f *Findings) (*folded, error) {
	state, err := tx.Domain(ctx, d)
	if err != nil {
		return nil, err
	}
	fold := &folded{want: map[schema.Relationship]Row{}}
	var (
		seq  int64
		hash []byte
	)
	for {
		page, err := tx.Records(ctx, RecordFilter{Domain: d, AfterSeq: seq, Limit: recordPage})
		if err != nil {
			return nil, err
		}
		for _, rec := range page {
			if rec.State == Pending {
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
	if seq != state.LastSeq || !bytes.Equal(hash, state.LastHash) {
		f.Problems = append(f.Problems, fmt.Sprintf("the journal ends at record %d, and its last should be %d", seq, state.LastSeq))
	}
	return fold, nil
}

// chain checks that the record follows its predecessor and is what was hashed.
func (f *Findings) chain(rec Record, seq int64, hash []byte) {
	switch {
	case rec.Seq != seq+1:
		f.Problems = append(f.Problems, fmt.Sprintf("the journal lacks the records from %d to %d", seq+1, rec.Seq-1))
	case !bytes.Equal(rec.PrevHash, hash), !bytes.Equal(rec.Hash, rec.chainHash()):
		f.Problems = append(f.Problems, fmt.Sprintf("record %d (%s) was changed after it was written", rec.Seq, rec.ID))
	}
}

func (fold *folded) take(rec Record) {
	if rec.State != Applied {
		return
	}
	for _, u := range rec.Updates {
		if u.Delete {
			delete(fold.want, u.Relationship.Key())
		} else {
			fold.want[u.Relationship.Key()] = Row{Relationship: u.Relationship, Record: rec.ID, WrittenAt: rec.FinishedAt}
		}
	}
}

// diff returns the updates that make have what the journal says. What has
// expired counts for nothing on either side.
func (fold *folded) diff(e *Engine, have []schema.Relationship) []Update {
	now, seen := e.now(), map[schema.Relationship]bool{}
	var diff []Update
	for _, r := range have {
		want, ok := fold.want[r.Key()]
		seen[r.Key()] = ok && want.Relationship.ExpiresAt.Equal(r.ExpiresAt)
		if !ok && (Row{Relationship: r}).live(now) {
			diff = append(diff, Update{Relationship: r.Key(), Delete: true})
		}
	}
	for key, row := range fold.want {
		if !seen[key] && row.live(now) {
			diff = append(diff, Update{Relationship: row.Relationship})
		}
	}
	sort.Slice(diff, func(i, j int) bool { return diff[i].Relationship.String() < diff[j].Relationship.String() })
	return diff
}

// mendFence puts the graph's fence where the store says that it stands, so
// that a graph that lost or gained writes can be written to again.
func (e *Engine) mendFence(ctx context.Context, d schema.Domain) error {
	at, err := e.graph.Applied(ctx, d)
	if err != nil {
		return err
	}
	return e.store.Update(ctx, d, func(tx Tx) error {
		state, err := tx.Domain(ctx, d)
		if err != nil || at == state.LastOperation || state.LastOperation == "" {
			return err
		}
		pending, err := pendingRecord(ctx, tx, d)
		if err != nil || pending.ID == at && at != "" {
			return err
		}
		state.Token, err = e.graph.Write(ctx, Write{Domain: d, After: at, Operation: state.LastOperation})
		if err != nil {
			return err
		}
		state.SchemaDigest = e.digest
		return tx.PutDomain(ctx, state)
	})
}

// mend makes rows and graph what the journal says. The fence stays; the epoch
// is raised, since answers change.
func (e *Engine) mend(ctx context.Context, d schema.Domain, fold *folded, rows, graph []Update) error {
	return e.store.Update(ctx, d, func(tx Tx) error {
		state, err := tx.Domain(ctx, d)
		if err != nil {
			return err
		}
		for len(graph) > 0 {
			n := min(len(graph), MaxUpdates)
			w := Write{Domain: d, Updates: graph[:n], After: state.LastOperation, Operation: state.LastOperation}
			if state.Token, err = e.graph.Write(ctx, w); err != nil {
				return err
			}
			graph = graph[n:]
		}
		var (
			put  []Row
			drop []schema.Relationship
		)
		for _, u := range rows {
			if u.Delete {
				drop = append(drop, u.Relationship)
			} else {
				put = append(put, fold.want[u.Relationship.Key()])
			}
		}
		if err := tx.DeleteRelationships(ctx, drop); err != nil {
			return err
		}
		if err := tx.PutRelationships(ctx, put); err != nil {
			return err
		}
		state.Epoch++
		state.SchemaDigest = e.digest
		return tx.PutDomain(ctx, state)
	})
}
