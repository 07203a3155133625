package mailer

import (
	"context"
	"io"
	"strings"
	"sync"

	"github.com/portico-authz/portico/engine"
)

// Printer writes invitations where a developer sees them: on a terminal. Who
// reads it can accept every invitation.
type Printer struct {
	letter Letter
	mu     sync.Mutex // guards out: messages don't mix
	out    io.Writer
}

var _ engine.Mailer = (*Printer)(nil)

// NewPrinter returns a mailer onto out.
func NewPrinter(out io.Writer, letter Letter) *Printer { return &Printer{out: out, letter: letter} }

// SendInvitation implements [engine.Mailer].
func (p *Printer) SendInvitation(_ context.Context, m engine.InvitationMail) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := "  | " + strings.ReplaceAll(strings.TrimSuffix(plain(p.letter, m), "\n"), "\n", "\n  | ")
	if _, err := io.WriteString(p.out, "An invitation (no mail server is set up):\n"+text+"\n"); err != nil {
		return engine.WrapError(engine.Unavailable, "print an invitation", err)
	}
	return nil
}
