package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/portico-authz/portico/schema"
)

// Findings are what [Engine.Verify] found wrong with one domain.
type Findings struct {
	Domain   schema.Domain
	Records  int
	Problems []string
	// Broken says that the journal itself is damaged. It is then no ground to
	// mend anything by.
	Broken   bool
	Repaired bool
}

func (f *Findings) problemf(format string, args ...any) {
	f.Problems = append(f.Problems, fmt.Sprintf(format, args...))
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
// makes both what the journal says, unless its chain is broken. It calls
// each with every domain, in order. What can't be verified is a problem of its
// domain, and keeps no other from being verified.
func (e *Engine) Verify(ctx context.Context, repair Repair, each func(Findings) error) error {
	if repair {
		if err := e.ensureSchema(ctx); err != nil {
			return err
		}
	}
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
			f.Domain = d
			f.problemf("it can't be verified: %s", err)
		}
		if err := each(f); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// errMoved: an operation was applied between the looks at journal and graph.
var errMoved = errors.New("an operation came between")

func (e *Engine) verifyDomain(ctx context.Context, d schema.Domain, repair Repair) (Findings, error) {
	unlock, err := e.locks.lock(ctx, d)
	if err != nil {
		return Findings{}, err
	}
	defer unlock()
	for range maxRounds {
		if repair {
			// What can't be finished now may be once the graph is mended.
			_, _ = e.recoverDomain(ctx, d)
		}
		f, err := e.compareDomain(ctx, d, repair)
		switch {
		case errors.Is(err, errMoved):
			continue
		case err == nil && f.Repaired:
			_, err = e.recoverDomain(ctx, d)
		}
		return f, err
	}
	return Findings{}, Errorf(Unavailable, "operations keep coming between; try again")
}

// compareDomain compares one state of journal and rows with the graph of the
// same state, or returns errMoved.
func (e *Engine) compareDomain(ctx context.Context, d schema.Domain, repair Repair) (Findings, error) {
	f := Findings{Domain: d}
	fold, err := e.fold(ctx, d, &f)
	if err != nil {
		return f, err
	}
	at, err := e.graph.Applied(ctx, d)
	if err != nil {
		return f, err
	}
	graph, err := e.graph.Relationships(ctx, d)
	if err != nil {
		return f, err
	}
	if moved, err := e.moved(ctx, d, fold); err != nil || moved {
		return f, errors.Join(err, errMoved)
	}
	m := mending{at: at, graph: fold.graphDiff(e.now(), graph), rows: fold.rowDiff(e.now()), entries: fold.entryDiff()}
	m.report(&f, fold.state)
	if pending := fold.pending; pending.ID != "" {
		f.problemf("record %d (%s) is pending", pending.Seq, pending.ID)
		if at == pending.ID && repair {
			return f, errMoved // half-way, and about to be finished
		}
	}
	if repair == Report || f.Broken || m.empty(fold.state) {
		return f, nil
	}
	f.Repaired = true
	return f, e.mend(ctx, d, fold, m)
}

// moved reports whether an operation was begun or finished since the fold.
func (e *Engine) moved(ctx context.Context, d schema.Domain, fold *folded) (bool, error) {
	moved := false
	err := e.store.View(ctx, func(tx Tx) error {
		state, err := tx.Domain(ctx, d)
		if err != nil {
			return err
		}
		pending, err := pendingRecord(ctx, tx, d)
		moved = state.LastSeq != fold.state.LastSeq || pending.ID != fold.pending.ID
		return err
	})
	return moved, err
}

// mending is what makes a domain what its journal says.
type mending struct {
	at      string        // where the graph's fence stands
	graph   []Update      // of the graph
	rows    []Update      // of the store's relationships
	entries []EntryChange // of the directory
}

func (m mending) empty(s DomainState) bool {
	return m.at == s.LastOperation && len(m.graph)+len(m.rows)+len(m.entries) == 0
}

func (m mending) report(f *Findings, s DomainState) {
	if m.at != s.LastOperation {
		f.problemf("the graph's fence stands at %q, and the last operation is %q", m.at, s.LastOperation)
	}
	f.differences("the store", m.rows)
	f.differences("the graph", m.graph)
	for _, c := range m.entries {
		f.problemf("the directory has %s otherwise than the journal", c.Entry.Object)
	}
}

func (f *Findings) differences(where string, diff []Update) {
	for _, u := range diff {
		what := "lacks, or has otherwise,"
		if u.Delete {
			what = "has, against the journal,"
		}
		f.problemf("%s %s %s", where, what, u.Relationship)
	}
}

// mendGraph writes the differences, in as many writes as they need, and leaves the
// fence where nothing else puts it. Should we end before the store knows that
// place, no answer comes from a graph half mended, and no token is renewed; and a
// backup of the graph from before the repair will not pass for the repaired one.
func (e *Engine) mendGraph(ctx context.Context, tx Tx, state *DomainState, m mending) error {
	mark := "repair-" + rand.Text()
	for at, rest := m.at, m.graph; at != state.LastOperation || len(rest) > 0; at = mark {
		n := min(len(rest), MaxUpdates)
		made, err := e.write(ctx, tx, Write{Domain: state.Domain, Updates: rest[:n], After: at, Operation: mark})
		if err != nil {
			return err
		}
		state.keep(made)
		state.LastOperation, rest = mark, rest[n:]
	}
	return nil
}

// mend makes rows and graph what the journal says, unless the domain has moved
// since. The epoch is raised, since answers change.
func (e *Engine) mend(ctx context.Context, d schema.Domain, fold *folded, m mending) error {
	return e.store.Update(ctx, d, func(tx Tx) error {
		state, err := tx.Domain(ctx, d)
		if err != nil {
			return err
		}
		if state.LastSeq != fold.state.LastSeq || state.Epoch != fold.state.Epoch {
			return errMoved
		}
		pending, err := pendingRecord(ctx, tx, d)
		if err != nil || pending.ID != fold.pending.ID {
			return errors.Join(err, errMoved)
		}
		if err := e.mendGraph(ctx, tx, &state, m); err != nil {
			return err
		}
		if pending.ID != "" {
			pending.After = state.LastOperation
			if err := tx.PutRecord(ctx, pending); err != nil {
				return err
			}
		}
		if err := fold.restore(ctx, tx, m); err != nil {
			return err
		}
		if state.NextExpiry, err = tx.NextExpiry(ctx, d); err != nil {
			return err
		}
		if state.Epoch > 0 {
			state.Epoch++
		}
		return tx.PutDomain(ctx, state)
	})
}
