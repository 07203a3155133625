package sqlstore

import "context"

func (t *tx) Setting(ctx context.Context, name string) ([]byte, error) {
	q := newQuery("setting "+name, `SELECT value FROM settings`)
	q.compare("name", "=", name)
	return first(ctx, t, q, func(row scanner) (value []byte, err error) { return value, row.Scan(&value) })
}

func (t *tx) PutSetting(ctx context.Context, name string, value []byte) error {
	return t.exec(ctx, "put setting "+name, upsert("settings", "name", "name, value"), name, blob(value))
}
