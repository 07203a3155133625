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
// what is about staff of whom the actor may not know is left out.
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
		hidden, err := e.hiddenSeats(ctx, v)
		page.Records = slices.DeleteFunc(page.Records, func(r Record) bool { return r.tellsOf(hidden) })
		return err
	})
	return page, err
}

// tellsOf reports whether the record is about one of the seats, or holds what is
// known of it.
func (r Record) tellsOf(seats map[schema.Object]bool) bool {
	return seats[r.Object] || slices.ContainsFunc(r.Entries, func(c EntryChange) bool { return seats[c.Entry.Object] })
}
