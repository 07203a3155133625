package sqlstore

import (
	"context"
	"database/sql"

	"github.com/portico-authz/portico/engine"
)

const (
	keyColumns = `id, name, hash, scopes, partner, created_at, expires_at, revoked_at`
	selectKey  = `SELECT ` + keyColumns + ` FROM api_keys`
)

func (t *tx) Key(ctx context.Context, id string) (engine.Key, error) {
	q := newQuery("key "+id, selectKey)
	q.compare("id", "=", id)
	return first(ctx, t, q, scanKey)
}

func (t *tx) Keys(ctx context.Context) ([]engine.Key, error) {
	q := newQuery("keys", selectKey)
	q.order("id", 0)
	return collect(ctx, t, q, scanKey)
}

func (t *tx) PutKey(ctx context.Context, k engine.Key) error {
	op := "put key " + k.ID
	scopes, err := asJSON(k.Scopes, len(k.Scopes))
	if err != nil {
		return t.note(ctx, op, err)
	}
	return t.exec(ctx, op, upsert("api_keys", "id", keyColumns),
		k.ID, k.Name, blob(k.Hash), scopes, string(k.Partner),
		micros(k.CreatedAt), micros(k.ExpiresAt), micros(k.RevokedAt))
}

func scanKey(row scanner) (engine.Key, error) {
	var (
		k                         engine.Key
		scopes                    sql.Null[string]
		created, expires, revoked int64
	)
	err := row.Scan(&k.ID, &k.Name, &k.Hash, &scopes, &k.Partner, &created, &expires, &revoked)
	if err != nil {
		return engine.Key{}, err
	}
	k.CreatedAt, k.ExpiresAt, k.RevokedAt = fromMicros(created), fromMicros(expires), fromMicros(revoked)
	return k, fromJSON(scopes, &k.Scopes)
}
