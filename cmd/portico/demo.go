package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// demoStep is one operation of the demo, and who does it.
type demoStep struct {
	actor engine.Actor
	op    engine.Operation
	// accept, if set, is the address whose invitation the actor accepts.
	accept string
}

// fillDemo makes the demo's firms, through the engine like anybody, unless they
// are there.
func (a *app) fillDemo(ctx context.Context, mail *tap, stderr io.Writer) error {
	owner := engine.PersonActor(demoOwner)
	steps := demoSteps(time.Now())
	_, _, err := a.engine.ViewPartner(ctx, engine.PersonActor(demoLastOwner), demoLastPartner)
	if err == nil {
		return nil // the last firm is there: the demo is complete
	}
	if _, _, err := a.engine.ViewPartner(ctx, owner, demoPartner); err == nil {
		return fmt.Errorf("an earlier start was interrupted; remove %s and start again", a.config.Store)
	}
	tokens := mail.capture()
	defer mail.release()
	progress := newMeter(stderr, a.log, "filling the demo")
	defer progress.done()
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

// tap stands before a mailer, and keeps invitations back while a demo is being
// filled: nobody is behind its addresses.
type tap struct {
	next   engine.Mailer
	mu     sync.Mutex        // guards tokens
	tokens map[string]string // by address, while capturing; nil otherwise
}

// into puts the tap before next.
func (t *tap) into(next engine.Mailer) engine.Mailer {
	t.next = next
	return t
}

// SendInvitation implements [engine.Mailer].
func (t *tap) SendInvitation(ctx context.Context, m engine.InvitationMail) error {
	t.mu.Lock()
	kept := t.tokens != nil
	if kept {
		t.tokens[m.Email] = m.Token
	}
	t.mu.Unlock()
	if kept {
		return nil
	}
	if t.next == nil {
		return engine.Errorf(engine.Unavailable, "no mailer is set up")
	}
	return t.next.SendInvitation(ctx, m)
}

// capture begins to keep invitations back, and returns what finds the token of
// the last one to an address.
func (t *tap) capture() func(email string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tokens = map[string]string{}
	return func(email string) string {
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.tokens[email]
	}
}

func (t *tap) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tokens = nil
}

// printDemo tells what to try. key is empty if it was shown before.
func printDemo(out *printer, url, key string) {
	give := "export PORTICO_KEY=" + key
	if key == "" {
		give = "# and put the key that the first start showed into PORTICO_KEY"
	}
	account := schema.Obj("account", demoPartner, demoAccount)
	out.f(`
The demo: %s and %s. Their owners are user:%s and user:%s. Try, elsewhere:

  export PORTICO_SERVER=%s
  %s
  portico check %s access user:%s
  portico explain %s access user:%s
  portico list resources client access user:%s --partner %s
  portico do remove_client_staff --partner %s --client %s --staff %s --as user:%s --dry-run
  curl -s $PORTICO_SERVER/v1/check -H "Authorization: Bearer $PORTICO_KEY" -H 'Content-Type: application/json' \
    -d '{"resource":"%s","permission":"access","subject":"user:%s"}'
`, demoPartner, demoLastPartner, demoOwner, demoLastOwner,
		url, give,
		account, demoAdvisor, account, demoAdvisor, demoAdvisor, demoPartner,
		demoPartner, demoClient, demoAdvisorSeat, demoOwner, account, demoAdvisor)
}
