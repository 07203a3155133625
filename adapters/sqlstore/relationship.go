package sqlstore

import (
	"context"
	"encoding/json"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

const (
	relationshipKey     = `resource_type, resource_id, relation, subject_type, subject_id, subject_relation`
	relationshipColumns = relationshipKey + `, domain, expires_at, record, written_at`
	selectRelationship  = `SELECT ` + relationshipKey + `, expires_at, record, written_at FROM relationships`

	// The condition of the index on what expires.
	expires = `expires_at > 0`

	// The key of one element, in the order of relationshipKey.
	elementKey = `value->>0, value->>1, value->>2, value->>3, value->>4, value->>5`
)

func (t *tx) Relationships(ctx context.Context, f engine.RelationshipFilter) ([]engine.Row, error) {
	return collect(ctx, t, relationshipsQuery(f), scanRelationship)
}

func relationshipsQuery(f engine.RelationshipFilter) *query {
	q := newQuery("relationships", selectRelationship)
	q.equal("domain", string(f.Domain))
	q.equal("resource_type", f.ResourceType)
	q.equal("resource_id", f.ResourceID)
	q.equal("relation", f.Relation)
	q.equal("subject_type", f.SubjectType)
	q.equal("subject_id", f.SubjectID)
	q.equal("subject_relation", f.SubjectRelation)
	if !f.ExpiredAt.IsZero() {
		q.text.WriteString(` AND ` + expires)
		q.compare("expires_at", "<=", seconds(f.ExpiredAt))
	}
	if after := f.After.Key(); after != (schema.Relationship{}) {
		q.after(relationshipKey, after.Resource.Type, after.Resource.ID, after.Relation,
			after.Subject.Type, after.Subject.ID, after.Subject.Relation)
	}
	q.order(relationshipKey, f.Limit)
	return q
}

func (t *tx) NextExpiry(ctx context.Context, domain schema.Domain) (time.Time, error) {
	q := newQuery("next expiry", `SELECT coalesce(min(expires_at), 0) FROM relationships`)
	q.equal("domain", string(domain))
	q.text.WriteString(` AND ` + expires)
	at, err := first(ctx, t, q, func(row scanner) (at int64, err error) { return at, row.Scan(&at) })
	return fromSeconds(at), err
}

func (t *tx) CountRelationships(ctx context.Context) (int, error) {
	return first(ctx, t, newQuery("count relationships", `SELECT count(*) FROM relationships`),
		func(row scanner) (n int, err error) { return n, row.Scan(&n) })
}

func (t *tx) PutRelationships(ctx context.Context, rows []engine.Row) error {
	// PostgreSQL refuses to replace one row twice in a statement: the last of
	// those with the same key wins here.
	last := make(map[schema.Relationship]int, len(rows))
	for i, r := range rows {
		last[r.Key()] = i
	}
	elements := make([][]any, 0, len(last))
	for i, r := range rows {
		if last[r.Key()] == i {
			elements = append(elements, append(elementOf(r.Relationship),
				string(r.Resource.Domain()), seconds(r.ExpiresAt), r.Record, micros(r.WrittenAt)))
		}
	}
	// WHERE TRUE keeps SQLite from reading ON CONFLICT as a join's ON.
	return t.execAll(ctx, "put relationships", `INSERT INTO relationships (`+relationshipColumns+`) SELECT `+elementKey+
		`, value->>6, CAST(value->>7 AS bigint), value->>8, CAST(value->>9 AS bigint) FROM `+t.dialect.elements+
		` WHERE TRUE`+replace(relationshipKey, relationshipColumns), elements)
}

func (t *tx) DeleteRelationships(ctx context.Context, rels []schema.Relationship) error {
	elements := make([][]any, len(rels))
	for i, r := range rels {
		elements[i] = elementOf(r)
	}
	return t.execAll(ctx, "delete relationships", `DELETE FROM relationships WHERE (`+relationshipKey+
		`) IN (SELECT `+elementKey+` FROM `+t.dialect.elements+`)`, elements)
}

// execAll runs a statement that reads the elements, unless there are none.
func (t *tx) execAll(ctx context.Context, op, statement string, elements [][]any) error {
	if len(elements) == 0 {
		return nil
	}
	text, err := json.Marshal(elements)
	if err != nil {
		return t.note(ctx, op, err)
	}
	return t.exec(ctx, op, statement, string(text))
}

func elementOf(r schema.Relationship) []any {
	return []any{r.Resource.Type, r.Resource.ID, r.Relation, r.Subject.Type, r.Subject.ID, r.Subject.Relation}
}

func scanRelationship(row scanner) (engine.Row, error) {
	var (
		r                engine.Row
		expires, written int64
	)
	err := row.Scan(&r.Resource.Type, &r.Resource.ID, &r.Relation,
		&r.Subject.Type, &r.Subject.ID, &r.Subject.Relation, &expires, &r.Record, &written)
	r.ExpiresAt, r.WrittenAt = fromSeconds(expires), fromMicros(written)
	return r, err
}
