package history

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"time"
)

// truth is what the journals amount to.
type truth struct {
	records map[string][]Record // by partner; the one of epoch n is at n-1
	named   map[string]Record
	turns   map[Cell][]turn
}

// turn is an epoch from which on a cell is granted, or isn't.
type turn struct {
	epoch   int64
	granted bool
}

// truth orders the journals, and says what is wrong with them.
func (h *History) truth() (*truth, []string) {
	t := &truth{map[string][]Record{}, map[string]Record{}, map[Cell][]turn{}}
	for _, r := range h.journal {
		t.records[r.Partner] = append(t.records[r.Partner], r)
	}
	var wrong []string
	for partner, records := range t.records {
		slices.SortFunc(records, func(a, b Record) int { return cmp.Compare(a.Epoch, b.Epoch) })
		for i, r := range records {
			if r.Epoch != int64(i)+1 {
				wrong = append(wrong, fmt.Sprintf("the journal of %s has epoch %d in place %d", partner, r.Epoch, i+1))
				return t, wrong // nothing else can be told
			}
			if _, twice := t.named[r.Name]; twice && r.Name != "" {
				wrong = append(wrong, fmt.Sprintf("%s happened twice, again in epoch %d", r.Name, r.Epoch))
			}
			t.named[r.Name] = r
			for _, e := range r.Effects {
				t.turns[e.Cell] = append(t.turns[e.Cell], turn{r.Epoch, e.Grant})
			}
		}
	}
	return t, wrong
}

// granted reports whether the cell was granted in the epoch.
func (t *truth) granted(c Cell, epoch int64) bool {
	turns := t.turns[c]
	i := sort.Search(len(turns), func(i int) bool { return turns[i].epoch > epoch })
	return i > 0 && turns[i-1].granted
}

// last returns the partner's last epoch.
func (t *truth) last(partner string) int64 { return int64(len(t.records[partner])) }

// request is a change with its repetitions.
type request struct {
	Change               // the first sent; Done is when it was first acknowledged
	sent   time.Duration // first
}

// requests are the changes, by name.
func (h *History) requests() map[string]request {
	all := map[string]request{}
	for _, c := range h.changes {
		known, repeated := all[c.Name]
		switch {
		case !repeated:
			known = request{c, c.Sent}
		case c.Outcome == Acknowledged && (known.Outcome != Acknowledged || c.Done < known.Done):
			known.Outcome, known.Epoch, known.Done = Acknowledged, c.Epoch, c.Done
		case c.Outcome == Unknown && known.Outcome == Refused:
			known.Outcome = Unknown
		}
		known.sent = min(known.sent, c.Sent)
		all[c.Name] = known
	}
	return all
}

// known is what somebody had been told by a time.
type known struct {
	at    time.Duration
	epoch int64
}

// knowledge returns, for each partner, the epochs that were told, each the
// highest yet, by time: that of the beginning, acknowledged by a change, or shown
// by an answer.
func (h *History) knowledge() map[string][]known {
	told := map[string][]known{}
	for partner, epoch := range h.began {
		told[partner] = []known{{-1, epoch}}
	}
	for _, c := range h.changes {
		if c.Outcome == Acknowledged {
			told[c.Partner] = append(told[c.Partner], known{c.Done, c.Epoch})
		}
	}
	for _, c := range h.checks {
		for i, a := range c.Answers {
			if i == 0 || a.Partner != c.Answers[i-1].Partner {
				told[a.Partner] = append(told[a.Partner], known{c.Done, a.Epoch})
			}
		}
	}
	for partner, all := range told {
		slices.SortFunc(all, func(a, b known) int { return cmp.Compare(a.at, b.at) })
		rising := all[:0]
		for _, k := range all {
			if len(rising) == 0 || k.epoch > rising[len(rising)-1].epoch {
				rising = append(rising, k)
			}
		}
		told[partner] = rising
	}
	return told
}

// before returns the highest epoch that was told before the time.
func before(told []known, at time.Duration) int64 {
	i := sort.Search(len(told), func(i int) bool { return told[i].at >= at })
	if i == 0 {
		return 0
	}
	return told[i-1].epoch
}
