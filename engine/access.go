package engine

import (
	"context"
	"strings"
	"time"

	"github.com/portico-authz/portico/schema"
)

// Grant is one staff member's access to something, as it was given.
type Grant struct {
	Staff     Entry
	ExpiresAt time.Time // zero: never
	GrantedAt time.Time
	GrantedBy string // user id; empty for the operator
	Role      string // the title of the giver's role at the time
	Reason    string
	Record    string
}

// GrantPage is a list of grants, by staff member.
type GrantPage struct {
	Grants []Grant
	Epoch  int64
}

// ViewClientStaff lists who was added to a client folder.
func (e *Engine) ViewClientStaff(ctx context.Context, actor Actor, d schema.Domain, client string) (GrantPage, error) {
	return e.viewGrants(ctx, actor, "client_staff", aboutClient(string(d), client), relStaff)
}

// ViewAccountStaff lists who was added to an internal account.
func (e *Engine) ViewAccountStaff(ctx context.Context, actor Actor, d schema.Domain, account string) (GrantPage, error) {
	return e.viewGrants(ctx, actor, "account_staff", aboutAccount(string(d), account), relStaff)
}

// ViewRepresentatives lists who represents a group.
func (e *Engine) ViewRepresentatives(ctx context.Context, actor Actor, d schema.Domain, group string) (GrantPage, error) {
	return e.viewGrants(ctx, actor, "representatives", aboutGroup(string(d), group), relRepresentative)
}

// ViewGroupAccounts lists the accounts of a group that the actor reaches, by id.
func (e *Engine) ViewGroupAccounts(ctx context.Context, actor Actor, d schema.Domain, group string, p Paging) (EntryPage, error) {
	var page EntryPage
	about := aboutGroup(string(d), group)
	err := e.viewing(ctx, actor, "group_accounts", about, func(v *View) error {
		reached, err := e.reach(ctx, v, typeAccount, e.portal.Visible[typeAccount], actor.Subject())
		if err != nil {
			return err
		}
		rows, err := v.Rows(ctx, RelationshipFilter{
			ResourceType: typeAccount, Relation: relGroup, SubjectType: typeGroup, SubjectID: about[1].ID,
		})
		if err != nil {
			return err
		}
		var accounts []Entry
		for _, r := range rows {
			account, err := v.tx.Entry(ctx, r.Resource)
			if err != nil {
				return err
			}
			if reached[account.Object.ID] {
				accounts = append(accounts, account)
			}
		}
		page, err = e.cutEntries(accounts, v, e.listDigest("group_accounts", about[1].ID), p)
		return err
	})
	return page, err
}

// ViewGroupStaff lists who is restricted to a group, and maybe to others.
func (e *Engine) ViewGroupStaff(ctx context.Context, actor Actor, d schema.Domain, group string) (GrantPage, error) {
	return e.viewGrants(ctx, actor, "group_staff", aboutGroup(string(d), group), relStaff)
}

// ViewEventInstructors lists who teaches an event.
func (e *Engine) ViewEventInstructors(ctx context.Context, actor Actor, d schema.Domain, event string) (GrantPage, error) {
	return e.viewGrants(ctx, actor, "event_instructors", aboutEvent(string(d), event), relInstructor)
}

// ProjectStaff is who is on a project.
type ProjectStaff struct {
	Leader  *Grant // nil if nobody leads it
	Members []Grant
	Epoch   int64
}

// ViewProjectStaff returns a project's leader and who is assigned to it.
func (e *Engine) ViewProjectStaff(ctx context.Context, actor Actor, d schema.Domain, project string) (*ProjectStaff, error) {
	var staff *ProjectStaff
	about := aboutProject(string(d), project)
	err := e.viewing(ctx, actor, "project_staff", about, func(v *View) error {
		members, err := e.grantsOn(ctx, v, about[1], relMember)
		if err != nil {
			return err
		}
		staff = &ProjectStaff{Members: members, Epoch: v.State.Epoch}
		leaders, err := e.grantsOn(ctx, v, about[1], relLeader)
		if len(leaders) > 0 {
			staff.Leader = &leaders[0]
		}
		return err
	})
	return staff, err
}

func (e *Engine) viewGrants(ctx context.Context, actor Actor, view string, about []schema.Object, relation string) (GrantPage, error) {
	page := GrantPage{Grants: []Grant{}}
	err := e.viewing(ctx, actor, view, about, func(v *View) (err error) {
		page.Epoch = v.State.Epoch
		page.Grants, err = e.grantsOn(ctx, v, about[1], relation)
		return err
	})
	return page, err
}

// grantsOn returns the live grants of a relation of the object.
func (e *Engine) grantsOn(ctx context.Context, v *View, object schema.Object, relation string) ([]Grant, error) {
	grants := []Grant{}
	rows, err := v.Rows(ctx, RelationshipFilter{ResourceType: object.Type, ResourceID: object.ID, Relation: relation})
	if err != nil || len(rows) == 0 {
		return grants, err
	}
	tell, err := e.teller(ctx, v)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if !r.live(v.Now) {
			continue
		}
		g, err := v.grantOf(ctx, r)
		if err != nil {
			return nil, err
		}
		if g.Staff.State != Removed {
			grants = append(grants, tell(g))
		}
	}
	return grants, nil
}

// teller returns what reduces a grant to what the actor may read of it: who gave
// it, and why, is for those who may read the journal.
func (e *Engine) teller(ctx context.Context, v *View) (func(Grant) Grant, error) {
	hidden, err := e.hiddenFrom(ctx, v)
	if err != nil {
		return nil, err
	}
	outline, err := e.outliner(ctx, v)
	if err != nil {
		return nil, err
	}
	journal := v.Actor.Kind != Person
	if requirement, ok := e.portal.Views["journal"]; ok && !journal {
		journal, err = v.ask(ctx, Query{Resource: v.Domain.Root(), Permission: requirement.Permission, Subject: v.Actor.Subject()})
	}
	return func(g Grant) Grant {
		g.Staff, g.GrantedBy = outline(g.Staff), hidden.user(g.GrantedBy)
		if !journal {
			g.GrantedBy, g.Role, g.Reason, g.Record = "", "", "", ""
		}
		return g
	}, err
}

// grantOf tells a row whose subject is a seat.
func (v *View) grantOf(ctx context.Context, r Row) (Grant, error) {
	member, err := v.tx.Entry(ctx, r.Subject.Object)
	if err != nil {
		return Grant{}, err
	}
	g := Grant{Staff: member, ExpiresAt: r.ExpiresAt, GrantedAt: r.WrittenAt, Record: r.Record}
	rec, err := v.tx.Record(ctx, r.Record)
	if CodeOf(err) == NotFound {
		return g, nil
	}
	g.GrantedBy, g.Role, g.Reason = rec.Actor.User, rec.ActorRole, rec.Reason
	return g, err
}

// Reach is a client folder that a staff member reaches, and how.
type Reach struct {
	Client Entry
	// How has "added" if the member is on the folder, and the member's role if
	// that reaches it.
	How []string
	// Reaches is false for what was granted to a seat that isn't active.
	Reaches bool
	// Grant is how the member was added; nil if they weren't.
	Grant *Grant
}

// ReachPage is a list of folders, by id.
type ReachPage struct {
	Reach []Reach
	Epoch int64
}

// ViewStaffClients lists the client folders that a staff member reaches, or
// would if the seat were active, and how.
func (e *Engine) ViewStaffClients(ctx context.Context, actor Actor, d schema.Domain, staff string) (ReachPage, error) {
	var page ReachPage
	about := aboutStaff(string(d), staff)
	err := e.viewing(ctx, actor, "staff_clients", about, func(v *View) error {
		page = ReachPage{Reach: []Reach{}, Epoch: v.State.Epoch}
		member, err := v.Entry(ctx, about[1])
		if err != nil {
			return err
		}
		granted, err := v.grantsTo(ctx, member, typeClient)
		if err != nil {
			return err
		}
		var subject schema.Subject
		if member.State == Active && member.User != "" {
			subject.Object = schema.User(member.User)
		}
		reached, err := e.reach(ctx, v, typeClient, e.portal.Visible[typeClient], subject)
		if err != nil {
			return err
		}
		page.Reach, err = v.reaches(ctx, member, granted, reached)
		return err
	})
	return page, err
}

// grantsTo returns the member's live grants of relStaff on objects of a type,
// by the objects' ids.
func (v *View) grantsTo(ctx context.Context, member Entry, typ string) (map[string]Grant, error) {
	rows, err := v.Rows(ctx, RelationshipFilter{
		ResourceType: typ, Relation: relStaff, SubjectType: schema.TypeStaff, SubjectID: member.Object.ID,
	})
	granted := map[string]Grant{}
	for _, r := range rows {
		if !r.live(v.Now) {
			continue
		}
		g, err := v.grantOf(ctx, r)
		if err != nil {
			return nil, err
		}
		granted[r.Resource.ID] = g
	}
	return granted, err
}

func (v *View) reaches(ctx context.Context, member Entry, granted map[string]Grant, reached map[string]bool) ([]Reach, error) {
	role, _ := v.Portal.Role(member.Role)
	list := []Reach{}
	clients, err := v.Entries(ctx, EntryFilter{Type: typeClient, States: []State{Active}})
	for _, client := range clients {
		id := client.Object.ID
		g, added := granted[id]
		if !added && !reached[id] {
			continue
		}
		r := Reach{Client: client, Reaches: reached[id]}
		if added {
			r.How, r.Grant = append(r.How, "added"), &g
		}
		if reached[id] && !added {
			r.How = append(r.How, strings.ToLower(role.Title))
		}
		list = append(list, r)
	}
	return list, err
}
