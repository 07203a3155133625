package engine

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/portico-authz/portico/schema"
)

func aboutClient(partner, client string) []schema.Object {
	d := schema.Domain(partner)
	return []schema.Object{schema.Partner(d), schema.Obj(typeClient, d, client)}
}

// CreateClient makes a client folder.
type CreateClient struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Client  string `json:"client,omitempty" doc:"The name that the folder shall have; one is made up if it is missing." example:"retail" pattern:"^[A-Za-z0-9_-]{1,64}$"`
	Title   string `json:"title" doc:"What people call the folder." example:"Retail" maxLength:"200"`
}

// Name implements [Operation].
func (*CreateClient) Name() string { return "create_client" }

// About implements [Operation].
func (o *CreateClient) About() []schema.Object { return aboutClient(o.Partner, "")[:1] }

// Plan implements [Operation].
func (o *CreateClient) Plan(ctx context.Context, v *View) (*Plan, error) {
	partner := v.Domain.Root()
	client, err := v.newEntry(ctx, typeClient, o.Client, o.Title, partner)
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: client.Object, Summary: "created the folder " + quote(client.Title)}
	p.put(client)
	p.touch(client.Object, relPartner, schema.Subject{Object: partner}, noExpiry)
	return p, nil
}

// RenameClient gives a client folder another title.
type RenameClient struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Client  string `json:"client" doc:"The folder's name at the partner." example:"retail"`
	Title   string `json:"title" doc:"The folder's new title." example:"Retail and more" maxLength:"200"`
}

// Name implements [Operation].
func (*RenameClient) Name() string { return "rename_client" }

// About implements [Operation].
func (o *RenameClient) About() []schema.Object { return aboutClient(o.Partner, o.Client) }

// Plan implements [Operation].
func (o *RenameClient) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planRename(ctx, v, o.About()[1], o.Title)
}

// ArchiveClient closes a client folder: nobody reaches it or its accounts
// until it is restored.
type ArchiveClient struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Client  string `json:"client" doc:"The folder's name at the partner." example:"retail"`
}

// Name implements [Operation].
func (*ArchiveClient) Name() string { return "archive_client" }

// About implements [Operation].
func (o *ArchiveClient) About() []schema.Object { return aboutClient(o.Partner, o.Client) }

// Plan implements [Operation].
func (o *ArchiveClient) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planArchive(ctx, v, o.About()[1])
}

// RestoreClient opens an archived folder again, with the staff who were on it
// and are still there.
type RestoreClient struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Client  string `json:"client" doc:"The archived folder's name at the partner." example:"retail"`
}

// Name implements [Operation].
func (*RestoreClient) Name() string { return "restore_client" }

// About implements [Operation].
func (o *RestoreClient) About() []schema.Object { return aboutClient(o.Partner, o.Client) }

// Plan implements [Operation].
func (o *RestoreClient) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planRestore(ctx, v, o.About()[1], (&ArchiveClient{}).Name())
}

// AddClientStaff puts a staff member on a client folder, where every account
// is then on for them.
type AddClientStaff struct {
	Partner   string    `json:"partner" doc:"The partner's id." example:"acme"`
	Client    string    `json:"client" doc:"The folder's name at the partner." example:"retail"`
	Staff     string    `json:"staff" doc:"The staff member's name at the partner." example:"ana"`
	ExpiresAt time.Time `json:"expires_at,omitzero" doc:"When the access ends by itself; never, if it is missing." example:"2027-01-31T18:00:00Z"`
}

// Name implements [Operation].
func (*AddClientStaff) Name() string { return "add_client_staff" }

// About implements [Operation].
func (o *AddClientStaff) About() []schema.Object {
	return append(aboutClient(o.Partner, o.Client), aboutStaff(o.Partner, o.Staff)[1])
}

// Plan implements [Operation].
func (o *AddClientStaff) Plan(ctx context.Context, v *View) (*Plan, error) {
	about := o.About()
	client, member, err := v.grant(ctx, o.Name(), about[1], about[2], o.ExpiresAt)
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: client.Object, Summary: "added " + quote(member.Title) + " to the folder " + quote(client.Title)}
	on, err := v.Has(ctx, client.Object, relStaff, seat(member.Object))
	if err != nil {
		return nil, err
	}
	if !on {
		if err := p.switchAllOn(ctx, v, client, member); err != nil {
			return nil, err
		}
	}
	p.touch(client.Object, relStaff, seat(member.Object), o.ExpiresAt)
	return p, nil
}

// switchAllOn drops what switched accounts of the folder off for the member.
// It happens on adding, not on removing: taking somebody off a folder must not
// open an account to them that they reach by a group.
func (p *Plan) switchAllOn(ctx context.Context, v *View, client, member Entry) error {
	off, err := v.Rows(ctx, RelationshipFilter{
		ResourceType: typeAccount, Relation: relBlocked, SubjectType: schema.TypeStaff, SubjectID: member.Object.ID,
	})
	if err != nil {
		return err
	}
	for _, r := range off {
		account, err := v.Entry(ctx, r.Resource)
		if err != nil {
			return err
		}
		if account.Parent == client.Object {
			p.drop(r.Resource, r.Relation, r.Subject)
		}
	}
	return nil
}

// RemoveClientStaff takes a staff member off a client folder.
type RemoveClientStaff struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Client  string `json:"client" doc:"The folder's name at the partner." example:"retail"`
	Staff   string `json:"staff" doc:"The staff member's name at the partner." example:"ana"`
}

// Name implements [Operation].
func (*RemoveClientStaff) Name() string { return "remove_client_staff" }

// About implements [Operation].
func (o *RemoveClientStaff) About() []schema.Object {
	return append(aboutClient(o.Partner, o.Client), aboutStaff(o.Partner, o.Staff)[1])
}

// Plan implements [Operation].
func (o *RemoveClientStaff) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planRevoke(ctx, v, grantOf{object: o.About()[1], relation: relStaff, staff: o.About()[2], words: "is not on the folder"})
}

// grant returns the rows of an object and of the staff member to whom the
// operation gives it, having checked that it can.
func (v *View) grant(ctx context.Context, operation string, object, staff schema.Object, expires time.Time) (Entry, Entry, error) {
	if err := v.checkExpiry(expires); err != nil {
		return Entry{}, Entry{}, err
	}
	e, member, err := v.pair(ctx, object, staff)
	if err != nil {
		return Entry{}, Entry{}, err
	}
	return e, member, v.eligible(ctx, operation, member)
}

// pair returns the rows of an object in use and of a staff member.
func (v *View) pair(ctx context.Context, object, staff schema.Object) (Entry, Entry, error) {
	e, err := v.ActiveEntry(ctx, object)
	if err != nil {
		return Entry{}, Entry{}, err
	}
	member, err := v.Entry(ctx, staff)
	return e, member, err
}

// checkExpiry refuses to give something that expires at once; expiries are kept
// in whole seconds.
func (v *View) checkExpiry(at time.Time) error {
	if expired(at.Truncate(time.Second), v.Now) {
		return Errorf(Invalid, "expires_at is in the past")
	}
	return nil
}

// expired reports whether something that expires then has expired; zero is never.
func expired(at, now time.Time) bool { return !at.IsZero() && !at.After(now) }

// grantOf names one grant: a relation of an object to a seat.
type grantOf struct {
	object   schema.Object
	relation string
	staff    schema.Object
	words    string // "is not on the folder"
	done     string // of member and object: "took %q off the project %q"; "removed … from …", if empty
}

// planRevoke drops a grant that must be there.
func planRevoke(ctx context.Context, v *View, g grantOf) (*Plan, error) {
	e, err := v.Entry(ctx, g.object)
	if err != nil {
		return nil, err
	}
	member, err := v.Entry(ctx, g.staff)
	if err != nil {
		return nil, err
	}
	rows, err := v.Rows(ctx, RelationshipFilter{
		ResourceType: g.object.Type, ResourceID: g.object.ID, Relation: g.relation,
		SubjectType: g.staff.Type, SubjectID: g.staff.ID,
	})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, Errorf(NotFound, "%s %s %s", member.Title, g.words, e.Title)
	}
	p := &Plan{Object: g.object, Summary: fmt.Sprintf(cmp.Or(g.done, "removed %q from the "+e.noun()+" %q"), member.Title, e.Title)}
	p.dropRows(rows)
	return p, nil
}
