package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"

	"github.com/portico-authz/portico/schema"
)

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

	refounded bool
	holding   bool // the domain's lock
}

// refounding reports, once, that a repeatable request to make a domain met
// another that made it meanwhile: that may be the same request, whose record
// then has the answer.
func (a *attempt) refounding() bool {
	_, founds := a.op.(founder)
	again := founds && a.opts.IdempotencyKey != "" && !a.refounded
	a.refounded = true
	return again
}

const maxIdempotencyKey = 128

// MaxAbout is how many objects an operation may name.
const MaxAbout = 100

// prepare checks the request's form and finds its domain.
func (a *attempt) prepare(ctx context.Context) error {
	if len(a.opts.Reason) > MaxReason || !printable(a.opts.Reason) {
		return Errorf(Invalid, "the reason is longer than %d bytes, or holds control characters", MaxReason)
	}
	if len(a.opts.IdempotencyKey) > maxIdempotencyKey || !printable(a.opts.IdempotencyKey) {
		return Errorf(Invalid, "the idempotency key is longer than %d bytes, or holds control characters", maxIdempotencyKey)
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
	if len(about) > MaxAbout {
		return Errorf(Invalid, "this names %d objects, and %d is the most", len(about), MaxAbout)
	}
	a.domain = about[0].Domain()
	for _, o := range about {
		if err := o.Validate(); err != nil {
			return Errorf(Invalid, "%s", err)
		}
		if o.Domain() != a.domain {
			return notFound(o) // nothing of another partner's is there at this one
		}
	}
	if a.actor.Partner != "" && a.actor.Partner != a.domain {
		if _, ok := a.op.(*AcceptInvitation); ok {
			return errInvitation() // which partner it is of isn't theirs to learn
		}
		return notFound(about[0])
	}
	return nil
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
		ID: recordID(v.Now), Domain: a.domain, Seq: v.State.LastSeq + 1, After: v.State.LastOperation,
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
	if _, own := a.op.(chore); state.due(a.now()) && !own {
		return nil, errDue
	}
	v := a.newView(tx, state, a.actor)
	v.mint, v.InvitationLife = a.mint, a.invitationLife
	return v, nil
}

// plan asks the schema, then the operation, then the invariants.
func (a *attempt) plan(ctx context.Context, v *View) (*Plan, error) {
	if err := a.authorise(ctx, v); err != nil {
		return nil, err
	}
	if want := a.opts.ExpectedEpoch; want != nil && *want != v.State.Epoch {
		return nil, Errorf(Stale, "the expected epoch is %d, and %q is in epoch %d: read again and retry", *want, a.domain, v.State.Epoch)
	}
	plan, err := a.op.Plan(ctx, v)
	if err != nil {
		return nil, err
	}
	return plan, checkInvariants(ctx, v, plan)
}
