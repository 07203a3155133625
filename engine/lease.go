package engine

import (
	"context"
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
		if err := readSetting(ctx, tx, settingLease, &present); err != nil {
			return err
		}
		runs := now.Before(present.Until) && !present.Until.After(now.Add(e.leaseLife))
		if held = present.Holder == e.replica || !runs; !held {
			return nil
		}
		return keepSetting(ctx, tx, settingLease, lease{Holder: e.replica, Until: now.Add(e.leaseLife)})
	})
	return held && err == nil, err
}
