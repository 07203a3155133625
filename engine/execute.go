package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"

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
	requirement, ok := e.portal.Operations[op.Name()]
	if _, own := op.(chore); !ok && !own {
		return nil, Errorf(NotFound, "the portal %s has no operation %q", e.portal.Name, op.Name())
	}
	a := &attempt{Engine: e, actor: actor, op: op, opts: opts, requirement: requirement}
	if err := a.prepare(ctx); err != nil {
		return nil, err
	}
	unlock, err := e.locks.lock(ctx, a.domain)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if opts.DryRun {
		return a.dryRun(ctx)
	}
	return a.run(ctx)
}

// attempt is one call of Do on its way.
type attempt struct {
	*Engine
	actor       Actor
	op          Operation
	opts        *DoOptions
	requirement schema.Requirement

	domain schema.Domain
	params json.RawMessage
	digest []byte // of the request, to tell repetitions from reuse of a key
	mint   minter
}

// prepare checks the request's form and finds its domain.
func (a *attempt) prepare(ctx context.Context) error {
	if len(a.opts.Reason) > MaxReason {
		return Errorf(Invalid, "the reason is longer than %d bytes", MaxReason)
	}
	if len(a.opts.IdempotencyKey) > 128 {
		return Errorf(Invalid, "the idempotency key is longer than 128 bytes")
	}
	if err := a.actor.validate(); err != nil {
		return err
	}
	request, err := json.Marshal(a.op)
	if err != nil {
		return WrapError(Internal, a.op.Name(), err)
	}
	h := sha256.New()
	for _, part := range []string{a.op.Name(), a.actor.User, a.opts.IdempotencyKey, string(request)} {
		writePart(h, part)
	}
	a.digest = h.Sum(nil)
	if a.opts.IdempotencyKey != "" {
		a.mint.seed = a.digest
	}
	if r, ok := a.op.(resolver); ok {
		err := a.store.View(ctx, func(tx Tx) error { return r.resolve(ctx, tx, a.mint) })
		if err != nil {
			return err
		}
	}
	if a.params, err = paramsOf(a.op); err != nil {
		return WrapError(Internal, a.op.Name(), err)
	}
	return a.checkAbout()
}

// checkAbout checks the ids that the operation is about: all of one domain,
// and one that the actor may reach.
func (a *attempt) checkAbout() error {
	about := a.op.About()
	a.domain = about[0].Domain()
	for _, o := range about {
		if err := o.Validate(); err != nil {
			return Errorf(Invalid, "%s", err)
		}
	}
	if a.actor.Partner != "" && a.actor.Partner != a.domain {
		return notFound(about[0])
	}
	return nil
}

// errPending ends a transaction that can't go on before an older operation is
// finished.
var errPending = errors.New("an older operation is pending")

const maxRounds = 5

// run journals the plan and finishes it; older pending operations and expired
// snapshots are seen to first.
func (a *attempt) run(ctx context.Context) (*Result, error) {
	for range maxRounds {
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
			return a.complete(ctx, rec, mail)
		}
		if again, err := a.settle(ctx, err, blocker); !again {
			return nil, err
		}
	}
	return nil, Errorf(Unavailable, "other operations keep this one waiting; try again")
}

// journal plans the operation and inserts it as pending. A request seen before
// returns the record of then.
func (a *attempt) journal(ctx context.Context, tx Tx) (Record, *InvitationMail, error) {
	if rec, err := a.repeated(ctx, tx); err != nil || rec.ID != "" {
		return rec, nil, err
	}
	v, err := a.view(ctx, tx)
	if err != nil {
		return Record{}, nil, err
	}
	plan, err := a.plan(ctx, v)
	if err != nil {
		return Record{}, nil, err
	}
	if plan.mail != nil && a.mailer == nil {
		return Record{}, nil, Errorf(Unavailable, "no mailer is set up, so nobody can be invited")
	}
	if v.State.Epoch == 0 {
		if err := tx.PutDomain(ctx, v.State); err != nil {
			return Record{}, nil, err
		}
	}
	rec := Record{
		ID: recordID(v.Now), Domain: a.domain, Seq: v.State.LastSeq + 1,
		Operation: a.op.Name(), Actor: a.actor, ActorRole: v.actorRole(ctx), Params: a.params, Reason: a.opts.Reason,
		Object: plan.Object, Summary: plan.Summary, Entries: plan.Entries, Updates: plan.Updates,
		State: Pending, IdempotencyKey: a.opts.IdempotencyKey, RequestDigest: a.digest, CreatedAt: v.Now,
	}
	return rec, plan.mail, tx.PutRecord(ctx, rec)
}

// repeated returns the record of the same request made before, if its key says
// that it is one.
func (a *attempt) repeated(ctx context.Context, tx Tx) (Record, error) {
	if a.opts.IdempotencyKey == "" {
		return Record{}, nil
	}
	found, err := tx.Records(ctx, RecordFilter{
		Domain: a.domain, Actor: a.actor.User, IdempotencyKey: a.opts.IdempotencyKey,
	})
	if err != nil || len(found) == 0 {
		return Record{}, err
	}
	if !bytes.Equal(found[0].RequestDigest, a.digest) {
		return Record{}, Errorf(Conflict, "the idempotency key was used for another request")
	}
	return found[0], nil
}

// view returns the domain as a plan may see it.
func (a *attempt) view(ctx context.Context, tx Tx) (*View, error) {
	state, err := tx.Domain(ctx, a.domain)
	_, founds := a.op.(founder)
	if CodeOf(err) == NotFound && founds {
		state, err = DomainState{Domain: a.domain, CreatedAt: a.now()}, nil
	}
	if CodeOf(err) == NotFound || err == nil && state.Epoch == 0 && !founds && a.domain != schema.PlatformDomain {
		return nil, notFound(a.domain.Root())
	}
	if err != nil {
		return nil, err
	}
	if want := a.opts.ExpectedEpoch; want != nil && *want != state.Epoch {
		return nil, Errorf(Stale, "the expected epoch is %d, and %q is in epoch %d: read again and retry", *want, a.domain, state.Epoch)
	}
	if _, own := a.op.(chore); state.due(a.now()) && !own {
		return nil, errDue
	}
	return &View{
		tx: tx, mint: a.mint, Portal: a.portal, Domain: a.domain, State: state, Actor: a.actor, Now: a.now(),
		InvitationLife: a.invitationLife,
	}, nil
}

// plan asks the schema, then the operation, then the invariants.
func (a *attempt) plan(ctx context.Context, v *View) (*Plan, error) {
	if err := a.authorise(ctx, v); err != nil {
		return nil, err
	}
	plan, err := a.op.Plan(ctx, v)
	if err != nil {
		return nil, err
	}
	return plan, checkInvariants(ctx, v, plan)
}

// complete makes a journaled operation happen, whether the caller waits or not,
// and tells what became of it.
func (a *attempt) complete(ctx context.Context, rec Record, mail *InvitationMail) (*Result, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.writeTimeout)
	defer cancel()
	rec, err := a.finish(ctx, rec)
	if err != nil {
		return nil, err
	}
	result := rec.result()
	if mail != nil && !a.deliver(ctx, rec.Object, *mail) {
		result.Notice = "the invitation couldn't be delivered yet; this is tried again"
	}
	return result, nil
}

func (r Record) result() *Result {
	return &Result{
		Record: r.ID, Object: r.Object, Epoch: r.Epoch, Summary: r.Summary,
		Token: readToken{Domain: r.Domain, Epoch: r.Epoch}.String(),
	}
}

// dryRun plans, says who would gain and lose what, and writes nothing.
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
			impact, err := impactOf(ctx, v, plan)
			result = &Result{Object: plan.Object, Epoch: v.State.Epoch, Summary: plan.Summary, Impact: impact}
			return err
		})
		if err == nil {
			return result, nil
		}
		if again, err := a.settle(ctx, err, Record{}); !again {
			return nil, err
		}
	}
	return nil, Errorf(Unavailable, "the state keeps changing; try again")
}
