package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func TestWorkspaceModel(t *testing.T) {
	checkModel(t, modelled{
		Portal: "workspace", Partners: 3, New: newWorkspaceModel,
		Persons: []string{"ana", "ben", "cat", "dan", "eve", "fay", "sue", "sid"},
	})
}

// workspaceModel is the article of the workspace portal: WS-1 to WS-9.
type workspaceModel struct {
	w       *world
	gate    gate
	support []string // in the order of joining
	firms   []*workspaceFirm
	objects []schema.Object
	ranks   map[schema.Object]int // on the ladder, of each seat as the store had it last
}

// workspaceLadder has the roles, the highest first (WS-8).
var workspaceLadder = []string{"super_admin", "admin", "project_manager", "office_manager", "teammate", "salesperson", "freelancer"}

// workspaceKinds has the kinds of CRM records (WS-6).
var workspaceKinds = []string{"company", "contact", "event", "goal"}

type workspaceFirm struct {
	id       schema.Domain
	title    string
	seats    []*workspaceSeat // the super admin's first
	projects []*workspaceProject
	records  []*workspaceRecord

	told int // journal records
}

// workspaceSeat is a staff member. Nobody's person is set before they accept.
type workspaceSeat struct {
	name, role, email string
	person            string
	trashed, removed  bool

	token string // the invitation's, while invited
	until time.Time
	void  []string // former tokens
}

type workspaceProject struct {
	name, title string
	archived    bool // nobody reaches it; who was on it is, once it is restored
	leader      *workspaceSeat
	members     map[*workspaceSeat]bool
}

type workspaceRecord struct {
	name, kind string
	deleted    bool
	creator    *workspaceSeat // nil: they were deleted for good
}

func newWorkspaceModel(w *world) article {
	m := &workspaceModel{w: w, objects: []schema.Object{schema.Platform()}, ranks: map[schema.Object]int{}}
	m.gate = gate{May: m.May, There: m.there, Visible: map[string]string{
		"partner": "enter", "staff": "see", "project": "view", "record": "view",
	}}
	return m
}

func (m *workspaceModel) firm(id schema.Domain) *workspaceFirm {
	return find(m.firms, string(id), func(f *workspaceFirm) string { return string(f.id) })
}

func workspaceSeatName(s *workspaceSeat) string       { return s.name }
func workspaceProjectName(p *workspaceProject) string { return p.name }
func workspaceRecordName(r *workspaceRecord) string   { return r.name }

// seat returns a staff member who hasn't been deleted for good.
func (f *workspaceFirm) seat(name string) *workspaceSeat {
	if s := find(f.seats, name, workspaceSeatName); s != nil && !s.removed {
		return s
	}
	return nil
}

func (f *workspaceFirm) project(name string) *workspaceProject {
	return find(f.projects, name, workspaceProjectName)
}

func (f *workspaceFirm) record(name string) *workspaceRecord {
	return find(f.records, name, workspaceRecordName)
}

// of returns the person's seat, be it in the trash; nil if they have none.
func (f *workspaceFirm) of(person string) *workspaceSeat {
	i := slices.IndexFunc(f.seats, func(s *workspaceSeat) bool { return !s.removed && s.person == person })
	if i < 0 || person == "" {
		return nil
	}
	return f.seats[i]
}

func (s *workspaceSeat) is(roles ...string) bool { return slices.Contains(roles, s.role) }

// boss: the whole platform is theirs (WS-1, WS-2).
func (s *workspaceSeat) boss() bool { return s.is("super_admin", "admin") }

// leads: all projects are theirs (WS-3), and they can lead one (WS-5).
func (s *workspaceSeat) leads() bool { return s.boss() || s.is("project_manager") }

// sells: they work in the CRM, if only with what is theirs (WS-6).
func (s *workspaceSeat) sells() bool { return s.leads() || s.is("office_manager", "salesperson") }

func (s *workspaceSeat) state() engine.State {
	switch {
	case s.removed:
		return engine.Removed
	case s.trashed:
		return engine.Trashed
	case s.person == "":
		return engine.Invited
	default:
		return engine.Active
	}
}

func (m *workspaceModel) Objects() []schema.Object { return m.objects }

// there reports whether an object can be spoken of: it was made, and isn't a
// staff member who was deleted for good.
func (m *workspaceModel) there(o schema.Object) bool {
	if o.Type == schema.TypeStaff {
		f := m.firm(o.Domain())
		return f != nil && f.seat(o.Name()) != nil
	}
	return slices.Contains(m.objects, o)
}

func (m *workspaceModel) May(person string, on schema.Object, permission string) bool {
	if on.Type == schema.TypePlatform {
		return slices.Contains(m.support, person)
	}
	f := m.firm(on.Domain())
	if f == nil {
		return false
	}
	s := f.of(person)
	if s == nil || s.trashed {
		return false // WS-9, XP-1
	}
	switch on.Type {
	case schema.TypePartner:
		return s.mayAt(permission)
	case schema.TypeStaff:
		about := f.seat(on.Name())
		return about != nil && s.mayWith(about, permission)
	case "project":
		p := f.project(on.Name())
		return p != nil && !p.archived && s.mayIn(p, permission)
	default:
		r := f.record(on.Name())
		return r != nil && !r.deleted && s.mayOn(r, permission)
	}
}

// mayAt says what a role opens at the firm.
func (s *workspaceSeat) mayAt(permission string) bool {
	switch permission {
	case "enter":
		return true
	case "view_subscription", "manage_subscription", "oversee_staff":
		return s.is("super_admin") // WS-1, WS-2
	case "view_billing", "manage_billing":
		return s.boss() || s.is("office_manager") // WS-4
	case "view_projects":
		return !s.is("office_manager") // WS-4, WS-5
	case "manage_projects", "lead_projects":
		return s.leads() // WS-3, WS-5
	case "join_team_talks":
		return !s.is("office_manager", "freelancer") // WS-4, WS-7
	case "view_crm", "create_records":
		return s.sells() // WS-6
	case "manage_crm":
		return s.sells() && !s.is("salesperson") // WS-3, WS-4, WS-6
	case "manage_staff", "view_journal", "view_settings", "manage_settings", "view_client_pages", "manage_client_pages":
		return s.boss() // WS-2, WS-3, WS-4
	default:
		panic("the model knows no partner#" + permission)
	}
}

// mayWith is WS-2: the super admin's details are nobody else's.
func (s *workspaceSeat) mayWith(about *workspaceSeat, permission string) bool {
	manages := s.is("super_admin") || s.boss() && !about.is("super_admin")
	switch permission {
	case "manage":
		return manages
	case "view":
		return manages || s == about
	case "see": // who puts people on projects knows whom there is to choose from
		return manages || s == about || s.leads() && !about.is("super_admin")
	default:
		panic("the model knows no staff#" + permission)
	}
}

// mayIn is WS-3 to WS-7 on projects.
func (s *workspaceSeat) mayIn(p *workspaceProject, permission string) bool {
	assigned := p.members[s] && s.is("teammate", "salesperson", "freelancer")
	switch permission {
	case "manage", "join_client_talk":
		return s.leads()
	case "lead":
		return p.leader == s
	case "view", "work_on_tasks":
		return s.leads() || assigned
	case "join_team_talk":
		return s.leads() || assigned && !s.is("freelancer")
	default:
		panic("the model knows no project#" + permission)
	}
}

// mayOn is WS-3, WS-4 and WS-6 on the CRM.
func (s *workspaceSeat) mayOn(r *workspaceRecord, permission string) bool {
	edits := s.sells() && (!s.is("salesperson") || r.creator == s)
	switch permission {
	case "edit", "delete":
		return edits
	case "view":
		return edits || s.sells() && (r.kind == "company" || r.kind == "contact")
	default:
		panic("the model knows no record#" + permission)
	}
}

// purge deletes a staff member for good.
func (f *workspaceFirm) purge(s *workspaceSeat) {
	s.removed = true
	f.strip(s)
}

// strip takes from a seat all that was given to it.
func (f *workspaceFirm) strip(s *workspaceSeat) {
	for _, p := range f.projects {
		delete(p.members, s)
		if p.leader == s {
			p.leader = nil
		}
	}
	for _, r := range f.records {
		if r.creator == s {
			r.creator = nil
		}
	}
}

// Pass implements [article]: nothing that is given here expires, and an
// invitation looks at the clock itself.
func (*workspaceModel) Pass() {}
