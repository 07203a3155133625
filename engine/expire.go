package engine

import (
	"context"
	"errors"
	"time"

	"github.com/portico-authz/portico/schema"
)

// A grant's expiry is an operation like any other. From that moment on no
// answer of the old epoch is given: whoever asks first drops what has expired,
// and so begins the next. SpiceDB lets relationships expire too, but its caches
// don't know of it (v1.56.0).

// errDue ends a transaction that can't go on before expired grants are dropped.
var errDue = errors.New("grants have expired")

// due reports whether something has expired since the epoch began.
func (s DomainState) due(now time.Time) bool {
	return !s.NextExpiry.IsZero() && !now.Before(s.NextExpiry)
}

// expire drops what has expired in the domain, unless somebody else just did.
func (e *Engine) expire(ctx context.Context, d schema.Domain) error {
	unlock, err := e.locks.lock(ctx, d)
	if err != nil {
		return err
	}
	defer unlock()
	return e.sweepDue(ctx, d)
}

// sweepDue is expire for who holds the domain's lock.
func (e *Engine) sweepDue(ctx context.Context, d schema.Domain) error {
	state, err := e.store.Domain(ctx, d)
	if err != nil || !state.due(e.now()) {
		return err
	}
	sweep := &attempt{Engine: e, actor: Actor{Kind: System}, op: &sweepExpired{Partner: string(d)}, opts: &DoOptions{}, holding: true}
	if err := sweep.prepare(ctx); err != nil {
		return err
	}
	_, _, err = sweep.run(ctx)
	return err
}

// sweepExpired drops expired relationships. The engine does it by itself.
type sweepExpired struct {
	Partner string `json:"partner"`
}

func (*sweepExpired) Name() string { return "sweep_expired" }

func (*sweepExpired) chore() {}

func (o *sweepExpired) About() []schema.Object {
	return []schema.Object{schema.Domain(o.Partner).Root()}
}

func (o *sweepExpired) Plan(ctx context.Context, v *View) (*Plan, error) {
	rows, err := v.Rows(ctx, RelationshipFilter{ExpiredAt: v.Now, Limit: MaxUpdates})
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: v.Domain.Root(), Summary: "dropped grants that have expired"}
	p.dropRows(rows)
	return p, nil
}
