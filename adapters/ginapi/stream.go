package ginapi

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/portico-authz/portico/engine"
)

// The forms in which a whole journal is written.
const (
	ndjsonType = "application/x-ndjson"
	csvType    = "text/csv"
)

// stream is a whole journal on its way to a caller.
type stream struct {
	form string
	page engine.JournalPage // the first
	next func(ctx context.Context, before int64) (engine.JournalPage, error)
}

// write writes the journal page by page. It fails with the error of a page, and
// returns nil if the caller has gone.
func (j *stream) write(ctx context.Context, w io.Writer) error {
	put, flush := recordWriter(w, j.form)
	for page := j.page; ; {
		extendDeadline(w)
		for _, r := range page.Records {
			if put(RecordOf(r)) != nil {
				return nil //nolint:nilerr // nobody is left to tell
			}
		}
		if flush() != nil || page.Next == 0 {
			return nil //nolint:nilerr // as above
		}
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		var err error
		if page, err = j.next(ctx, page.Next); err != nil {
			return err
		}
	}
}

// pageTimeout is how long a caller may take for one page.
const pageTimeout = 30 * time.Second

// extendDeadline gives the next page its time: the server's deadline is for
// answers of a known size. A writer without deadlines needs none.
func extendDeadline(w io.Writer) {
	if rw, ok := w.(http.ResponseWriter); ok {
		_ = http.NewResponseController(rw).SetWriteDeadline(time.Now().Add(pageTimeout)) // ErrNotSupported, or the next write fails
	}
}

// recordWriter returns what writes a record, and what writes what is left.
func recordWriter(w io.Writer, form string) (put func(Record) error, flush func() error) {
	if form == ndjsonType {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return func(r Record) error { return enc.Encode(r) }, func() error { return nil }
	}
	table := csv.NewWriter(w)
	_ = table.Write([]string{ // an error stays, and flush returns it
		"seq", "created_at", "finished_at", "state", "epoch", "operation", "object", "summary", "reason",
		"actor_kind", "actor", "actor_role", "key", "refusal", "params", "id",
	})
	return func(r Record) error { return table.Write(cells(r)) }, func() error {
		table.Flush()
		return table.Error()
	}
}

func cells(r Record) []string {
	row := []string{
		strconv.FormatInt(r.Seq, 10), stamp(r.CreatedAt), stamp(r.FinishedAt), string(r.State), strconv.FormatInt(r.Epoch, 10),
		r.Operation, r.Object.String(), r.Summary, r.Reason,
		string(r.Actor.Kind), r.Actor.User, r.ActorRole, r.Actor.Key, r.Refusal, string(r.Params), r.ID,
	}
	for i, cell := range row {
		row[i] = harmless(cell)
	}
	return row
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// harmless keeps a spreadsheet from taking what somebody typed for a formula
// (OWASP, "CSV Injection").
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
