package engine

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/portico-authz/portico/schema"
)

// resendAfter is how long an invitation may stay unsent before maintenance
// takes it up; the operation that made it is done by then. Each further try
// waits twice as long, until the invitation expires.
const resendAfter = time.Minute

// Maintain does what was left to be done later: it finishes pending
// operations, renews tokens before the graph forgets their snapshots, sends
// invitations that couldn't be delivered, and sweeps the grants of removed
// staff. Call it now and then, not side by side; it returns when nothing is
// left, or what failed. Of several replicas one does it at a time.
func (e *Engine) Maintain(ctx context.Context) error {
	ensured := e.ensureSchema(ctx)
	if e.store.Shared() {
		if turn, err := e.hold(ctx); err != nil || !turn {
			return errors.Join(ensured, err, e.refreshSealKeys(ctx, keepKeys))
		}
	}
	return errors.Join(ensured, e.refreshSealKeys(ctx, rotateKeys), e.Recover(ctx), e.renewStale(ctx), e.resendUnsent(ctx), e.sweep(ctx))
}

// deliver gives the mail to the mailer and notes that it was taken. It reports
// whether the mailer took it; if not, maintenance sends another.
func (e *Engine) deliver(ctx context.Context, member schema.Object, mail InvitationMail) bool {
	if err := e.mailer.SendInvitation(ctx, mail); err != nil {
		e.log.WarnContext(ctx, "an invitation could not be delivered", "staff", member.String(), "error", err)
		return false
	}
	hash := hashSecret(mail.Token)
	err := e.store.Update(ctx, member.Domain(), func(tx Tx) error {
		entry, err := tx.Entry(ctx, member)
		if err != nil || entry.Invitation == nil || !bytes.Equal(entry.Invitation.Hash, hash) {
			return err
		}
		entry.Invitation.SentAt = e.now()
		return tx.PutEntry(ctx, entry)
	})
	if err != nil {
		e.log.WarnContext(ctx, "a delivery could not be noted; the invitation may be sent twice", "staff", member.String(), "error", err)
	}
	return true
}

func (e *Engine) resendUnsent(ctx context.Context) error {
	if e.mailer == nil {
		return nil
	}
	invited, err := e.entries(ctx, EntryFilter{Type: schema.TypeStaff, States: []State{Invited}})
	for _, member := range invited {
		if !e.unsent(member) {
			continue
		}
		op := &redeliverInvitation{Partner: string(member.Object.Domain()), Staff: member.Object.Name()}
		if _, failed := e.Do(ctx, Actor{Kind: System}, op, nil); CodeOf(failed) != Conflict {
			err = errors.Join(err, failed)
		}
	}
	return err
}

// unsent reports whether it is time to try the member's invitation again.
func (e *Engine) unsent(member Entry) bool {
	i, now := member.Invitation, e.now()
	if i == nil || !i.SentAt.IsZero() || !now.Before(i.ExpiresAt) {
		return false
	}
	tried := member.UpdatedAt.Sub(i.ExpiresAt.Add(-e.invitationLife)) // since it was made, when last tried
	return now.Sub(member.UpdatedAt) >= max(resendAfter, tried)
}

// redeliverInvitation makes an unsent invitation's token anew, since the former
// is kept nowhere, and sends it. The engine does it by itself.
type redeliverInvitation struct {
	Partner string `json:"partner"`
	Staff   string `json:"staff"`
}

func (*redeliverInvitation) Name() string { return "redeliver_invitation" }

func (*redeliverInvitation) chore() {}

func (o *redeliverInvitation) About() []schema.Object { return aboutStaff(o.Partner, o.Staff) }

func (o *redeliverInvitation) Plan(ctx context.Context, v *View) (*Plan, error) {
	member, err := v.invited(ctx, o.About()[1])
	if err != nil {
		return nil, err
	}
	i := member.Invitation
	if i == nil || !i.SentAt.IsZero() {
		return nil, Errorf(Conflict, "the invitation was sent")
	}
	p := &Plan{Object: member.Object, Summary: "tried again to deliver the invitation of " + quote(member.Title)}
	return p, p.inviteUntil(ctx, v, member, i.ExpiresAt)
}

func (e *Engine) sweep(ctx context.Context) error {
	for {
		left, err := e.entries(ctx, EntryFilter{Type: schema.TypeStaff, States: []State{Removed}, Kind: kindUnswept})
		if err != nil || len(left) == 0 {
			return err
		}
		for _, member := range left {
			op := &sweepStaff{Partner: string(member.Object.Domain()), Staff: member.Object.Name()}
			if _, failed := e.Do(ctx, Actor{Kind: System}, op, nil); failed != nil {
				err = errors.Join(err, failed)
			}
		}
		if err != nil {
			return err
		}
	}
}

func (e *Engine) entries(ctx context.Context, f EntryFilter) ([]Entry, error) {
	var found []Entry
	err := e.store.View(ctx, func(tx Tx) (err error) {
		found, err = tx.Entries(ctx, f)
		return err
	})
	return found, err
}
