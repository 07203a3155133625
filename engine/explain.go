package engine

import (
	"context"
	"strings"
	"time"

	"github.com/portico-authz/portico/schema"
)

// Explanation says why a decision is as it is, in the portal's words.
type Explanation struct {
	Answer
	// Text is the whole in one sentence: "may access the account Ledger because
	// they are on the folder Retail, added there by the owner on 3 March 2026".
	Text string
	// Steps are the relationships that allow it. A denied query has none.
	Steps []Step
	// Missing are relations any of which might have been enough, for a denied query.
	Missing []Missing
	// Barred are the relationships that take away what there would be.
	Barred []Step
}

// Step is one relationship that counts, and who wrote it.
type Step struct {
	Relationship schema.Relationship
	Text         string
	Record       string // the journal record's id
	By           string // the user id of who wrote it; empty for the operator
	Role         string // their role's title at the time
	At           time.Time
	Reason       string
}

// Missing is a relation that the subject doesn't have.
type Missing struct {
	Object   schema.Object
	Relation string
	Text     string
}

// Explain answers a query and says why: the relationships that allow it, or
// what is missing. It fails with Internal rather than explain anything but the
// graph's own decision.
func (e *Engine) Explain(ctx context.Context, q Query) (*Explanation, error) {
	if err := e.validateQuery(q); err != nil {
		return nil, err
	}
	d := q.Resource.Domain()
	var x *Explanation
	err := e.read(ctx, d, Consistency{}, func(DomainState) error {
		return e.store.View(ctx, func(tx Tx) error {
			state, err := tx.Domain(ctx, d)
			if err != nil {
				return err
			}
			decisions, err := e.decide(ctx, state, []Query{q})
			if err != nil {
				return err
			}
			v := e.newView(tx, state, Actor{})
			x, err = explain(ctx, v, Answer{Query: q, Decision: decisions[0], Epoch: state.Epoch})
			return err
		})
	})
	return x, err
}

func explain(ctx context.Context, v *View, a Answer) (*Explanation, error) {
	verdict, err := newProver(v, a.Subject).prove(ctx, a.Resource, a.Permission)
	if err != nil {
		return nil, err
	}
	if (verdict.proof != nil) != (a.Decision == Allow) {
		return nil, Errorf(Internal, "the explanation of %s#%s disagrees with the decision", a.Resource, a.Permission)
	}
	n := narrator{v: v, titles: map[schema.Object]string{}}
	x := &Explanation{Answer: a, Steps: []Step{}, Missing: []Missing{}, Barred: []Step{}}
	what := a.Permission + " " + n.name(ctx, a.Resource)
	if verdict.proof != nil {
		x.Steps = n.steps(ctx, verdict.proof.leaves(nil))
		x.Text = "may " + what + " because they " + joinSteps(x.Steps)
		return x, n.err
	}
	x.Barred = n.steps(ctx, verdict.barred)
	x.Missing = n.missing(ctx, verdict.missing)
	x.Text = "may not " + what + ": " + n.denial(ctx, a.Subject, x)
	return x, n.err
}

// narrator says rows in the portal's words. Its first error stays in err.
type narrator struct {
	v      *View
	titles map[schema.Object]string
	err    error
}

// name returns how people call the object: the account Ledger.
func (n *narrator) name(ctx context.Context, o schema.Object) string {
	return "the " + o.Type + " " + n.title(ctx, o)
}

func (n *narrator) title(ctx context.Context, o schema.Object) string {
	if t, ok := n.titles[o]; ok {
		return t
	}
	t := o.Name()
	if o.Type != schema.TypeUser {
		e, err := n.v.tx.Entry(ctx, o)
		switch {
		case err == nil && e.Title != "":
			t = e.Title
		case err != nil && CodeOf(err) != NotFound && n.err == nil:
			n.err = err
		}
	}
	n.titles[o] = t
	return t
}

// steps tells rows, but for a seat's own when the row before names the seat.
func (n *narrator) steps(ctx context.Context, rows []Row) []Step {
	steps := []Step{}
	for i, r := range rows {
		if i > 0 && rows[i-1].Subject == (schema.Subject{Object: r.Resource, Relation: r.Relation}) {
			continue
		}
		s := Step{Relationship: r.Relationship, Record: r.Record, At: r.WrittenAt}
		rec, err := n.v.tx.Record(ctx, r.Record)
		switch {
		case err == nil:
			s.By, s.Role, s.Reason = rec.Actor.User, rec.ActorRole, rec.Reason
		case CodeOf(err) != NotFound && n.err == nil:
			n.err = err
		}
		s.Text = n.step(ctx, r, rec)
		steps = append(steps, s)
	}
	return steps
}

func (n *narrator) step(ctx context.Context, r Row, rec Record) string {
	words := n.v.Portal.Words[r.Resource.Type+"#"+r.Relation]
	has := words.Has
	if has == "" {
		has = "are " + r.Relation + " of the " + r.Resource.Type + " {resource}"
	}
	act := words.Act
	if act == "" {
		act = "granted"
	}
	text := n.fill(ctx, has, r.Resource) + ", " + act + n.byWhom(rec) + " on " + r.WrittenAt.Format("2 January 2006")
	if !r.ExpiresAt.IsZero() {
		text += ", until " + r.ExpiresAt.Format("2 January 2006 15:04 UTC")
	}
	return text
}

func (n *narrator) byWhom(rec Record) string {
	switch {
	case rec.Actor.Kind == System || rec.ID == "":
		return ""
	case rec.Actor.Kind == Operator:
		return " by the operator"
	case rec.ActorRole == "":
		return " by " + rec.Actor.User
	}
	return " by " + n.holder(rec.ActorRole)
}

// holder is how people call who holds the role of that title.
func (n *narrator) holder(title string) string {
	for _, r := range n.v.Portal.Roles {
		if r.Title == title && r.Holder != "" {
			return r.Holder
		}
	}
	return "the " + strings.ToLower(title)
}

func (n *narrator) fill(ctx context.Context, phrase string, resource schema.Object) string {
	return strings.ReplaceAll(phrase, "{resource}", n.title(ctx, resource))
}

func (n *narrator) missing(ctx context.Context, targets []target) []Missing {
	list, seen := []Missing{}, map[target]bool{}
	for _, t := range targets {
		if seen[t] {
			continue
		}
		seen[t] = true
		lacks := n.v.Portal.Words[t.object.Type+"#"+t.name].Lacks
		if lacks == "" {
			lacks = "aren't " + t.name + " of the " + t.object.Type + " {resource}"
		}
		list = append(list, Missing{Object: t.object, Relation: t.name, Text: n.fill(ctx, lacks, t.object)})
	}
	return list
}

// denial completes "may not …: ".
func (n *narrator) denial(ctx context.Context, subject schema.Subject, x *Explanation) string {
	if state := n.closed(ctx, x.Resource); state != "" {
		x.Missing = []Missing{} // nothing of it would help
		return state
	}
	if state := n.seatState(ctx, subject); state != "" {
		return state
	}
	if len(x.Barred) > 0 {
		return "they " + joinSteps(x.Barred)
	}
	if len(x.Missing) == 0 {
		return "nothing leads there"
	}
	texts := make([]string, len(x.Missing))
	for i, m := range x.Missing {
		texts[i] = m.Text
	}
	return "they " + strings.Join(texts, ", and ")
}

// closed says that the object isn't there, or that it or what it belongs to is
// archived; "" if neither.
func (n *narrator) closed(ctx context.Context, o schema.Object) string {
	for !o.IsZero() {
		e, err := n.v.tx.Entry(ctx, o)
		switch {
		case CodeOf(err) == NotFound && o.Type != schema.TypePlatform:
			return "there is no such " + o.Type
		case err != nil:
			return "" // title tells of errors that matter
		}
		if e.State == Archived {
			return n.name(ctx, o) + " is " + e.closing()
		}
		o = e.Parent
	}
	return ""
}

// seatState says why a person's seat itself reaches nothing, "" if it is not
// the seat's fault.
func (n *narrator) seatState(ctx context.Context, subject schema.Subject) string {
	if n.v.Domain == schema.PlatformDomain {
		return ""
	}
	if subject.Type == schema.TypeStaff {
		e, err := n.v.tx.Entry(ctx, subject.Object)
		if err == nil && e.State != Active && e.State != Invited {
			return e.Title + "'s seat is " + e.State.words()
		}
		return ""
	}
	if subject.Type != schema.TypeUser {
		return ""
	}
	seats, err := n.v.Entries(ctx, EntryFilter{Type: schema.TypeStaff, User: subject.ID})
	if err != nil && n.err == nil {
		n.err = err
	}
	state := "they have no seat at " + n.title(ctx, n.v.Domain.Root())
	for _, s := range seats {
		switch s.State {
		case Active:
			return ""
		case Removed:
			state = "their seat at " + n.title(ctx, n.v.Domain.Root()) + " was removed"
		default:
			return "their seat at " + n.title(ctx, n.v.Domain.Root()) + " is " + s.State.words()
		}
	}
	return state
}

func joinSteps(steps []Step) string {
	texts := make([]string, len(steps))
	for i, s := range steps {
		texts[i] = s.Text
	}
	return strings.Join(texts, ", and ")
}
