package sqlstore

import (
	"context"
	"database/sql"
	"slices"

	"github.com/portico-authz/portico/engine"
)

const (
	recordColumns = `id, domain, seq, after_operation, operation, actor_kind, actor_user, actor_key, actor_role, params, reason, ` +
		`object_type, object_id, summary, entries, updates, state, refusal, epoch, idempotency_key, request_digest, ` +
		`created_at, finished_at, prev_hash, hash`
	selectRecord = `SELECT ` + recordColumns + ` FROM records`
)

func (t *tx) Record(ctx context.Context, id string) (engine.Record, error) {
	q := newQuery("record "+id, selectRecord)
	q.compare("id", "=", id)
	return first(ctx, t, q, scanRecord)
}

func (t *tx) Records(ctx context.Context, f engine.RecordFilter) ([]engine.Record, error) {
	return collect(ctx, t, recordsQuery(f), scanRecord)
}

func recordsQuery(f engine.RecordFilter) *query {
	q := newQuery("records", selectRecord)
	q.equal("domain", string(f.Domain))
	if slices.Equal(f.States, []engine.RecordState{engine.Pending}) {
		q.text.WriteString(` AND state = 'pending'`) // the index's own words; a placeholder wouldn't match
	} else {
		oneOf(q, "state", f.States)
	}
	q.equal("operation", f.Operation)
	q.equal("object_type", f.Object.Type)
	q.equal("object_id", f.Object.ID)
	if f.IdempotencyKey != "" {
		q.compare("idempotency_key", "=", f.IdempotencyKey)
		q.compare("actor_user", "=", f.Actor) // empty for the operator
	} else {
		q.equal("actor_user", f.Actor)
	}
	if !f.Since.IsZero() {
		q.compare("created_at", ">=", micros(f.Since))
	}
	if !f.Until.IsZero() {
		q.compare("created_at", "<", micros(f.Until))
	}
	order, after := "domain, seq, id", ">"
	if f.Newest {
		order, after = "domain DESC, seq DESC, id DESC", "<"
	}
	if f.AfterSeq != 0 {
		q.compare("seq", after, f.AfterSeq)
	}
	q.order(order, f.Limit)
	return q
}

func (t *tx) PutRecord(ctx context.Context, r engine.Record) error {
	op := "put record " + r.ID
	entries, err := asJSON(r.Entries, len(r.Entries))
	if err != nil {
		return t.note(ctx, op, err)
	}
	updates, err := asJSON(r.Updates, len(r.Updates))
	if err != nil {
		return t.note(ctx, op, err)
	}
	return t.exec(ctx, op, upsert("records", "id", recordColumns),
		r.ID, string(r.Domain), r.Seq, r.After, r.Operation, string(r.Actor.Kind), r.Actor.User, r.Actor.Key, r.ActorRole,
		orNull(string(r.Params)), r.Reason, r.Object.Type, r.Object.ID, r.Summary, entries, updates,
		string(r.State), r.Refusal, r.Epoch, orNull(r.IdempotencyKey), blob(r.RequestDigest),
		micros(r.CreatedAt), micros(r.FinishedAt), blob(r.PrevHash), blob(r.Hash))
}

func scanRecord(row scanner) (engine.Record, error) {
	var (
		r                                 engine.Record
		params, entries, updates, idemKey sql.Null[string]
		created, finished                 int64
	)
	err := row.Scan(&r.ID, &r.Domain, &r.Seq, &r.After, &r.Operation, &r.Actor.Kind, &r.Actor.User, &r.Actor.Key, &r.ActorRole,
		&params, &r.Reason, &r.Object.Type, &r.Object.ID, &r.Summary, &entries, &updates,
		&r.State, &r.Refusal, &r.Epoch, &idemKey, &r.RequestDigest,
		&created, &finished, &r.PrevHash, &r.Hash)
	if err != nil {
		return engine.Record{}, err
	}
	if params.Valid { // as it was, byte by byte: the chain's hash covers it
		r.Params = []byte(params.V)
	}
	r.IdempotencyKey = idemKey.V
	r.CreatedAt, r.FinishedAt = fromMicros(created), fromMicros(finished)
	if err := fromJSON(entries, &r.Entries); err != nil {
		return engine.Record{}, err
	}
	return r, fromJSON(updates, &r.Updates)
}
