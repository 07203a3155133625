package main

import (
	"context"
	"sync"

	"github.com/portico-authz/portico/engine"
)

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
