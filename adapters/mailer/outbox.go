package mailer

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/portico-authz/portico/engine"
)

// Outbox writes each invitation as a text file of its own into a folder, for
// development and tests: who reads the folder can accept every invitation. The
// files' names sort by time.
type Outbox struct {
	dir    string
	letter Letter
	clock  engine.Clock
}

var _ engine.Mailer = (*Outbox)(nil)

// NewOutbox returns a mailer into dir, which it makes, readable by its owner
// only, if it isn't there. A nil clock is the system's.
func NewOutbox(dir string, letter Letter, clock engine.Clock) (*Outbox, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the outbox: %w", err)
	}
	if clock == nil {
		clock = systemClock{}
	}
	return &Outbox{dir: dir, letter: letter, clock: clock}, nil
}

// SendInvitation implements [engine.Mailer].
func (o *Outbox) SendInvitation(_ context.Context, m engine.InvitationMail) error {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails, since Go 1.24
	name := o.clock.Now().UTC().Format("20060102T150405.000000000") + "-" + hex.EncodeToString(b[:]) + ".txt"
	if err := writeNew(filepath.Join(o.dir, name), plain(o.letter, m)); err != nil {
		return engine.WrapError(engine.Unavailable, "write to the outbox", err)
	}
	return nil
}

func writeNew(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := file.WriteString(text); err != nil {
		_ = file.Close() // the first error tells
		return err
	}
	return file.Close()
}

// plain is a message for eyes: no encodings, no headers but three.
func plain(l Letter, m engine.InvitationMail) string {
	return fmt.Sprintf("To: %s <%s>\nSubject: %s\nToken: %s\n\n%s",
		oneLine(m.ContactName), oneLine(m.Email), l.Subject(m), m.Token, l.Text(m))
}
