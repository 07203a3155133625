package history

import (
	"slices"
	"sync"
	"time"

	"github.com/portico-authz/portico/engine"
)

// Cell is what is granted and revoked: one person's place on one folder.
type Cell struct{ Partner, Folder, Person string }

// String returns the cell as it is told.
func (c Cell) String() string { return c.Partner + "/" + c.Folder + "/" + c.Person }

// Outcome is what the caller knows of a change.
type Outcome int

// The outcomes.
const (
	Unknown      Outcome = iota // no answer, or one that it may still happen
	Acknowledged                // it has happened
	Refused                     // it has not, and never will; a revoke, because there was no grant
)

// Change is one request to grant or to revoke.
type Change struct {
	Cell
	Client int
	// Name is the request's own. Its repetitions have it too, and the journal
	// keeps it.
	Name       string
	Grant      bool
	Sent, Done time.Duration // since the history began
	Outcome    Outcome
	Epoch      int64 // if it was acknowledged
}

// Check is one request for decisions, and its answers.
type Check struct {
	Client     int
	Sent, Done time.Duration // since the history began
	Mode       engine.Mode
	MaxAge     time.Duration // Bounded only
	// AtLeast is the epoch of the token, and Of its partner; AtLeast only.
	AtLeast int64
	Of      string
	Answers []Answer // none if it couldn't be answered
}

// Answer is one decision.
type Answer struct {
	Cell
	Permission string
	Allow      bool
	Epoch      int64
}

// Record is what the journal has of an operation that was applied.
type Record struct {
	Partner string
	Epoch   int64
	Name    string // "" if it isn't a change
	Effects []Effect
}

// Effect is what a record makes of a cell.
type Effect struct {
	Cell
	Grant bool
}

// History is what happened. Its methods are safe for concurrent use until it is
// judged. The journals of all partners, from their first epoch on, must be in
// it by then.
type History struct {
	// Gives are the permissions that a grant gives. All others are nobody's.
	Gives []string

	start   time.Time
	mu      sync.Mutex       // guards the rest
	began   map[string]int64 // the epoch of each partner
	changes []Change
	checks  []Check
	journal []Record
}

// New returns an empty history that begins now.
func New(gives ...string) *History {
	return &History{Gives: gives, start: time.Now(), began: map[string]int64{}}
}

// Now returns the time since the history began.
func (h *History) Now() time.Duration { return time.Since(h.start) }

// Begins says in which epoch the partner is when the history begins, which is
// known to everybody from then on. It is 0 otherwise.
func (h *History) Begins(partner string, epoch int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.began[partner] = epoch
}

// Changed records changes.
func (h *History) Changed(c ...Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.changes = append(h.changes, c...)
}

// Checked records a check.
func (h *History) Checked(c Check) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks = append(h.checks, c)
}

// Journaled records a part of a journal.
func (h *History) Journaled(r ...Record) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.journal = append(h.journal, r...)
}

// Counts is how much there is in a history.
type Counts struct {
	Checks, Answers, Unanswered    int // requests, decisions, and requests without any
	Changes                        int
	Acknowledged, Refused, Unknown int // changes, by outcome
}

// Counts counts.
func (h *History) Counts() Counts {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := Counts{Checks: len(h.checks), Changes: len(h.changes)}
	for _, c := range h.checks {
		n.Answers += len(c.Answers)
		if len(c.Answers) == 0 {
			n.Unanswered++
		}
	}
	for _, c := range h.changes {
		switch c.Outcome {
		case Acknowledged:
			n.Acknowledged++
		case Refused:
			n.Refused++
		default:
			n.Unknown++
		}
	}
	return n
}

func (h *History) gives(permission string) bool { return slices.Contains(h.Gives, permission) }
