package engine

import (
	"context"
	"slices"

	"github.com/portico-authz/portico/schema"
)

// JournalPage is a part of a partner's journal, newest first.
type JournalPage struct {
	Records []Record
	Next    int64 // the sequence number to go on before; 0 on the last page
	Epoch   int64
}

// ViewJournal lists who did what, when and why at a partner. The filter's
// Domain, Newest and Limit are the method's own; AfterSeq goes on before that
// record. A page may have fewer records than the limit and still a next one:
// what is about staff of whom the actor may not know is left out, and of what they
// did their user id.
func (e *Engine) ViewJournal(ctx context.Context, actor Actor, d schema.Domain, f RecordFilter, limit int) (JournalPage, error) {
	n, err := Paging{Limit: limit}.limit()
	if err != nil {
		return JournalPage{}, err
	}
	f.Domain, f.Newest, f.Limit = d, true, n+1
	var page JournalPage
	err = e.viewing(ctx, actor, "journal", []schema.Object{d.Root()}, func(v *View) error {
		page = JournalPage{Epoch: v.State.Epoch}
		if page.Records, err = v.tx.Records(ctx, f); err != nil {
			return err
		}
		if len(page.Records) > n {
			page.Records = page.Records[:n]
			page.Next = page.Records[n-1].Seq
		}
		hidden, err := e.hiddenFrom(ctx, v)
		if err != nil {
			return err
		}
		page.Records = slices.DeleteFunc(page.Records, func(r Record) bool { return r.tellsOf(hidden) })
		for i, r := range page.Records {
			page.Records[i].Actor.User = hidden.user(r.Actor.User)
		}
		return nil
	})
	return page, err
}

// tellsOf reports whether the record is about one of the hidden seats, or holds
// what is known of it.
func (r Record) tellsOf(h Hidden) bool {
	return h.seats[r.Object] ||
		slices.ContainsFunc(r.Entries, func(c EntryChange) bool { return h.seats[c.Entry.Object] }) ||
		slices.ContainsFunc(r.Updates, func(u Update) bool {
			return h.seats[u.Relationship.Subject.Object] || h.seats[u.Relationship.Resource]
		})
}
