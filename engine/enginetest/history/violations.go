package history

import (
	"fmt"

	"github.com/portico-authz/portico/engine"
)

// MaxViolations bounds how many are told.
const MaxViolations = 20

// judge looks for violations, the first of which it keeps.
type judge struct {
	*History
	truth    *truth
	requests map[string]request
	told     map[string][]known
	found    []string
}

func (j *judge) errorf(format string, args ...any) {
	if len(j.found) < MaxViolations {
		j.found = append(j.found, fmt.Sprintf(format, args...))
	}
}

// Violations returns what can't have been, [MaxViolations] at most. Each answer
// is compared with the journal at its epoch, and that with what its asker could
// know when asking. Each change that was acknowledged is in the journal once, in
// the epoch that its caller was told, and no change that was refused.
func (h *History) Violations() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	truth, wrong := h.truth()
	j := &judge{h, truth, h.requests(), h.knowledge(), wrong}
	if len(wrong) > 0 {
		return wrong
	}
	j.journal()
	for _, c := range h.changes {
		j.change(c)
	}
	for _, c := range h.checks {
		j.check(c)
	}
	return j.found
}

// journal looks for what nobody asked for, or asked for otherwise.
func (j *judge) journal() {
	for partner, records := range j.truth.records {
		for _, r := range records[min(j.began[partner], int64(len(records))):] {
			if _, asked := j.requests[r.Name]; !asked && len(r.Effects) > 0 {
				j.errorf("nobody asked for what epoch %d of %s did: %+v", r.Epoch, partner, r.Effects)
			}
		}
	}
	for name, asked := range j.requests {
		r, happened := j.truth.named[name]
		if !happened {
			continue
		}
		if len(r.Effects) != 1 || r.Effects[0] != (Effect{asked.Cell, asked.Grant}) {
			j.errorf("%s (grant %t of %s) did otherwise in epoch %d: %+v", name, asked.Grant, asked.Cell, r.Epoch, r.Effects)
		}
		if known := before(j.told[asked.Partner], asked.sent); r.Epoch <= known {
			j.errorf("%s began epoch %d of %s, and epoch %d was known before it was sent", name, r.Epoch, asked.Partner, known)
		}
	}
}

func (j *judge) change(c Change) {
	r, happened := j.truth.named[c.Name]
	request := j.requests[c.Name]
	switch {
	case c.Outcome == Acknowledged && (!happened || r.Epoch != c.Epoch || r.Partner != c.Partner):
		j.errorf("%s was acknowledged in epoch %d of %s, and the journal has it in epoch %d", c.Name, c.Epoch, c.Partner, r.Epoch)
	case c.Outcome == Refused && happened && before(j.told[c.Partner], c.Sent) >= r.Epoch:
		j.errorf("%s happened in epoch %d of %s, which was known, and then it was refused", c.Name, r.Epoch, r.Partner)
	case c.Outcome == Refused && request.Outcome == Refused && happened:
		j.errorf("%s was refused, and happened in epoch %d of %s", c.Name, r.Epoch, r.Partner)
	}
}

func (j *judge) check(c Check) {
	epochs := map[string]int64{}
	for _, a := range c.Answers {
		if epoch, seen := epochs[a.Partner]; seen && epoch != a.Epoch {
			j.errorf("one request of client %d was answered of the epochs %d and %d of %s", c.Client, epoch, a.Epoch, a.Partner)
		}
		epochs[a.Partner] = a.Epoch
		j.answer(c, a)
	}
	for partner, epoch := range epochs {
		j.fresh(c, partner, epoch)
	}
}

// answer compares the decision with the journal.
func (j *judge) answer(c Check, a Answer) {
	granted := j.truth.granted(a.Cell, a.Epoch)
	if want := granted && j.gives(a.Permission); a.Allow != want {
		j.errorf("%s: client %d was told %t for %s on %s in epoch %d (sent %s, done %s); the journal says %t",
			modeOf(c), c.Client, a.Allow, a.Permission, a.Cell, a.Epoch, c.Sent, c.Done, want)
	}
}

// fresh compares the epoch with what was known when the check was sent, and
// with what had begun when it was answered.
func (j *judge) fresh(c Check, partner string, epoch int64) {
	want := before(j.told[partner], c.Sent)
	switch {
	case c.Mode == engine.Bounded:
		want = before(j.told[partner], c.Sent-c.MaxAge)
	case c.Mode == engine.AtLeast && c.Of == partner:
		want = c.AtLeast
	}
	if epoch < want {
		j.errorf("%s: client %d was answered of epoch %d of %s, and must know %d (sent %s, done %s)",
			modeOf(c), c.Client, epoch, partner, want, c.Sent, c.Done)
	}
	if epoch < 1 || epoch > j.truth.last(partner) {
		j.errorf("%s: client %d was answered of epoch %d of %s, which never was", modeOf(c), c.Client, epoch, partner)
		return
	}
	r := j.truth.records[partner][epoch-1]
	if asked, ours := j.requests[r.Name]; ours && r.Name != "" && c.Done < asked.sent {
		j.errorf("%s: client %d was answered of epoch %d of %s at %s, and it was asked for at %s",
			modeOf(c), c.Client, epoch, partner, c.Done, asked.sent)
	}
}

func modeOf(c Check) engine.Mode {
	if c.Mode == "" {
		return engine.Strict
	}
	return c.Mode
}
