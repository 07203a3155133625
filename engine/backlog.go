package engine

import (
	"context"
	"time"
)

// Backlog is what has been journaled and isn't finished.
type Backlog struct {
	Pending int           // operations, of which there is one per partner at most
	Oldest  time.Duration // age of the oldest; 0 if there is none
}

// Backlog returns what is unfinished now. Operations on their way count, too:
// what stays is the sign that something is wrong.
func (e *Engine) Backlog(ctx context.Context) (Backlog, error) {
	var b Backlog
	err := e.store.View(ctx, func(tx Tx) error {
		pending, err := tx.Records(ctx, RecordFilter{States: []RecordState{Pending}})
		b.Pending = len(pending)
		for _, r := range pending {
			b.Oldest = max(b.Oldest, e.now().Sub(r.CreatedAt))
		}
		return err
	})
	return b, err
}
