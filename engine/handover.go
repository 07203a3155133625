package engine

import (
	"context"
	"maps"
	"slices"

	"github.com/portico-authz/portico/schema"
)

// HandOver gives what one staff member must hand over before leaving, such as
// the classes that they teach, to others.
type HandOver struct {
	Partner      string            `json:"partner" doc:"The partner's id." example:"acme"`
	Staff        string            `json:"staff" doc:"The staff member who hands over." example:"ana"`
	To           string            `json:"to,omitempty" doc:"Who takes over all that replacements doesn't name, and isn't inactive; if missing, only what it names is handed over." example:"ben"`
	Replacements map[string]string `json:"replacements,omitempty" doc:"Who takes over what: staff members by the names of what they take over."`
}

// Name implements [Operation].
func (*HandOver) Name() string { return "hand_over" }

// About implements [Operation].
func (o *HandOver) About() []schema.Object {
	return append(aboutStaff(o.Partner, o.Staff), o.successors().about(o.Partner)...)
}

func (o *HandOver) successors() successors { return successors{all: o.To, named: o.Replacements} }

// Plan implements [Operation].
func (o *HandOver) Plan(ctx context.Context, v *View) (*Plan, error) {
	next := o.successors()
	if next.none() {
		return nil, Errorf(Invalid, "name who takes over")
	}
	member, err := v.Entry(ctx, o.About()[1])
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: member.Object}
	next.partly = o.To == ""
	handed, err := p.handOver(ctx, v, member, next)
	if err != nil {
		return nil, err
	}
	if len(handed) == 0 {
		return nil, Errorf(Conflict, "%s has nothing to hand over", member.Title)
	}
	p.Summary = "handed over from " + quote(member.Title) + ": " + joinWords(handed)
	return p, nil
}

// successors are who takes over from a staff member: one of them all, but for
// what is named.
type successors struct {
	all    string
	named  map[string]string // staff members by names of objects
	partly bool              // what nobody is named for stays
}

func (s successors) none() bool { return s.all == "" && len(s.named) == 0 }

// about returns the successors, each once.
func (s successors) about(partner string) []schema.Object {
	names := slices.Collect(maps.Values(s.named))
	if s.all != "" {
		names = append(names, s.all)
	}
	return objectsOf(schema.TypeStaff, partner, names)
}

// objectsOf returns a partner's objects of a type by their names, each once.
func objectsOf(typ, partner string, names []string) []schema.Object {
	var objects []schema.Object
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		objects = append(objects, schema.Obj(typ, schema.Domain(partner), name))
	}
	return objects
}

// of returns who takes over the object; "" if nobody does.
func (s successors) of(o schema.Object) string {
	if name, ok := s.named[o.Name()]; ok {
		return name
	}
	return s.all
}

// duty is something that a staff member must hand over before leaving.
type duty struct {
	row   Row
	entry Entry
}

// duties returns what of the portal's staff.hand_over is the member's, and
// neither over nor closed.
func (v *View) duties(ctx context.Context, member Entry) ([]duty, error) {
	if len(v.Portal.Staff.HandOver) == 0 {
		return nil, nil
	}
	rows, err := v.Rows(ctx, RelationshipFilter{SubjectType: schema.TypeStaff, SubjectID: member.Object.ID})
	if err != nil {
		return nil, err
	}
	var found []duty
	for _, r := range rows {
		if !slices.Contains(v.Portal.Staff.HandOver, r.Resource.Type+"#"+r.Relation) || !r.live(v.Now) {
			continue
		}
		e, err := v.Entry(ctx, r.Resource)
		if err != nil {
			return nil, err
		}
		if e.State == Active && !e.over(v.Now) {
			found = append(found, duty{r, e})
		}
	}
	return found, nil
}

// handOver moves the member's duties to their successors, and refuses to leave
// any behind. It says what went to whom.
func (p *Plan) handOver(ctx context.Context, v *View, member Entry, next successors) ([]string, error) {
	duties, err := v.duties(ctx, member)
	if err != nil {
		return nil, err
	}
	named := maps.Clone(next.named)
	var handed, left []string
	for _, d := range duties {
		delete(named, d.entry.Object.Name())
		to := next.of(d.entry.Object)
		if to == "" {
			left = append(left, d.entry.describe())
			continue
		}
		other, err := p.succeed(ctx, v, member, d, to)
		if err != nil {
			return nil, err
		}
		handed = append(handed, quote(d.entry.Title)+" to "+quote(other.Title))
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		return nil, Errorf(Invalid, "replacements: %q is nothing that %s has to hand over", name, member.Title)
	}
	if len(left) > 0 && !next.partly {
		return nil, Errorf(Conflict, "%s has to hand over %s first, to somebody who is active", member.Title, joinWords(left))
	}
	return handed, nil
}

// succeed puts another staff member, whom it returns, in the member's place.
func (p *Plan) succeed(ctx context.Context, v *View, member Entry, d duty, to string) (Entry, error) {
	other, err := v.Entry(ctx, schema.Obj(schema.TypeStaff, v.Domain, to))
	if err != nil {
		return Entry{}, err
	}
	if other.Object == member.Object {
		return Entry{}, Errorf(Invalid, "%s can't take over from themself", member.Title)
	}
	if err := v.eligible(ctx, (&HandOver{}).Name(), other); err != nil {
		return Entry{}, err
	}
	p.drop(d.row.Resource, d.row.Relation, d.row.Subject)
	next := d.row.Subject
	next.Object = other.Object
	p.touch(d.row.Resource, d.row.Relation, next, d.row.ExpiresAt)
	return other, nil
}

// eligible refuses to give a staff member what an operation gives, unless the
// seat is in use and has what the portal asks of it.
func (v *View) eligible(ctx context.Context, operation string, member Entry) error {
	if member.State == Inactive || member.State == Trashed {
		return Errorf(Conflict, "%s is %s, and can be given nothing", member.Title, member.State.words())
	}
	rule, ok := v.Portal.Eligible[operation]
	if !ok {
		return nil
	}
	has, err := v.ask(ctx, Query{
		Resource: v.Domain.Root(), Permission: rule.Permission, Subject: schema.Subject{Object: member.Object, Relation: rule.Relation},
	})
	if err != nil || has {
		return err
	}
	role, _ := v.Portal.Role(member.Role)
	lacks := v.Portal.Words[schema.TypePartner+"#"+rule.Permission].Lacks
	if lacks == "" {
		lacks = "lack " + rule.Permission + " at the partner"
	}
	return Errorf(Conflict, "%s, %s, can't be chosen: they %s", member.Title, role.Title, lacks)
}
