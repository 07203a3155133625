package engine

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/portico-authz/portico/engine/failpoint"
	"github.com/portico-authz/portico/schema"
)

// DoOptions say how an operation is done. The zero value works.
type DoOptions struct {
	DryRun bool // plan only: nothing is written
	// IdempotencyKey makes repeating the request harmless: the same actor's
	// same request with the same key has one effect and one answer.
	IdempotencyKey string
	Reason         string // kept in the journal
	// ExpectedEpoch, if set, must be the partner's; the operation is Stale otherwise.
	ExpectedEpoch *int64
}

// Result is an operation's answer.
type Result struct {
	Record  string        `json:"record,omitempty"` // the journal record's id; empty for a dry run
	Object  schema.Object `json:"object"`           // what was made or changed
	Epoch   int64         `json:"epoch"`            // that the operation began; for a dry run, the present one
	Token   string        `json:"token,omitempty"`  // for reads that must not be older
	Summary string        `json:"summary"`
	Impact  *Impact       `json:"impact,omitempty"` // dry runs only
	Notice  string        `json:"notice,omitempty"` // what didn't go well beside it
}

// MaxReason is the longest reason, in bytes.
const MaxReason = 1000

// Do plans the operation, checks that the portal's schema permits it to the
// actor and that no invariant breaks, and makes it happen: when Do returns nil
// the change is durable and every later check on every replica knows it. On
// Unavailable it may still happen; repeating it with its idempotency key tells.
// Any other error means that nothing was changed.
func (e *Engine) Do(ctx context.Context, actor Actor, op Operation, opts *DoOptions) (*Result, error) {
	if opts == nil {
		opts = &DoOptions{}
	}
	requirement, err := e.requirementOf(op)
	if err != nil {
		return nil, err
	}
	a := &attempt{Engine: e, actor: actor, op: clone(op), opts: opts, requirement: requirement}
	if err := a.prepare(ctx); err != nil {
		return nil, err
	}
	if opts.DryRun {
		return a.dryRun(ctx)
	}
	result, mail, err := a.locked(ctx)
	if mail != nil && !e.deliver(ctx, result.Object, *mail) {
		result.Notice = "the invitation couldn't be delivered yet; this is tried again"
	}
	return result, err
}

// requirementOf returns what the portal requires for the operation: NotFound if
// it hasn't the operation.
func (e *Engine) requirementOf(op Operation) (schema.Requirement, error) {
	if g, ok := op.(guarded); ok {
		return g.requirement(e.portal)
	}
	requirement, ok := e.portal.Operations[op.Name()]
	if _, own := op.(chore); !ok && !own {
		return schema.Requirement{}, Errorf(NotFound, "the portal %s has no operation %q", e.portal.Name, op.Name())
	}
	return requirement, nil
}

// clone copies an operation, since resolving fills in what the caller left out.
func clone(op Operation) Operation {
	copied := reflect.New(reflect.TypeOf(op).Elem())
	copied.Elem().Set(reflect.ValueOf(op).Elem())
	return copied.Interface().(Operation)
}

// locked runs the attempt while no other of the domain runs in this process.
func (a *attempt) locked(ctx context.Context) (*Result, *InvitationMail, error) {
	unlock, err := a.locks.lock(ctx, a.domain)
	if err != nil {
		return nil, nil, err
	}
	defer unlock()
	a.holding = true
	return a.run(ctx)
}

// errPending ends a transaction that can't go on before an older operation is
// finished.
var errPending = errors.New("an older operation is pending")

const maxRounds = 5

// run journals the plan and finishes it; older pending operations, expired
// grants and expired snapshots are seen to first. The mail is for the caller to
// send.
func (a *attempt) run(ctx context.Context) (*Result, *InvitationMail, error) {
	for began, rounds := time.Now(), 0; rounds < maxRounds && time.Since(began) < maxWait; {
		var (
			rec, blocker Record
			mail         *InvitationMail
		)
		err := a.store.Update(ctx, a.domain, func(tx Tx) error {
			var err error
			if blocker, err = pendingRecord(ctx, tx, a.domain); err != nil {
				return err
			}
			if blocker.ID != "" {
				return errPending
			}
			rec, mail, err = a.journal(ctx, tx)
			return err
		})
		if err == nil {
			result, err := a.complete(ctx, rec)
			if err != nil {
				mail = nil
			}
			return result, mail, err
		}
		if !errors.Is(err, errPending) {
			rounds++ // those that wait have a limit of their own
		}
		if again, err := a.settle(ctx, err, blocker); !again {
			return nil, nil, err
		}
	}
	return nil, nil, Errorf(Unavailable, "other operations keep this one waiting; try again")
}

// settle runs what must be done before the attempt can go on, if err says so.
// It reports whether the attempt should be made again.
func (a *attempt) settle(ctx context.Context, err error, blocker Record) (bool, error) {
	var expired *expiredError
	switch {
	case errors.Is(err, errPending) && a.underWay(blocker):
		err := a.pause(ctx)
		return err == nil, err
	case errors.Is(err, errPending):
		blocker, err := a.finish(ctx, blocker)
		return err == nil || blocker.State == Rejected, err
	case errors.Is(err, errDue):
		err := a.sweepDue(ctx, a.domain)
		return err == nil, err
	case CodeOf(err) == Conflict && a.refounding():
		return true, nil
	case errors.As(err, &expired):
		renew := a.renew
		if a.holding {
			renew = a.renewLocked
		}
		err := renew(ctx, expired.state, expired.why)
		return err == nil, err
	}
	return false, err
}

const (
	// maxWait is how long an operation waits for those of other replicas.
	maxWait = 10 * time.Second
	// beforeHelping is how long they have before it does their work for them.
	beforeHelping = time.Second
)

// underWay reports whether another replica is likely to be finishing the
// operation now, so that doing it too would only be in its way.
func (a *attempt) underWay(blocker Record) bool {
	age := a.now().Sub(blocker.CreatedAt)
	return a.store.Shared() && age >= 0 && age < beforeHelping
}

// pause waits a little, each time for another while.
func (a *attempt) pause(ctx context.Context) error {
	select {
	case <-time.After(5*time.Millisecond + rand.N(20*time.Millisecond)): //nolint:gosec // it needn't be unpredictable
		return nil
	case <-ctx.Done():
		return WrapError(Unavailable, "wait for "+string(a.domain), ctx.Err())
	}
}

// complete makes a journaled operation happen, whether the caller waits or not.
func (a *attempt) complete(ctx context.Context, rec Record) (*Result, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.writeTimeout)
	defer cancel()
	rec, err := a.finish(ctx, rec)
	if err != nil {
		return nil, err
	}
	failpoint.Reach(failpoint.OperationApplied)
	return rec.result(), nil
}

func (r Record) result() *Result {
	return &Result{
		Record: r.ID, Object: r.Object, Epoch: r.Epoch, Summary: r.Summary,
		Token: readToken{Domain: r.Domain, Epoch: r.Epoch}.String(),
	}
}

// dryRun plans, says who would gain and lose what, and writes nothing of it. It
// may have to drop what has expired first, as any reader may.
func (a *attempt) dryRun(ctx context.Context) (*Result, error) {
	for range maxRounds {
		var result *Result
		err := a.store.View(ctx, func(tx Tx) error {
			v, err := a.view(ctx, tx)
			if err != nil {
				return err
			}
			plan, err := a.plan(ctx, v)
			if err != nil {
				return err
			}
			impact, err := impactOf(ctx, v, plan, a.requirement)
			result = &Result{Object: plan.Object, Epoch: v.State.Epoch, Summary: plan.Summary, Impact: impact}
			return err
		})
		if err == nil {
			return result, nil
		}
		if errors.Is(err, errDue) {
			if err := a.expire(ctx, a.domain); err != nil {
				return nil, err
			}
			continue
		}
		if again, err := a.settle(ctx, err, Record{}); !again {
			return nil, err
		}
	}
	return nil, Errorf(Unavailable, "the state keeps changing; try again")
}
