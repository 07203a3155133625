package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Every demo has two firms, and somebody who works for both.
const (
	demoPartner = "acme"
	demoOwner   = "olivia@acme.example"
	demoAdvisor = "ben@acme.example" // who works for both

	demoLastPartner = "globex" // made last: with it the demo is complete
	demoLastOwner   = "greta@globex.example"
)

// demo is what --demo shows of a portal.
type demo struct {
	portal string
	store  DSN // where it lives, unless --store says otherwise
	script func(*demoScript)
	hints  []demoHint
}

// demos are the demos that there are, by portal.
func demos() []demo {
	return []demo{agencyDemo(), programDemo(), workspaceDemo(), studioDemo()}
}

// demoOf returns the demo of a portal, which is known by its name: a copy that
// was given another may have other rules.
func demoOf(portal *schema.Portal) (demo, error) {
	var names []string
	for _, d := range demos() {
		if d.portal == portal.Name {
			return d, nil
		}
		names = append(names, d.portal)
	}
	return demo{}, usageError("--demo: the portal %q has no demo; these have: %s", portal.Name, strings.Join(names, ", "))
}

// steps are the demo's operations in order: the same every time, but for times,
// which lie about now.
func (d demo) steps(now time.Time) []demoStep {
	s := &demoScript{today: now.UTC().Truncate(24 * time.Hour)}
	s.do(engine.Actor{Kind: engine.Operator}, &engine.AddSupport{User: "sam@portal.example"})
	d.script(s)
	return s.steps
}

// fillDemo makes the demo's firms, through the engine like anybody, unless they
// are there.
func (a *app) fillDemo(ctx context.Context, mail *tap, stderr io.Writer) error {
	d, err := demoOf(a.portal)
	if err != nil {
		return err
	}
	if _, _, err := a.engine.ViewPartner(ctx, engine.PersonActor(demoLastOwner), demoLastPartner); err == nil {
		return nil // the last firm is there: the demo is complete
	}
	if _, _, err := a.engine.ViewPartner(ctx, engine.PersonActor(demoOwner), demoPartner); err == nil {
		return fmt.Errorf("an earlier start was interrupted; remove %s and start again", a.config.Store)
	}
	tokens := mail.capture()
	defer mail.release()
	progress := newMeter(stderr, a.log, "filling the demo")
	defer progress.done()
	steps := d.steps(time.Now())
	for i, step := range steps {
		progress.set(i, len(steps))
		if step.accept != "" {
			step.op = &engine.AcceptInvitation{Token: tokens(step.accept)}
		}
		// The key makes the names that are minted the same in every demo.
		opts := &engine.DoOptions{IdempotencyKey: fmt.Sprintf("demo-%d", i)}
		if _, err := a.engine.Do(ctx, step.actor, step.op, opts); err != nil {
			return fmt.Errorf("step %d, %s: %w", i, step.op.Name(), err)
		}
	}
	return nil
}
