package sqlstore

import (
	"context"
	"fmt"

	"github.com/portico-authz/portico/engine"
)

// Explain returns SQLite's plan of the query that a filter makes.
func (s *Store) Explain(ctx context.Context, filter any) ([]string, error) {
	var q *query
	switch f := filter.(type) {
	case engine.EntryFilter:
		q = entriesQuery(f)
	case engine.RelationshipFilter:
		q = relationshipsQuery(f)
	case engine.RecordFilter:
		q = recordsQuery(f)
	default:
		return nil, fmt.Errorf("no filter: %T", filter)
	}
	explained := &query{args: q.args}
	explained.text.WriteString("EXPLAIN QUERY PLAN " + q.text.String())
	return rows(ctx, s.read, explained, func(row scanner) (detail string, err error) {
		var id, parent, unused int
		return detail, row.Scan(&id, &parent, &unused, &detail)
	})
}
