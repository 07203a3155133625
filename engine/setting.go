package engine

import (
	"context"
	"encoding/json"
)

// setting returns what is kept under name, or keeps and returns what first makes.
func setting(ctx context.Context, tx Tx, name string, first func() []byte) ([]byte, error) {
	value, err := tx.Setting(ctx, name)
	if CodeOf(err) != NotFound {
		return value, err
	}
	value = first()
	return value, tx.PutSetting(ctx, name, value)
}

// readSetting reads JSON that is kept under name; value stays as it is if there
// is none.
func readSetting(ctx context.Context, tx Tx, name string, value any) error {
	text, err := tx.Setting(ctx, name)
	if CodeOf(err) == NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(text, value)
}

// keepSetting keeps the value under name, as JSON.
func keepSetting(ctx context.Context, tx Tx, name string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return tx.PutSetting(ctx, name, text)
}
