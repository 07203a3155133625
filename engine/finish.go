package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"time"

	"github.com/portico-authz/portico/engine/failpoint"
	"github.com/portico-authz/portico/schema"
)

// finish carries a pending operation to its end: the graph behind its fence,
// then the store. It may be called any number of times, by anybody, and a
// finished record's outcome is returned as it was.
func (e *Engine) finish(ctx context.Context, rec Record) (Record, error) {
	if rec.State == Pending {
		failpoint.Reach(failpoint.OperationJournaled)
		if failpoint.Has(failpoint.EpochFirst) {
			return e.epochFirst(ctx, rec)
		}
		made, err := e.project(ctx, rec)
		failpoint.Reach(failpoint.OperationProjected)
		switch {
		case err == nil:
			rec, err = e.conclude(ctx, rec, func(tx Tx, r *Record, s *DomainState) error {
				return e.apply(ctx, tx, r, s, made)
			})
		case CodeOf(err) == Invalid:
			refusal := MessageOf(err)
			rec, err = e.conclude(ctx, rec, func(_ Tx, r *Record, _ *DomainState) error {
				r.State, r.Refusal = Rejected, refusal
				return nil
			})
		}
		if err != nil {
			return rec, unfinished(rec, err)
		}
	}
	if rec.State == Rejected {
		return rec, &Error{Code: Invalid, Op: "finish " + rec.ID, Message: rec.Refusal, Err: ErrRejected}
	}
	return rec, nil
}

// unfinished says that a pending operation may still happen, whatever failed.
func unfinished(rec Record, err error) error {
	if CodeOf(err) == Unavailable {
		return err
	}
	return WrapError(Unavailable, "finish "+rec.ID, err)
}

// project writes the record's relationships to the graph. If its fence is
// there already, an earlier try got this far: only the token is missing.
func (e *Engine) project(ctx context.Context, rec Record) (snapshot, error) {
	made, refusal := e.write(ctx, nil, Write{Domain: rec.Domain, Updates: rec.Updates, After: rec.After, Operation: rec.ID})
	if !errors.Is(refusal, ErrFence) && CodeOf(refusal) != Invalid {
		return made, refusal
	}
	made, err := e.write(ctx, nil, Write{Domain: rec.Domain, After: rec.ID, Operation: rec.ID})
	switch {
	case !errors.Is(err, ErrFence):
		return made, err
	case CodeOf(refusal) == Invalid: // and it isn't there from an earlier try
		return snapshot{}, refusal
	}
	switch now, err := e.record(ctx, rec.ID); {
	case err != nil || now.State != Pending:
		return snapshot{}, err // somebody else finished it, and went on
	case now.After != rec.After:
		return e.project(ctx, now) // a repair moved the fence before it
	}
	return snapshot{}, e.diverges(ctx, rec.Domain)
}

// conclude ends a record in one transaction, unless somebody else has.
func (e *Engine) conclude(ctx context.Context, rec Record, end func(Tx, *Record, *DomainState) error) (Record, error) {
	var ended Record
	err := e.store.Update(ctx, rec.Domain, func(tx Tx) error {
		var err error
		if ended, err = tx.Record(ctx, rec.ID); err != nil || ended.State != Pending {
			return err
		}
		state, err := tx.Domain(ctx, ended.Domain)
		if err != nil {
			return err
		}
		if err := end(tx, &ended, &state); err != nil {
			return err
		}
		ended.FinishedAt = e.now()
		ended.PrevHash = state.LastHash
		ended.Hash = ended.chainHash()
		state.LastSeq, state.LastHash = ended.Seq, ended.Hash
		if err := tx.PutDomain(ctx, state); err != nil {
			return err
		}
		return tx.PutRecord(ctx, ended)
	})
	if err != nil {
		return rec, err // as far as anybody knows it is pending
	}
	return ended, nil
}

// apply changes the rows as the record says, and begins the next epoch.
func (e *Engine) apply(ctx context.Context, tx Tx, rec *Record, state *DomainState, made snapshot) error {
	if err := changeEntries(ctx, tx, rec.Entries); err != nil {
		return err
	}
	now := e.now()
	err := changeRows(ctx, tx, rec.Updates, func(r schema.Relationship) Row {
		return Row{Relationship: r, Record: rec.ID, WrittenAt: now}
	})
	if err != nil {
		return err
	}
	state.Epoch++
	state.keep(made)
	state.LastOperation = rec.ID
	state.NextExpiry, err = tx.NextExpiry(ctx, rec.Domain)
	rec.State, rec.Epoch = Applied, state.Epoch
	return err
}

func (e *Engine) record(ctx context.Context, id string) (Record, error) {
	var rec Record
	err := e.store.View(ctx, func(tx Tx) (err error) {
		rec, err = tx.Record(ctx, id)
		return err
	})
	return rec, err
}

// changeRows makes the store's relationships what the updates say; row tells
// who wrote one.
func changeRows(ctx context.Context, tx Tx, updates []Update, row func(schema.Relationship) Row) error {
	var (
		put  []Row
		drop []schema.Relationship
	)
	for _, u := range updates {
		if u.Delete {
			drop = append(drop, u.Relationship)
		} else {
			put = append(put, row(u.Relationship))
		}
	}
	if err := tx.DeleteRelationships(ctx, drop); err != nil {
		return err
	}
	return tx.PutRelationships(ctx, put)
}

// changeEntries makes the directory's rows what the changes say.
func changeEntries(ctx context.Context, tx Tx, changes []EntryChange) error {
	for _, c := range changes {
		var err error
		if c.Delete {
			err = tx.DeleteEntry(ctx, c.Entry.Object)
		} else {
			err = tx.PutEntry(ctx, c.Entry)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pendingRecord returns the domain's pending record; there is at most one.
func pendingRecord(ctx context.Context, tx Tx, d schema.Domain) (Record, error) {
	found, err := tx.Records(ctx, RecordFilter{Domain: d, States: []RecordState{Pending}, Limit: 1})
	if err != nil || len(found) == 0 {
		return Record{}, err
	}
	return found[0], nil
}

// onItsWay is how old a pending operation of another replica is at least before
// it is taken for one that was left behind.
const onItsWay = 5 * time.Second

// Recover finishes what a crash, or a graph out of reach, left pending. What
// fails in one domain keeps no other from being finished.
func (e *Engine) Recover(ctx context.Context) error {
	var pending []Record
	err := e.store.View(ctx, func(tx Tx) (err error) {
		pending, err = tx.Records(ctx, RecordFilter{States: []RecordState{Pending}})
		return err
	})
	for _, rec := range pending {
		if e.store.Shared() && e.now().Sub(rec.CreatedAt) < onItsWay {
			continue
		}
		_, failed := e.recoverDomain(ctx, rec.Domain)
		err = errors.Join(err, failed)
	}
	return err
}

// recoverDomain finishes the domain's pending operation, and reports whether
// there was one.
func (e *Engine) recoverDomain(ctx context.Context, d schema.Domain) (bool, error) {
	var rec Record
	err := e.store.View(ctx, func(tx Tx) (err error) {
		rec, err = pendingRecord(ctx, tx, d)
		return err
	})
	if err != nil || rec.ID == "" {
		return false, err
	}
	rec, err = e.finish(ctx, rec)
	if rec.State == Rejected {
		err = nil // its caller was told, or will be
	}
	if err == nil {
		e.log.InfoContext(ctx, "finished a pending operation", "domain", d, "operation", rec.Operation, "record", rec.ID, "state", rec.State)
	}
	return true, err
}

// chainHash is SHA-256 over the record with its predecessor's hash, so that no
// finished record can be changed or dropped unseen.
func (r Record) chainHash() []byte {
	r.Hash = nil
	text, err := json.Marshal(r)
	if err != nil {
		panic("a record can't be marshalled: " + err.Error()) // it was read as JSON, or made by us
	}
	sum := sha256.Sum256(text)
	return sum[:]
}

// writePart adds a part with its length, so that no two lists of parts hash alike.
func writePart(h hash.Hash, part string) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(part)))
	_, _ = h.Write(n[:]) // never fails
	_, _ = io.WriteString(h, part)
}
