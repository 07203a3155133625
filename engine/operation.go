package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/portico-authz/portico/schema"
)

// Operation is something that people do in a portal: invite, grant, switch
// off, transfer. It is a struct of parameters, with json, doc and example tags
// from which the API and the command line are made.
type Operation interface {
	// Name is the operation's name in portal.yaml, the journal, the API and the
	// command line: invite_staff.
	Name() string

	// About names the objects that must be there for the operation to make
	// sense, the root of its domain first. The permission that portal.yaml
	// requires is asked on the one of the required type.
	About() []schema.Object

	// Plan says what the operation changes, seen from v. It writes nothing and
	// may be called any number of times.
	Plan(ctx context.Context, v *View) (*Plan, error)
}

// resolver is an operation that must look something up before it knows what it
// is about.
type resolver interface {
	resolve(ctx context.Context, tx Tx, mint minter) error
}

// founder is an operation that makes its own domain.
type founder interface{ founds() }

// chore is an operation that the engine does by itself, in every portal.
type chore interface{ chore() }

// composite is an operation that does, beside its own, what others are for, and
// needs what they require.
type composite interface{ includes() []string }

// guarded is an operation whose requirement depends on its parameters.
type guarded interface {
	requirement(p *schema.Portal) (schema.Requirement, error)
}

// secretive is an operation some of whose parameters the journal may not keep.
type secretive interface{ journaled() any }

// Definition describes an operation to those who offer it to people.
type Definition struct {
	Name    string
	Summary string // an imperative sentence, without the full stop
	// New returns a pointer to the operation's zero value, to be filled.
	New func() Operation
	// Writes has the forms of the relationships that it writes, for which a
	// portal's schema must have a place.
	Writes []string
}

// Plan is what an operation would change: pure data, made by [Operation.Plan].
type Plan struct {
	Object  schema.Object // what the operation makes, or is about
	Summary string        // a sentence in the past tense, for the journal
	Entries []EntryChange
	Updates []Update

	// mail is sent once the plan was applied. It holds a secret and is kept nowhere.
	mail *InvitationMail
}

func (p *Plan) put(e Entry) { p.Entries = append(p.Entries, EntryChange{Entry: e}) }

func (p *Plan) touch(resource schema.Object, relation string, subject schema.Subject, expires time.Time) {
	p.Updates = append(p.Updates, Update{Relationship: schema.Relationship{
		Resource: resource, Relation: relation, Subject: subject, ExpiresAt: expires.UTC().Truncate(time.Second),
	}})
}

func (p *Plan) drop(resource schema.Object, relation string, subject schema.Subject) {
	p.Updates = append(p.Updates, Update{Delete: true, Relationship: schema.Relationship{
		Resource: resource, Relation: relation, Subject: subject,
	}})
}

func (p *Plan) dropRows(rows []Row) {
	for _, r := range rows {
		p.drop(r.Resource, r.Relation, r.Subject)
	}
}

// seat is the subject that grants name: whoever sits on the staff member's seat.
func seat(staff schema.Object) schema.Subject {
	return schema.Subject{Object: staff, Relation: relUser}
}

// The relations that operations write. A portal whose schema lacks one lacks
// the operations that need it.
const (
	relUser           = "user"            // staff: the person on the seat
	relPartner        = "partner"         // the partner that something belongs to
	relClient         = "client"          // account: its folder
	relStaff          = "staff"           // client, internal account: who was added
	relGroup          = "group"           // account: a group that it is in
	relBlocked        = "blocked"         // account: for whom it is switched off
	relRepresentative = "representative"  // group: who represents it
	relPayouts        = "managed_payouts" // group: which representative is paid for it
	relUnrestricted   = "unrestricted"    // partner: whose role counts everywhere, and not in some groups only
	relLeader         = "leader"          // project
	relMember         = "member"          // project: who was assigned to it
	relCreator        = "creator"         // record
	relInstructor     = "instructor"      // event
	relSupport        = "support"         // platform: the support team
)

// The types that operations know beside those of package schema.
const (
	typeClient  = "client"
	typeAccount = "account"
	typeGroup   = "group"
	typeProject = "project"
	typeRecord  = "record"
	typeEvent   = "event"
)

// kindInternal marks the firm's own accounts.
const kindInternal = "internal"

// View is one domain as a plan sees it: consistent, and unchanged while the
// plan is made.
type View struct {
	tx   Tx
	mint minter
	// ask decides at the domain's present snapshot.
	ask    func(ctx context.Context, q Query) (bool, error)
	Portal *schema.Portal
	Domain schema.Domain
	State  DomainState
	Actor  Actor
	Now    time.Time
	// InvitationLife is how long an invitation can be accepted.
	InvitationLife time.Duration
}

// Entry returns the directory row of object; NotFound also if it was removed.
func (v *View) Entry(ctx context.Context, object schema.Object) (Entry, error) {
	e, err := v.tx.Entry(ctx, object)
	if CodeOf(err) == NotFound || err == nil && e.State == Removed {
		return Entry{}, notFound(object)
	}
	return e, err
}

// ActiveEntry returns the row of an object that must not be archived.
func (v *View) ActiveEntry(ctx context.Context, object schema.Object) (Entry, error) {
	e, err := v.Entry(ctx, object)
	if err == nil && e.State == Archived {
		return Entry{}, Errorf(Conflict, "the %s %q is %s", e.noun(), e.Title, e.closing())
	}
	return e, err
}

// Entries returns the domain's directory rows that match.
func (v *View) Entries(ctx context.Context, f EntryFilter) ([]Entry, error) {
	f.Domain = v.Domain
	return v.tx.Entries(ctx, f)
}

// Rows returns the domain's relationships that match, expired ones included.
func (v *View) Rows(ctx context.Context, f RelationshipFilter) ([]Row, error) {
	f.Domain = v.Domain
	return v.tx.Relationships(ctx, f)
}

// Has reports whether the relationship is there and not expired.
func (v *View) Has(ctx context.Context, resource schema.Object, relation string, subject schema.Subject) (bool, error) {
	rows, err := v.Rows(ctx, RelationshipFilter{
		ResourceType: resource.Type, ResourceID: resource.ID, Relation: relation,
		SubjectType: subject.Type, SubjectID: subject.ID, SubjectRelation: subject.Relation,
	})
	return err == nil && len(rows) == 1 && rows[0].live(v.Now), err
}

// live reports whether the relationship still counts at the time.
func (r Row) live(now time.Time) bool { return !expired(r.ExpiresAt, now) }

// name returns the caller's choice of a name, or mints one.
func (v *View) name(chosen string) (string, error) {
	if chosen == "" {
		return v.mint.name(), nil
	}
	if err := schema.ValidateName(chosen); err != nil {
		return "", Errorf(Invalid, "%s", err)
	}
	return chosen, nil
}

// newEntry returns the row of a new object, whose name must never have been used.
func (v *View) newEntry(ctx context.Context, typ, chosen, title string, parent schema.Object) (Entry, error) {
	name, err := v.name(chosen)
	if err != nil {
		return Entry{}, err
	}
	title, err = cleanTitle(title)
	if err != nil {
		return Entry{}, err
	}
	object := schema.Obj(typ, v.Domain, name)
	if _, err := v.tx.Entry(ctx, object); CodeOf(err) != NotFound {
		if err != nil {
			return Entry{}, err
		}
		return Entry{}, Errorf(Conflict, "the name %q is taken already: another %s has it, or had it once", name, typ)
	}
	return Entry{Object: object, Parent: parent, Title: title, State: Active, CreatedAt: v.Now, UpdatedAt: v.Now}, nil
}

// notFound is what anybody gets for what isn't there or isn't theirs to see.
func notFound(object schema.Object) *Error {
	if object.Type == schema.TypePartner || object.Type == schema.TypePlatform {
		return Errorf(NotFound, "no %s %q", object.Type, object.Name())
	}
	return Errorf(NotFound, "no %s %q at partner %q", object.Type, object.Name(), object.Domain())
}

// quote marks a title in a summary.
func quote(title string) string { return fmt.Sprintf("%q", title) }
