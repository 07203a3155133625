package engine

import (
	"context"

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
// record.
func (e *Engine) ViewJournal(ctx context.Context, actor Actor, d schema.Domain, f RecordFilter, limit int) (JournalPage, error) {
	n, err := Paging{Limit: limit}.limit()
	if err != nil {
		return JournalPage{}, err
	}
	f.Domain, f.Newest, f.Limit = d, true, n+1
	var page JournalPage
	err = e.viewing(ctx, actor, "journal", []schema.Object{d.Root()}, func(v *View) error {
		page = JournalPage{Epoch: v.State.Epoch}
		page.Records, err = v.tx.Records(ctx, f)
		if len(page.Records) > n {
			page.Records = page.Records[:n]
			page.Next = page.Records[n-1].Seq
		}
		return err
	})
	return page, err
}
