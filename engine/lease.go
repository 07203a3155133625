package engine

import (
	"context"
	"encoding/json"
	"time"

	"github.com/portico-authz/portico/schema"
)

// settingLease says which replica does the chores, and until when.
const settingLease = "lease"

// lease is one replica's turn at the chores. Chores are safe side by side, and
// only wasteful: so clocks that differ, or a holder that is slow, do no harm. A
// turn that is longer than any can be comes from a wrong clock and isn't kept.
type lease struct {
	Holder string    `json:"holder"`
	Until  time.Time `json:"until"`
}

// hold takes or keeps the turn, and reports whether this replica has it.
func (e *Engine) hold(ctx context.Context) (bool, error) {
	held := false
	err := e.store.Update(ctx, schema.PlatformDomain, func(tx Tx) error {
		var (
			present lease
			now     = e.now()
		)
		text, err := tx.Setting(ctx, settingLease)
		if err == nil {
			err = json.Unmarshal(text, &present)
		}
		if err != nil && CodeOf(err) != NotFound {
			return err
		}
		runs := now.Before(present.Until) && !present.Until.After(now.Add(e.leaseLife))
		if held = present.Holder == e.replica || !runs; !held {
			return nil
		}
		text, err = json.Marshal(lease{Holder: e.replica, Until: now.Add(e.leaseLife)})
		if err != nil {
			return err
		}
		return tx.PutSetting(ctx, settingLease, text)
	})
	return held && err == nil, err
}
