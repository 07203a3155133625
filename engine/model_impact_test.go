package engine_test

import (
	"context"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/portico-authz/portico/engine"
)

// rehearse does an act dry and, if it is permitted, for real: who gains and
// loses what must have been foreseen, as far as the actor may know of it.
func (r *run) rehearse(t *rapid.T, a act) error {
	if err := r.tell(t, a, manner{dry: true}); err != nil || len(r.m.Judge(a).refusals) > 0 {
		return err
	}
	dry, err := r.Do(context.Background(), a.Actor, a.Op, &engine.DoOptions{DryRun: true})
	if err != nil {
		return fmt.Errorf("%s by %s, dry once more: %w", a.Op.Name(), a.Actor.User, err)
	}
	before := r.believed()
	if err := r.tell(t, a, manner{}); err != nil {
		return err
	}
	after := r.believed()
	gains, losses, i := without(after, before), without(before, after), dry.Impact
	untold := len(gains) + len(losses) - len(i.Gains) - len(i.Losses)
	if untold > i.Hidden {
		return fmt.Errorf("%s by %s: of %v gained and %v lost, %v and %v were foreseen", a.Op.Name(), a.Actor.User, gains, losses, i.Gains, i.Losses)
	}
	if wrong := without(i.Gains, gains); len(wrong) > 0 {
		return fmt.Errorf("%s by %s: the gain of %v was foreseen", a.Op.Name(), a.Actor.User, wrong)
	}
	if wrong := without(i.Losses, losses); len(wrong) > 0 {
		return fmt.Errorf("%s by %s: the loss of %v was foreseen", a.Op.Name(), a.Actor.User, wrong)
	}
	return nil
}

// believed returns all that the model permits anybody now.
func (r *run) believed() []engine.Change {
	var all []engine.Change
	for _, o := range r.m.Objects() {
		for _, permission := range r.portal.Model.PermissionNames(o.Type) {
			for _, person := range r.w.Persons {
				if r.m.May(person, o, permission) {
					all = append(all, engine.Change{User: person, Resource: o, Permission: permission})
				}
			}
		}
	}
	return all
}

// without returns the changes that are in one list and not in the other.
func without(in, notIn []engine.Change) []engine.Change {
	known := map[engine.Change]bool{}
	for _, c := range notIn {
		known[c] = true
	}
	return slices.DeleteFunc(slices.Clone(in), func(c engine.Change) bool { return known[c] })
}
