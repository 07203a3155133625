package engine_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// workspaceEye is one person who looks at one firm through the portal's views.
type workspaceEye struct {
	m      *workspaceModel
	f      *workspaceFirm // empty if nobody signed up there
	e      *engine.Engine
	at     schema.Domain
	person string
	actor  engine.Actor
}

// Views implements [viewer].
func (m *workspaceModel) Views(e *engine.Engine, d schema.Domain) error {
	if d == schema.PlatformDomain {
		return nil
	}
	var looks []func() error
	for _, person := range m.w.Persons {
		looks = append(looks, m.eye(e, person, d).looks()...)
	}
	return abreast(looks)
}

// Look implements [looker].
func (m *workspaceModel) Look(e *engine.Engine, person string, d schema.Domain, dice *rand.Rand) error {
	looks := m.eye(e, person, d).looks()
	return cmp.Or(looks[dice.IntN(len(looks))](), looks[dice.IntN(len(looks))]())
}

func (m *workspaceModel) eye(e *engine.Engine, person string, d schema.Domain) workspaceEye {
	f := m.firm(d)
	if f == nil {
		f = &workspaceFirm{id: d}
	}
	return workspaceEye{m: m, f: f, e: e, at: d, person: person, actor: engine.PersonActor(person)}
}

// looks returns the comparisons of all views, and of some dry runs.
func (w workspaceEye) looks() []func() error {
	looks := []func() error{w.partner, w.staff, w.trash, w.projects, w.archived, w.records, w.deleted, w.journal}
	for _, p := range w.f.projects {
		looks = append(looks, func() error { return w.projectStaff(p) }, func() error { return w.candidates(p) })
	}
	for _, s := range w.f.seats {
		looks = append(looks, func() error { return w.member(s) }, func() error { return w.staffProjects(s) })
	}
	return append(looks, w.ends()...)
}

// compare compares what a view shows, or the code with which it is refused, with
// what must come of it. Needs and about are as with [gate.refusals].
func (w workspaceEye) compare(view string, got any, err error, want func() any, needs string, about ...string) error {
	_, bad := w.m.at(act{Actor: w.actor}, string(w.at), needs, about...)
	if code := engine.CodeOf(err); len(bad) == 0 && err != nil || len(bad) > 0 && !slices.Contains(bad, code) {
		return fmt.Errorf("the view %s of %s, %v: %q (%w), and the model says %v", view, w.at, about, code, orNil(err), bad)
	}
	if err != nil {
		return nil //nolint:nilerr // as it must be
	}
	if diff := gocmp.Diff(want(), got); diff != "" {
		return fmt.Errorf("the view %s of %s, %v, for %s (-want, +got):\n%s", view, w.at, about, w.person, strings.ReplaceAll(diff, "\u00a0", " "))
	}
	return nil
}

var workspacePage = engine.Paging{Limit: engine.MaxPage}

// workspaceNames returns what those of a list are called that are wanted, by name.
func workspaceNames[V any](all []V, of func(V) string, wanted func(V) bool) []string {
	names := []string{}
	for _, v := range all {
		if wanted(v) {
			names = append(names, of(v))
		}
	}
	slices.Sort(names)
	return names
}

func workspaceEntryName(e engine.Entry) string { return e.Object.Name() }

func workspaceListed(page engine.EntryPage) []string {
	return workspaceNames(page.Entries, workspaceEntryName, func(engine.Entry) bool { return true })
}

func (w workspaceEye) may(permission, typ, name string) bool {
	return w.m.May(w.person, schema.Obj(typ, w.at, name), permission)
}

func (w workspaceEye) partner() error {
	entry, _, err := w.e.ViewPartner(context.Background(), w.actor, w.at)
	return w.compare("partner", entry.Title, err, func() any { return strings.TrimSpace(w.f.title) }, "partner#enter")
}

// staff is WS-2: nobody but the super admin sees the super admin in the list.
func (w workspaceEye) staff() error { return w.staffIn() }

// trash is WS-9.
func (w workspaceEye) trash() error {
	return cmp.Or(w.staffIn(engine.Trashed), w.staffIn(engine.Active, engine.Invited))
}

func (w workspaceEye) staffIn(states ...engine.State) error {
	page, err := w.e.ViewStaff(context.Background(), w.actor, w.at, states, workspacePage)
	return w.compare(fmt.Sprint("staff ", states), workspaceListed(page), err, func() any {
		return workspaceNames(w.f.seats, workspaceSeatName, func(s *workspaceSeat) bool {
			return !s.removed && (len(states) == 0 || slices.Contains(states, s.state())) && w.may("see", "staff", s.name)
		})
	}, "partner#manage_staff")
}

// member is WS-2.
func (w workspaceEye) member(s *workspaceSeat) error {
	entry, _, err := w.e.ViewStaffMember(context.Background(), w.actor, w.at, s.name)
	return w.compare("staff_member", []string{entry.Role, entry.Email, entry.User, string(entry.State)}, err, func() any {
		return []string{s.role, s.email, s.person, string(s.state())}
	}, "staff#view", "staff/"+s.name)
}

func (w workspaceEye) staffProjects(s *workspaceSeat) error {
	page, err := w.e.ViewStaffProjects(context.Background(), w.actor, w.at, s.name)
	got := []string{}
	for _, a := range page.Assignments {
		got = append(got, a.Entry.Object.Name()+" "+strings.Join(a.Relations, " "))
	}
	slices.Sort(got)
	return w.compare("staff_projects", got, err, func() any {
		want := []string{}
		for _, p := range w.f.projects {
			how := p.name
			if p.leader == s {
				how += " leader"
			}
			if p.members[s] {
				how += " member"
			}
			if how != p.name && w.may("view", "project", p.name) {
				want = append(want, how)
			}
		}
		slices.Sort(want)
		return want
	}, "staff#view", "staff/"+s.name)
}

func (w workspaceEye) projects() error {
	page, err := w.e.ViewProjects(context.Background(), w.actor, w.at, engine.Open, workspacePage)
	return w.compare("projects", workspaceListed(page), err, func() any {
		return workspaceNames(w.f.projects, workspaceProjectName, func(p *workspaceProject) bool { return w.may("view", "project", p.name) })
	}, "partner#enter")
}

func (w workspaceEye) archived() error {
	page, err := w.e.ViewProjects(context.Background(), w.actor, w.at, engine.Closed, workspacePage)
	return w.compare("archived projects", workspaceListed(page), err, func() any {
		return workspaceNames(w.f.projects, workspaceProjectName, func(p *workspaceProject) bool { return p.archived })
	}, "partner#manage_projects")
}

// records is WS-6.
func (w workspaceEye) records() error {
	for _, kind := range append([]string{""}, workspaceKinds...) {
		page, err := w.e.ViewRecords(context.Background(), w.actor, w.at, kind, engine.Open, workspacePage)
		err = w.compare("records "+kind, workspaceListed(page), err, func() any {
			return workspaceNames(w.f.records, workspaceRecordName, func(r *workspaceRecord) bool {
				return (kind == "" || r.kind == kind) && w.may("view", "record", r.name)
			})
		}, "partner#enter")
		if err != nil {
			return err
		}
	}
	return nil
}

func (w workspaceEye) deleted() error {
	page, err := w.e.ViewRecords(context.Background(), w.actor, w.at, "goal", engine.Closed, workspacePage)
	return w.compare("deleted goals", workspaceListed(page), err, func() any {
		return workspaceNames(w.f.records, workspaceRecordName, func(r *workspaceRecord) bool { return r.deleted && r.kind == "goal" })
	}, "partner#manage_crm")
}

// outlined is a staff member as a list of others' shows them: the address only
// to whom the whole may be shown, and of the super admin the name (WS-2).
func (w workspaceEye) outlined(s *workspaceSeat) string {
	told := []string{s.name, s.role, string(s.state())}
	if !w.may("see", "staff", s.name) {
		told[1] = ""
	}
	if w.may("view", "staff", s.name) {
		told = append(told, s.email, s.person)
	}
	return strings.Join(told, " ")
}

func workspaceOutline(e engine.Entry) string {
	told := []string{e.Object.Name(), e.Role, string(e.State)}
	if e.Email+e.User != "" || e.Invitation != nil || !e.CreatedAt.IsZero() {
		told = append(told, e.Email, e.User)
	}
	return strings.Join(told, " ")
}

func (w workspaceEye) projectStaff(p *workspaceProject) error {
	staff, err := w.e.ViewProjectStaff(context.Background(), w.actor, w.at, p.name)
	got := []string{}
	if err == nil {
		if staff.Leader != nil {
			got = append(got, "leader "+workspaceOutline(staff.Leader.Staff))
		}
		for _, g := range staff.Members {
			got = append(got, workspaceOutline(g.Staff))
		}
	}
	slices.Sort(got)
	return w.compare("project_staff", got, err, func() any {
		want := workspaceNames(w.f.seats, w.outlined, func(s *workspaceSeat) bool { return p.members[s] })
		if p.leader != nil {
			want = append(want, "leader "+w.outlined(p.leader))
		}
		slices.Sort(want)
		return want
	}, "project#manage", "project/"+p.name)
}

// candidates is WS-4 and WS-5.
func (w workspaceEye) candidates(p *workspaceProject) error {
	page, err := w.e.ViewCandidates(context.Background(), w.actor, w.at, p.name)
	got := []string{}
	for _, c := range page.Candidates {
		got = append(got, workspaceOutline(c.Staff)+" for "+strings.Join(c.For, " "))
	}
	slices.Sort(got)
	return w.compare("candidates", got, err, func() any {
		want := []string{}
		for _, s := range w.f.seats {
			if s.removed || s.trashed || s.is("office_manager") || !w.may("see", "staff", s.name) {
				continue
			}
			what := " for assign_project_staff"
			if s.leads() {
				what += " set_leader"
			}
			want = append(want, w.outlined(s)+what)
		}
		slices.Sort(want)
		return want
	}, "project#manage", "project/"+p.name)
}

// journal is XP-3, without the records of a seat that the reader doesn't see
// (WS-2). Whether they read those that name it beside others isn't said, but in
// those they don't read of it.
func (w workspaceEye) journal() error {
	page, err := w.e.ViewJournal(context.Background(), w.actor, w.at, engine.RecordFilter{}, engine.MaxPage)
	var all engine.JournalPage
	if len(w.f.seats) > 0 { // the partner is there, and the first seat its super admin's
		boss := engine.PersonActor(w.f.seats[0].person)
		all, _ = w.e.ViewJournal(context.Background(), boss, w.at, engine.RecordFilter{}, engine.MaxPage)
	}
	open := map[string]bool{} // records of which it isn't said
	var want []string
	for _, r := range all.Records {
		about, named := w.unseen(r)
		open[r.ID] = named && !about
		if !named {
			want = append(want, r.ID)
		}
	}
	var got []string
	for _, r := range page.Records {
		if _, named := w.unseen(r); named {
			return fmt.Errorf("the journal tells %s of a seat that they don't see, in %s", w.actor.User, r.Operation)
		}
		if !open[r.ID] {
			got = append(got, r.ID)
		}
	}
	return w.compare("journal", got, err, func() any {
		if all.Next == 0 && len(all.Records) != w.f.told {
			return fmt.Sprintf("%d records of %d", len(all.Records), w.f.told)
		}
		return want
	}, "partner#view_journal")
}

// unseen reports whether a record is about a seat that the reader doesn't see,
// and whether it names one.
func (w workspaceEye) unseen(r engine.Record) (about, named bool) {
	hidden := func(o schema.Object) bool {
		return o.Type == schema.TypeStaff && w.m.there(o) && !w.may("see", "staff", o.Name())
	}
	about = hidden(r.Object) || slices.ContainsFunc(r.Entries, func(c engine.EntryChange) bool { return hidden(c.Entry.Object) })
	return about, about || slices.ContainsFunc(r.Updates, func(u engine.Update) bool { return hidden(u.Relationship.Subject.Object) })
}
