package engine_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// enrol invites a person who accepts; the seat and the user are called name.
func (b *bench) enrol(t *testing.T, boss, partner, name, role string) {
	t.Helper()
	email := name + "@" + partner + ".example"
	b.must(t, boss, &engine.InviteStaff{Partner: partner, Staff: name, FirstName: "The", LastName: name, Email: email, Role: role})
	b.must(t, name, &engine.AcceptInvitation{Token: b.post.token(t, email)})
}

func (b *bench) found(t *testing.T, boss, partner string) {
	t.Helper()
	b.must(t, boss, &engine.SignUp{Partner: partner, Staff: boss, Title: "Firm", FirstName: "The", LastName: boss, Email: boss + "@" + partner + ".example"})
}

// AG-14: who is invited in another's place gets nothing of what was granted to
// the other, not even from the archive.
func TestRestoreAfterReaddressing(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.must(t, owner, &engine.InviteStaff{Partner: "acme", Staff: "vic", ContactName: "Vic", Email: "vic@acme.example", Role: "advisor"})
	b.must(t, owner, &engine.CreateClient{Partner: "acme", Client: "retail", Title: "Retail"})
	b.must(t, owner, &engine.AddClientStaff{Partner: "acme", Client: "retail", Staff: "vic"})
	b.must(t, owner, &engine.ArchiveClient{Partner: "acme", Client: "retail"})
	b.must(t, owner, &engine.EditStaff{Partner: "acme", Staff: "vic", Email: "eve@acme.example"})
	b.must(t, owner, &engine.RestoreClient{Partner: "acme", Client: "retail"})
	b.must(t, "eve", &engine.AcceptInvitation{Token: b.post.token(t, "eve@acme.example")})
	if got := b.decision(t, "client:acme/retail", "access", "eve"); got != engine.Deny {
		t.Errorf("eve reaches what was vic's: %s", got)
	}
}

// ST-7, ST-9: an empty seat that is readdressed while it is inactive keeps no
// grants either, but for the classes that it teaches.
func TestReaddressingAnInactiveSeat(t *testing.T) {
	b := newPortalBench(t, "studio")
	b.found(t, "faye", "acme")
	b.must(t, "faye", &engine.InviteStaff{Partner: "acme", Staff: "ivy", FirstName: "Ivy", LastName: "Hill", Email: "ivy@acme.example", Role: "instructor"})
	in := func(h time.Duration) time.Time { return time.Now().Add(h * time.Hour) }
	b.must(t, "faye", &engine.CreateEvent{Partner: "acme", Event: "yoga", Kind: "course", Title: "Yoga", StartsAt: in(-2), EndsAt: in(-1), Instructors: []string{"ivy"}})
	b.must(t, "faye", &engine.DeactivateStaff{Partner: "acme", Staff: "ivy"})
	b.must(t, "faye", &engine.EditStaff{Partner: "acme", Staff: "ivy", Email: "eve@acme.example"})
	b.must(t, "faye", &engine.ReactivateStaff{Partner: "acme", Staff: "ivy"})
	b.must(t, "eve", &engine.AcceptInvitation{Token: b.post.token(t, "eve@acme.example")})
	if got := b.decision(t, "event:acme/yoga", "view", "eve"); got != engine.Allow {
		t.Errorf("the seat's class: %s", got)
	}
}

// A repeated request has one answer, also when the seat is gone since.
func TestAcceptRepeatedAfterRemoval(t *testing.T) {
	b := newBench(t)
	owner := b.firm(t, "acme")
	b.must(t, owner, &engine.InviteStaff{Partner: "acme", Staff: "vic", ContactName: "Vic", Email: "vic@acme.example", Role: "advisor"})
	accept := &engine.AcceptInvitation{Token: b.post.token(t, "vic@acme.example")}
	keyed := &engine.DoOptions{IdempotencyKey: "once"}
	first, err := b.Do(t.Context(), engine.PersonActor("vic"), accept, keyed)
	if err != nil {
		t.Fatal(err)
	}
	b.must(t, owner, &engine.RemoveStaff{Partner: "acme", Staff: "vic"})
	again, err := b.Do(t.Context(), engine.PersonActor("vic"), accept, keyed)
	if err != nil || again.Record != first.Record {
		t.Errorf("repeated: %+v, %v; want %+v", again, err, first)
	}
	_, err = b.Do(t.Context(), engine.PersonActor("eve"), accept, nil)
	if engine.CodeOf(err) != engine.NotFound || strings.Contains(err.Error(), "acme") {
		t.Errorf("another with the token: %v, want not found, and no name", err)
	}
}

// PR-10: payouts end with representing the group, however that ends.
func TestPayoutsEndWithAnExpiredRepresentation(t *testing.T) {
	b := newPortalBench(t, "program")
	b.found(t, "ada", "acme")
	for _, name := range []string{"gwen", "gus"} {
		b.enrol(t, "ada", "acme", name, "read_only")
	}
	b.must(t, "ada", &engine.CreateGroup{Partner: "acme", Group: "north", Title: "North"})
	b.must(t, "ada", &engine.CreateAccount{Partner: "acme", Account: "acorn", Title: "Acorn"})
	b.must(t, "ada", &engine.AddGroupAccount{Partner: "acme", Group: "north", Account: "acorn"})
	gwen := &engine.AddRepresentative{Partner: "acme", Group: "north", Staff: "gwen", ExpiresAt: time.Now().Add(time.Hour)}
	b.must(t, "ada", gwen)
	b.must(t, "ada", &engine.AddRepresentative{Partner: "acme", Group: "north", Staff: "gus"})
	b.must(t, "ada", &engine.SetManagedPayouts{Partner: "acme", Group: "north", Staff: "gwen", Enabled: true})
	paid := func(want ...string) {
		t.Helper()
		staff, _, err := b.ViewAccountCommissions(t.Context(), engine.PersonActor("ada"), "acme", "acorn")
		var names []string
		for _, s := range staff {
			names = append(names, s.Object.Name())
		}
		if err != nil || !slices.Equal(names, want) {
			t.Errorf("the commissions go to %v (%v), want %v", names, err, want)
		}
	}
	paid("gwen")
	b.clock.turn(2 * time.Hour)
	paid()
	b.must(t, "ada", &engine.SetManagedPayouts{Partner: "acme", Group: "north", Staff: "gus", Enabled: true})
	gwen.ExpiresAt = time.Time{}
	b.must(t, "ada", gwen)
	paid("gus")
}

// WS-2: an admin can't find out about the super admin by asking.
func TestHidden(t *testing.T) {
	b := newPortalBench(t, "workspace")
	b.found(t, "sam", "acme")
	b.enrol(t, "sam", "acme", "ada", "admin")
	tests := []struct {
		actor, object string
		hides         bool
	}{
		{"ada", "user:sam", true},
		{"ada", "staff:acme/sam", true},
		{"ada", "user:stranger", true}, // or it would tell sam apart
		{"ada", "user:ada", false},
		{"ada", "staff:acme/ada", false},
		{"ada", "partner:acme", false},
		{"sam", "user:sam", false},
		{"sam", "user:ada", false},
		{"sam", "user:stranger", false},
	}
	for _, tt := range tests {
		h, err := b.Hidden(t.Context(), engine.PersonActor(tt.actor), "acme")
		if err != nil || h.Hides(object(t, tt.object)) != tt.hides {
			t.Errorf("%s hidden from %s: %v (%v), want %v", tt.object, tt.actor, !tt.hides, err, tt.hides)
		}
	}
	create := &engine.CreateProject{Partner: "acme", Project: "site", Title: "Site"}
	dry, err := b.Do(t.Context(), engine.PersonActor("ada"), create, &engine.DoOptions{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range dry.Impact.Gains {
		if c.User == "sam" {
			t.Errorf("the dry run tells ada that sam gains %s", c.Permission)
		}
	}
	if dry.Impact.Hidden == 0 || len(dry.Impact.Gains) == 0 {
		t.Errorf("impact: %+v", dry.Impact)
	}
	page, err := b.ViewJournal(t.Context(), engine.PersonActor("ada"), "acme", engine.RecordFilter{}, 0)
	for _, r := range page.Records {
		for _, e := range r.Entries {
			if e.Entry.Object == schema.Obj(schema.TypeStaff, "acme", "sam") {
				t.Errorf("ada reads of sam in %s", r.Operation)
			}
		}
	}
	if err != nil || len(page.Records) == 0 {
		t.Errorf("ada's journal: %d records, %v", len(page.Records), err)
	}
}

// WS-2: nor by reading what the super admin did, or what was done with them.
func TestJournalHidesTheHidden(t *testing.T) {
	b := newPortalBench(t, "workspace")
	b.found(t, "sam", "acme")
	b.enrol(t, "sam", "acme", "ada", "admin")
	b.must(t, "sam", &engine.CreateProject{Partner: "acme", Project: "site", Title: "Site"})
	b.must(t, "sam", &engine.SetLeader{Partner: "acme", Project: "site", Staff: "sam"})
	page, err := b.ViewJournal(t.Context(), engine.PersonActor("ada"), "acme", engine.RecordFilter{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range page.Records {
		if r.Operation == "set_leader" || r.Actor.User == "sam" {
			t.Errorf("ada reads %s by %q", r.Operation, r.Actor.User)
		}
	}
	all, err := b.ViewJournal(t.Context(), engine.PersonActor("sam"), "acme", engine.RecordFilter{}, 0)
	if err != nil || len(all.Records) <= len(page.Records) || all.Records[0].Actor.User != "sam" {
		t.Errorf("sam reads %d records (%v), ada %d", len(all.Records), err, len(page.Records))
	}
	staff, err := b.ViewProjectStaff(t.Context(), engine.PersonActor("ada"), "acme", "site")
	if err != nil || staff.Leader == nil {
		t.Fatalf("the project's staff: %+v, %v", staff, err)
	}
	if leader := *staff.Leader; leader.Staff.Email != "" || leader.Staff.Role != "" || leader.Staff.User != "" || leader.GrantedBy != "" {
		t.Errorf("ada reads of the leader %+v", leader)
	}
	unset := &engine.UnsetLeader{Partner: "acme", Project: "site"}
	dry, err := b.Do(t.Context(), engine.PersonActor("ada"), unset, &engine.DoOptions{DryRun: true})
	if err != nil || len(dry.Impact.Updates) != 0 || dry.Impact.Hidden == 0 {
		t.Errorf("the dry run tells %+v, %v", dry, err)
	}
}

// WS-2: a requirement that is asked on the partner makes nobody visible.
func TestPartnerWideRequirementStillHides(t *testing.T) {
	portal, err := extended(t, "workspace", nil,
		"  edit_staff: staff#manage", "  edit_staff: partner#manage_staff", "  staff_member: staff#view", "  staff_member: partner#manage_staff")
	if err != nil {
		t.Fatal(err)
	}
	b := newPortalBench(t, "workspace")
	b.found(t, "sam", "acme")
	b.enrol(t, "sam", "acme", "ada", "admin")
	graph := openGraph(t, 0)
	defer func() { _ = graph.Close() }()
	loose := engine.New(b.store, graph, portal, &engine.Options{Mailer: b.post, Clock: b.clock})
	if err := loose.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = loose.Do(t.Context(), engine.PersonActor("ada"), &engine.EditStaff{Partner: "acme", Staff: "sam", ContactName: "Eve"}, nil)
	if engine.CodeOf(err) != engine.NotFound {
		t.Errorf("edited: %v", err)
	}
	if _, _, err = loose.ViewStaffMember(t.Context(), engine.PersonActor("ada"), "acme", "sam"); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("viewed: %v", err)
	}
}

// XP-3: who gave somebody something, and why, is for the journal's readers.
func TestReasonsAreForTheJournalsReaders(t *testing.T) {
	b := newPortalBench(t, "studio")
	b.found(t, "faye", "acme")
	b.enrol(t, "faye", "acme", "rita", "restricted")
	op := &engine.CreateEvent{
		Partner: "acme", Event: "yoga", Kind: "course", Title: "Yoga", Instructors: []string{"faye"},
		StartsAt: time.Now().Add(time.Hour), EndsAt: time.Now().Add(2 * time.Hour),
	}
	if _, err := b.Do(t.Context(), engine.PersonActor("faye"), op, &engine.DoOptions{Reason: "ivy is ill"}); err != nil {
		t.Fatal(err)
	}
	for user, want := range map[string]string{"faye": "ivy is ill", "rita": ""} {
		page, err := b.ViewEventInstructors(t.Context(), engine.PersonActor(user), "acme", "yoga")
		if err != nil || len(page.Grants) != 1 || page.Grants[0].Reason != want || page.Grants[0].Staff.Title != "The faye" {
			t.Errorf("%s reads %+v, %v", user, page.Grants, err)
		}
	}
}

func TestEventTimes(t *testing.T) {
	b := newPortalBench(t, "studio")
	b.found(t, "faye", "acme")
	at := func(s string) time.Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, tt := range []struct{ starts, ends string }{
		{"2027-01-01T10:00:00Z", "2027-01-01T10:00:00Z"},
		{"2027-01-01T10:00:00Z", "2027-01-01T09:00:00Z"},
		{"2027-01-01T10:00:00Z", "9999-12-31T23:59:59-01:00"}, // the year 10000, in UTC
	} {
		op := &engine.CreateEvent{
			Partner: "acme", Kind: "course", Title: "Yoga", Instructors: []string{"faye"}, StartsAt: at(tt.starts), EndsAt: at(tt.ends),
		}
		if _, err := b.Do(t.Context(), engine.PersonActor("faye"), op, nil); engine.CodeOf(err) != engine.Invalid {
			t.Errorf("%+v: %v, want invalid", tt, err)
		}
	}
}

func TestTooManyNames(t *testing.T) {
	b := newPortalBench(t, "program")
	b.found(t, "ada", "acme")
	op := &engine.RestrictStaff{Partner: "acme", Staff: "ada"}
	for i := range engine.MaxAbout {
		op.Groups = append(op.Groups, "group"+strconv.Itoa(i))
	}
	if _, err := b.Do(t.Context(), engine.PersonActor("ada"), op, nil); engine.CodeOf(err) != engine.Invalid {
		t.Errorf("%v, want invalid", err)
	}
}
