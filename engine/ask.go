package engine

import (
	"context"

	"github.com/portico-authz/portico/schema"
)

// MayAsk returns nil if the actor may have decisions about the subject at the
// domain: about themself, if they may know of the domain, and about others, if
// they pass the view "explain" there (on the platform, "support"). Whom nothing
// restricts, such as a trusted application, has no need to ask. See also
// [Engine.Hidden].
func (e *Engine) MayAsk(ctx context.Context, actor Actor, d schema.Domain, subject schema.Subject) error {
	if err := d.Validate(); err != nil {
		return Errorf(Invalid, "%s", err)
	}
	about := []schema.Object{d.Root()}
	if !subject.IsZero() && subject == actor.Subject() {
		return e.looking(ctx, actor, about, func(v *View) error { return e.knows(ctx, v, about) })
	}
	view := "explain"
	if d == schema.PlatformDomain {
		view = "support"
	}
	return e.viewing(ctx, actor, view, about, func(*View) error { return nil })
}
