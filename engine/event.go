package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/portico-authz/portico/schema"
)

func aboutEvent(partner, event string) []schema.Object {
	d := schema.Domain(partner)
	return []schema.Object{schema.Partner(d), schema.Obj(typeEvent, d, event)}
}

// kind checks a kind of the portal's for objects of a type.
func (v *View) kind(typ, kind string) (string, error) {
	if !slices.Contains(v.Portal.Kinds[typ], kind) {
		return "", errKind(v.Portal, typ, kind)
	}
	return kind, nil
}

func errKind(p *schema.Portal, typ, kind string) *Error {
	return Errorf(Invalid, "there is no kind %q of %s; want %s", kind, typ, strings.Join(p.Kinds[typ], ", "))
}

// CreateEvent makes an event, with who teaches it.
type CreateEvent struct {
	Partner     string    `json:"partner" doc:"The partner's id." example:"acme"`
	Event       string    `json:"event,omitempty" doc:"The name that the event shall have; one is made up if it is missing." example:"yoga" pattern:"^[A-Za-z0-9_-]{1,64}$"`
	Kind        string    `json:"kind" doc:"What it is: one of the portal's kinds of events." example:"course"`
	Title       string    `json:"title" doc:"What people call it." example:"Morning yoga" maxLength:"200"`
	StartsAt    time.Time `json:"starts_at" doc:"When it begins." example:"2027-01-31T08:00:00Z"`
	EndsAt      time.Time `json:"ends_at" doc:"When it is over." example:"2027-01-31T09:00:00Z"`
	Instructors []string  `json:"instructors" doc:"The staff members who teach it, at least one." example:"[\"ana\"]" minItems:"1" maxItems:"100" nullable:"false"`
}

// Name implements [Operation].
func (*CreateEvent) Name() string { return "create_event" }

// About implements [Operation].
func (o *CreateEvent) About() []schema.Object {
	return append(aboutEvent(o.Partner, "")[:1], objectsOf(schema.TypeStaff, o.Partner, o.Instructors)...)
}

// Plan implements [Operation].
func (o *CreateEvent) Plan(ctx context.Context, v *View) (*Plan, error) {
	partner := v.Domain.Root()
	if len(o.Instructors) == 0 {
		return nil, Errorf(Invalid, "name at least one instructor")
	}
	event, err := v.newEntry(ctx, typeEvent, o.Event, o.Title, partner)
	if err != nil {
		return nil, err
	}
	if event.Kind, err = v.kind(typeEvent, o.Kind); err != nil {
		return nil, err
	}
	if event, err = event.withTimes(o.StartsAt, o.EndsAt); err != nil {
		return nil, err
	}
	p := &Plan{Object: event.Object, Summary: "created the " + event.Kind + " " + quote(event.Title)}
	p.put(event)
	p.touch(event.Object, relPartner, schema.Subject{Object: partner}, noExpiry)
	for _, staff := range o.About()[1:] {
		if err := p.chooseInstructor(ctx, v, event, staff); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *Plan) chooseInstructor(ctx context.Context, v *View, event Entry, staff schema.Object) error {
	member, err := v.Entry(ctx, staff)
	if err != nil {
		return err
	}
	if err := v.eligible(ctx, (&AssignInstructor{}).Name(), member); err != nil {
		return err
	}
	p.touch(event.Object, relInstructor, seat(staff), noExpiry)
	return nil
}

// EditEvent changes an event's title or times.
type EditEvent struct {
	Partner  string    `json:"partner" doc:"The partner's id." example:"acme"`
	Event    string    `json:"event" doc:"The event's name at the partner." example:"yoga"`
	Title    string    `json:"title,omitempty" doc:"Its new title." example:"Evening yoga" maxLength:"200"`
	StartsAt time.Time `json:"starts_at,omitzero" doc:"When it begins." example:"2027-01-31T18:00:00Z"`
	EndsAt   time.Time `json:"ends_at,omitzero" doc:"When it is over." example:"2027-01-31T19:00:00Z"`
}

// Name implements [Operation].
func (*EditEvent) Name() string { return "edit_event" }

// About implements [Operation].
func (o *EditEvent) About() []schema.Object { return aboutEvent(o.Partner, o.Event) }

// Plan implements [Operation].
func (o *EditEvent) Plan(ctx context.Context, v *View) (*Plan, error) {
	event, err := v.ActiveEntry(ctx, o.About()[1])
	if err != nil {
		return nil, err
	}
	if o.Title == "" && o.StartsAt.IsZero() && o.EndsAt.IsZero() {
		return nil, Errorf(Invalid, "nothing to change: give a title or times")
	}
	p := &Plan{Object: event.Object, Summary: "edited the " + event.Kind + " " + quote(event.Title)}
	if o.Title != "" {
		if event.Title, err = cleanTitle(o.Title); err != nil {
			return nil, err
		}
	}
	was := event.over(v.Now)
	if event, err = event.withTimes(o.StartsAt, o.EndsAt); err != nil {
		return nil, err
	}
	if was && !event.over(v.Now) {
		if err := v.taught(ctx, event); err != nil {
			return nil, err
		}
	}
	event.UpdatedAt = v.Now
	p.put(event)
	return p, nil
}

// taught refuses an event that is to take place again unless whoever taught it
// can.
func (v *View) taught(ctx context.Context, event Entry) error {
	staff, err := v.instructors(ctx, event)
	if err != nil {
		return err
	}
	for _, member := range staff {
		if err := v.eligible(ctx, (&AssignInstructor{}).Name(), member); err != nil {
			return err
		}
	}
	if len(staff) == 0 {
		return Errorf(Conflict, "nobody teaches %q: assign an instructor first", event.Title)
	}
	return nil
}

// instructors returns the staff who teach the event.
func (v *View) instructors(ctx context.Context, event Entry) ([]Entry, error) {
	rows, err := v.Rows(ctx, RelationshipFilter{ResourceType: typeEvent, ResourceID: event.Object.ID, Relation: relInstructor})
	var staff []Entry
	for _, r := range rows {
		member, err := v.Entry(ctx, r.Subject.Object)
		if CodeOf(err) == NotFound {
			continue // removed, and not swept yet
		}
		if err != nil {
			return nil, err
		}
		staff = append(staff, member)
	}
	return staff, err
}

// ArchiveEvent calls an event off: nobody sees it any more.
type ArchiveEvent struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Event   string `json:"event" doc:"The event's name at the partner." example:"yoga"`
}

// Name implements [Operation].
func (*ArchiveEvent) Name() string { return "archive_event" }

// About implements [Operation].
func (o *ArchiveEvent) About() []schema.Object { return aboutEvent(o.Partner, o.Event) }

// Plan implements [Operation].
func (o *ArchiveEvent) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planArchive(ctx, v, o.About()[1])
}

// AssignInstructor makes a staff member teach an event.
type AssignInstructor struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Event   string `json:"event" doc:"The event's name at the partner." example:"yoga"`
	Staff   string `json:"staff" doc:"The staff member's name at the partner." example:"ana"`
}

// Name implements [Operation].
func (*AssignInstructor) Name() string { return "assign_instructor" }

// About implements [Operation].
func (o *AssignInstructor) About() []schema.Object {
	return append(aboutEvent(o.Partner, o.Event), aboutStaff(o.Partner, o.Staff)[1])
}

// Plan implements [Operation].
func (o *AssignInstructor) Plan(ctx context.Context, v *View) (*Plan, error) {
	about := o.About()
	event, member, err := v.grant(ctx, o.Name(), about[1], about[2], noExpiry)
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: event.Object, Summary: "assigned " + quote(member.Title) + " to teach " + quote(event.Title)}
	p.touch(event.Object, relInstructor, seat(member.Object), noExpiry)
	return p, nil
}

// UnassignInstructor takes a staff member off an event, which somebody else
// must teach if it isn't over.
type UnassignInstructor struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Event   string `json:"event" doc:"The event's name at the partner." example:"yoga"`
	Staff   string `json:"staff" doc:"The staff member's name at the partner." example:"ana"`
}

// Name implements [Operation].
func (*UnassignInstructor) Name() string { return "unassign_instructor" }

// About implements [Operation].
func (o *UnassignInstructor) About() []schema.Object {
	return append(aboutEvent(o.Partner, o.Event), aboutStaff(o.Partner, o.Staff)[1])
}

// Plan implements [Operation].
func (o *UnassignInstructor) Plan(ctx context.Context, v *View) (*Plan, error) {
	about := o.About()
	p, err := planRevoke(ctx, v, grantOf{
		object: about[1], relation: relInstructor, staff: about[2],
		words: "does not teach", done: "took %q off %q",
	})
	if err != nil {
		return nil, err
	}
	event, err := v.Entry(ctx, about[1])
	if err != nil {
		return nil, err
	}
	staff, err := v.instructors(ctx, event)
	if err != nil {
		return nil, err
	}
	if len(staff) == 1 && !event.over(v.Now) {
		return nil, Errorf(Conflict, "nobody else teaches %s: assign somebody first, or hand it over", event.describe())
	}
	return p, nil
}
