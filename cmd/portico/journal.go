package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"github.com/portico-authz/portico/adapters/ginapi"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// journal writes all records, the oldest first, holding a page of them at a
// time.
func (x *exporter) journal(ctx context.Context, d schema.Domain) error {
	var written int
	err := x.create("journal.ndjson", func(file *os.File) (err error) {
		written, err = x.writeJournal(ctx, d, file)
		return err
	})
	if err == nil {
		x.out.f("%s: %s\n", filepath.Join(x.folder, "journal.ndjson"), plural(written, "record"))
	}
	return err
}

// writeJournal reads pages of the newest records before some number, and takes
// numbers that are ever higher: they are without gaps.
func (x *exporter) writeJournal(ctx context.Context, d schema.Domain, file *os.File) (written int, err error) {
	last, err := x.engine.ViewJournal(ctx, x.actor, d, engine.RecordFilter{}, 1)
	if err != nil || len(last.Records) == 0 {
		return 0, err
	}
	enc := json.NewEncoder(file)
	enc.SetEscapeHTML(false)
	for done, end := int64(0), last.Records[0].Seq; done < end; {
		next := min(done+engine.MaxPage, end)
		page, err := x.engine.ViewJournal(ctx, x.actor, d, engine.RecordFilter{AfterSeq: next + 1}, int(next-done))
		if err != nil {
			return written, err
		}
		for _, r := range slices.Backward(page.Records) {
			if err := enc.Encode(ginapi.RecordOf(r)); err != nil {
				return written, err
			}
			written++
		}
		done = next
	}
	return written, nil
}
