package replicas_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine/enginetest/history"
)

// judgement is what the two judges say of a history.
type judgement struct {
	violations []string
	verdict    history.Verdict
	counts     history.Counts
}

// wrong reports whether the history can't have been.
func (j judgement) wrong() bool { return len(j.violations)+len(j.verdict.Illegal) > 0 }

func (j judgement) String() string {
	lines := append([]string{}, j.violations...)
	for _, cell := range j.verdict.Illegal {
		lines = append(lines, "no order explains what was told of "+cell.String())
	}
	if len(lines) == 0 {
		return "no violation"
	}
	return strings.Join(lines, "\n")
}

// settle ends what is pending at the firms, and gives their journals to the
// history.
func (w *witness) settle(t *testing.T, replica string, firms []*firm) {
	t.Helper()
	for _, f := range firms {
		tries := 0
		await(t, "an operation at "+f.partner, func() error {
			tries++
			name := fmt.Sprintf("settle-%s-%d-%d", f.partner, f.seq, tries)
			if c := w.change(replica, asking{cell: f.cells[0], grant: true, name: name}); c.Outcome != history.Acknowledged {
				return errors.New("it isn't acknowledged")
			}
			return nil
		})
		if n := f.read(t, w.caller, replica); n > 0 {
			t.Errorf("%d operations at %s are pending", n, f.partner)
		}
		w.Journaled(f.records...)
	}
}

// judge has both judges look at the history. Pictures stay where go test
// -artifacts has them kept.
func (w *witness) judge(t *testing.T) judgement {
	t.Helper()
	folder := t.ArtifactDir()
	verdict, err := w.Linearize(folder, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if len(verdict.Illegal) > 0 {
		t.Logf("pictures of what no order explains are in %s", folder)
	}
	return judgement{w.Violations(), verdict, w.Counts()}
}

// wantAgreement wants the journal, the store and SpiceDB to agree about the
// firms.
func (w *world) wantAgreement(t *testing.T, firms []*firm) {
	t.Helper()
	said := w.verify(t)
	for _, f := range firms {
		if want := fmt.Sprintf("%s: %d records, agrees\n", f.partner, f.seq); !strings.Contains(said, want) {
			t.Errorf("verify doesn't say %q:\n%s", want, said)
		}
	}
}
