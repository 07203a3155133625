package sqlstore

import (
	"context"
	"encoding/json"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

const (
	domainColumns = `name, epoch, token, token_at, schema_digest, last_operation, last_seq, last_hash, next_expiry, created_at`
	selectDomain  = `SELECT ` + domainColumns + ` FROM domains`
)

func (t *tx) Domain(ctx context.Context, domain schema.Domain) (engine.DomainState, error) {
	state, err := domainState(ctx, t.sql, domain)
	return state, t.note(ctx, "domain "+string(domain), err)
}

func domainState(ctx context.Context, db queryer, domain schema.Domain) (engine.DomainState, error) {
	return scanDomain(db.QueryRowContext(ctx, selectDomain+` WHERE name = $1`, string(domain)))
}

// Domains is [engine.Store.Domains].
func (s *Store) Domains(ctx context.Context, domains []schema.Domain) ([]engine.DomainState, error) {
	const op = "states of domains"
	elements := make([][]schema.Domain, len(domains))
	for i, d := range domains {
		elements[i] = []schema.Domain{d}
	}
	text, err := json.Marshal(elements)
	if err != nil {
		return nil, translate(op, err)
	}
	q := newQuery(op, selectDomain)
	q.text.WriteString(` AND name IN (SELECT value->>0 FROM ` + s.dialect.elements + `)`)
	q.args = append(q.args, string(text))
	states, err := rows(ctx, s.read, q, scanDomain)
	return states, translate(op, err)
}

func (t *tx) Domains(ctx context.Context, f engine.DomainFilter) ([]engine.DomainState, error) {
	return collect(ctx, t, domainsQuery(f), scanDomain)
}

func domainsQuery(f engine.DomainFilter) *query {
	q := newQuery("domains", selectDomain)
	if !f.TokenBefore.IsZero() {
		q.compare("token_at", "<", micros(f.TokenBefore))
	}
	if f.After != "" {
		q.compare("name", ">", string(f.After))
	}
	q.order("name", f.Limit)
	return q
}

// PutDomain creates a domain, unless this transaction holds its row. So of two
// transactions that create it beside each other, one meets a Conflict.
func (t *tx) PutDomain(ctx context.Context, s engine.DomainState) error {
	statement := insert("domains", domainColumns)
	if t.locked[s.Domain] {
		statement += replace("name", domainColumns)
	}
	err := t.exec(ctx, "put domain "+string(s.Domain), statement,
		string(s.Domain), s.Epoch, string(s.Token), micros(s.TokenAt), s.SchemaDigest,
		s.LastOperation, s.LastSeq, blob(s.LastHash), seconds(s.NextExpiry), micros(s.CreatedAt))
	if err != nil {
		return err
	}
	t.locked[s.Domain] = true
	t.changed[s.Domain] = asStored(s)
	return nil
}

func scanDomain(row scanner) (engine.DomainState, error) {
	var (
		s                     engine.DomainState
		made, expiry, created int64
	)
	err := row.Scan(&s.Domain, &s.Epoch, &s.Token, &made, &s.SchemaDigest,
		&s.LastOperation, &s.LastSeq, &s.LastHash, &expiry, &created)
	s.TokenAt = fromMicros(made)
	s.NextExpiry = fromSeconds(expiry)
	s.CreatedAt = fromMicros(created)
	return s, err
}
