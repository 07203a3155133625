package engine

import (
	"context"
	"slices"

	"github.com/portico-authz/portico/schema"
)

// authorise asks the schema whether the actor may do the operation. Who lacks
// the permission learns which one it was, if they may see what it is about;
// for who may not, it isn't there.
func (a *attempt) authorise(ctx context.Context, v *View) error {
	about := a.op.About()
	switch {
	case a.actor.exempt(a.requirement):
		return v.exist(ctx, about)
	case a.actor.Kind == Operator:
		return Errorf(Forbidden, "the operator may not %s: name the person who acts", a.op.Name())
	}
	g := gate{engine: a.Engine, actor: a.actor, requirement: a.requirement, about: about}
	if err := g.pass(ctx, v.tx, v.State); err != nil {
		return err
	}
	if err := a.passIncluded(ctx, v, g); err != nil {
		return err
	}
	if err := g.seesOthers(ctx, v.tx, v.State); err != nil {
		return err
	}
	return v.exist(ctx, about)
}

// passIncluded asks what the operations require that this one includes.
func (a *attempt) passIncluded(ctx context.Context, v *View, g gate) error {
	c, ok := a.op.(composite)
	if !ok {
		return nil
	}
	for _, name := range c.includes() {
		if g.requirement, ok = a.portal.Operations[name]; !ok {
			return Errorf(NotFound, "the portal %s has no operation %q, which is part of this", a.portal.Name, name)
		}
		if a.actor.exempt(g.requirement) {
			continue
		}
		if err := g.pass(ctx, v.tx, v.State); err != nil {
			return err
		}
	}
	return nil
}

// seesOthers reports the first object, beyond the one that the requirement is
// asked on, that the actor may not know of: the account to put into a group. The
// platform's team acts at partners that it otherwise doesn't see, and an object
// of an operator's own type may be about to begin.
func (g gate) seesOthers(ctx context.Context, tx Tx, state DomainState) error {
	if g.requirement.Type == schema.TypePlatform {
		return nil
	}
	asked, err := g.object()
	if err != nil {
		return err
	}
	for i, o := range g.about[1:] {
		if o == asked || i == 0 && !engineTypes[o.Type] {
			continue
		}
		if e, err := tx.Entry(ctx, o); i == 0 && err == nil && e.State == Archived {
			continue // nobody sees it, and somebody may restore it
		}
		visible, err := g.sees(ctx, tx, state, o)
		if err != nil {
			return err
		}
		if !visible {
			return notFound(o)
		}
	}
	return nil
}

// exist reports the first object that the directory doesn't have. Roots have
// been found by their domain.
func (v *View) exist(ctx context.Context, about []schema.Object) error {
	for _, o := range about[1:] {
		if !engineTypes[o.Type] {
			continue // the operator's own: the directory knows nothing of them
		}
		if _, err := v.Entry(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// gate lets an actor pass who has the required permission on one of the
// objects that a request is about.
type gate struct {
	engine      *Engine
	actor       Actor
	requirement schema.Requirement
	about       []schema.Object // the domain's root first
}

// object returns what the requirement is asked on.
func (g gate) object() (schema.Object, error) {
	if g.requirement.Type == schema.TypePlatform {
		return schema.Platform(), nil
	}
	i := slices.IndexFunc(g.about, func(o schema.Object) bool { return o.Type == g.requirement.Type })
	if i < 0 {
		return schema.Object{}, Errorf(Internal, "portal.yaml asks %s of a request that is about no %s", g.requirement, g.requirement.Type)
	}
	return g.about[i], nil
}

// pass asks at the domain's present snapshot. It returns an [expiredError] if
// the snapshot must be renewed first.
func (g gate) pass(ctx context.Context, tx Tx, state DomainState) error {
	object, err := g.object()
	if err != nil {
		return err
	}
	allowed, err := g.ask(ctx, tx, state, Query{Resource: object, Permission: g.requirement.Permission, Subject: g.actor.Subject()})
	if err != nil || allowed {
		return err
	}
	for _, o := range g.about {
		visible, err := g.sees(ctx, tx, state, o)
		if err != nil {
			return err
		}
		if !visible {
			return notFound(o)
		}
	}
	return Errorf(Forbidden, "this needs the permission %s on %s", g.requirement.Permission, object)
}

// sees reports whether the actor may know that the object is there. What has
// no rule of its own is as visible as its partner.
func (g gate) sees(ctx context.Context, tx Tx, state DomainState, o schema.Object) (bool, error) {
	permission := g.engine.portal.Visible[o.Type]
	if permission == "" || o.Type == schema.TypePlatform {
		return true, nil
	}
	return g.ask(ctx, tx, state, Query{Resource: o, Permission: permission, Subject: g.actor.Subject()})
}

func (g gate) ask(ctx context.Context, tx Tx, state DomainState, q Query) (bool, error) {
	if q.Subject.IsZero() {
		return false, nil // who is no person has no permissions
	}
	if d := q.Resource.Domain(); d != state.Domain {
		var err error
		if state, err = tx.Domain(ctx, d); err != nil {
			return false, err
		}
	}
	decisions, err := g.engine.decide(ctx, state, []Query{q})
	if err != nil {
		return false, err
	}
	return decisions[0] == Allow, nil
}

// actorRole returns the title of the actor's role at the partner, for the
// journal; "" if they have no seat there.
func (v *View) actorRole(ctx context.Context) string {
	if v.Actor.Kind != Person {
		return ""
	}
	seats, err := v.Entries(ctx, EntryFilter{Type: schema.TypeStaff, User: v.Actor.User, States: []State{Active}})
	if err != nil || len(seats) == 0 {
		return ""
	}
	role, _ := v.Portal.Role(seats[0].Role)
	return role.Title
}
