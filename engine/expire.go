package engine

import (
	"context"
	"errors"
	"time"

	"github.com/portico-authz/portico/schema"
)

// A grant's expiry is an operation like any other: from that moment on no
// answer of the old epoch is given, and whoever asks first, or maintenance,
// drops what has expired and so begins the next. SpiceDB lets relationships
// expire too, but its caches don't know of it (v1.56.0).

// errDue ends a transaction that can't go on before expired grants are dropped.
var errDue = errors.New("grants have expired")

// due reports whether something has expired since the epoch began.
func (s DomainState) due(now time.Time) bool {
	return !s.NextExpiry.IsZero() && !now.Before(s.NextExpiry)
}

// expire drops what has expired in the domain.
func (e *Engine) expire(ctx context.Context, d schema.Domain) error {
	_, err := e.Do(ctx, Actor{Kind: System}, &sweepExpired{Partner: string(d)}, nil)
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

// settle runs what must be done before the attempt can go on, if err says so.
// It reports whether the attempt should be made again.
func (a *attempt) settle(ctx context.Context, err error, blocker Record) (bool, error) {
	var expired *expiredError
	switch {
	case errors.Is(err, errPending):
		if _, err := a.finish(ctx, blocker); CodeOf(err) == Unavailable {
			return false, err
		}
		return true, nil
	case errors.Is(err, errDue):
		sweep := &attempt{Engine: a.Engine, actor: Actor{Kind: System}, op: &sweepExpired{Partner: string(a.domain)}, opts: &DoOptions{}}
		if err := sweep.prepare(ctx); err != nil {
			return false, err
		}
		_, err := sweep.run(ctx)
		return err == nil, err
	case errors.As(err, &expired):
		err := a.renew(ctx, expired.state)
		return err == nil, err
	}
	return false, err
}
