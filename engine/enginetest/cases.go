package enginetest

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/portico-authz/portico/schema"
)

//go:embed cases/*.yaml
var caseFiles embed.FS

// Door is one way into Portico: the Go library, the HTTP API, the command
// line. The same cases go through each. Errors are [engine.Error] values, with
// the code and the message that a user of the door gets.
type Door interface {
	// Do does an operation for the person ("" for the operator), with its
	// parameters by their JSON names. A value is what YAML has: a string, a
	// number, a boolean, a []any or a map[string]any.
	Do(ctx context.Context, as, operation string, params map[string]any) error
	// Check returns allow, deny or conditional.
	Check(ctx context.Context, resource, permission, subject string) (string, error)
	// List returns what a view shows to the person, in its order. Params are
	// partner and what else the view is about, by its name in an address, such
	// as client; for records and deleted_records also kind.
	//
	// Most views list names, the last parts of ids:
	//
	//	staff, invited, inactive, trashed       staff members: all, or in that state
	//	staff_member                            the one, if it may be seen
	//	clients, archived_clients               folders
	//	client_accounts, internal_accounts, accounts, group_accounts
	//	groups, projects, archived_projects
	//	records, deleted_records
	//	events, current_events, past_events, event
	//	client_staff, account_staff, group_staff, representatives, event_instructors
	//	project_staff                           its members, without the leader
	//	project_leader                          the leader, if there is one
	//	candidates, leaders                     who may be assigned to it, who may lead it
	//	possible_instructors
	//	staff_clients, staff_projects, staff_events
	//	account_commissions                     staff members
	//
	// Some list something else:
	//
	//	roles         the roles' names, the highest first
	//	staff_access  enabled capabilities by name; then "restricted", if they
	//	              are; then "group:<name>" for each group they are restricted
	//	              to; then for each group that they represent
	//	              "represents:<name>", and "paid:<name>" if its commissions
	//	              are theirs
	//	journal       the operations' names, the newest first
	List(ctx context.Context, as, view string, params map[string]string) ([]string, error)
	// Explain returns the sentence that explains a decision.
	Explain(ctx context.Context, resource, permission, subject string) (string, error)
	// Invitation returns the token that was mailed last to the address.
	Invitation(ctx context.Context, email string) (string, error)
}

// CasePortals returns the portals that have stories, sorted.
func CasePortals() ([]string, error) {
	files, err := caseFiles.ReadDir("cases")
	names := make([]string, 0, len(files))
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".yaml"))
	}
	return names, err
}

// Cases plays every story of cases/<portal>.yaml through the door.
func Cases(t *testing.T, portal string, door Door) {
	t.Helper()
	stories, err := readStories(portal)
	if err != nil {
		t.Fatal(err)
	}
	unmailed, err := unmailedRoles(portal)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range stories {
		t.Run(strings.Join(s.Rules, ",")+" "+s.Name, func(t *testing.T) {
			p := &player{t: t, door: door, partner: fmt.Sprintf("firm%d", i), unmailed: unmailed}
			for n, st := range s.Steps {
				p.at = n + 1
				p.play(st)
			}
		})
	}
}

// CaseRules returns the rules that the portal's stories quote, sorted.
func CaseRules(portal string) ([]string, error) {
	stories, err := readStories(portal)
	if err != nil {
		return nil, err
	}
	var rules []string
	for _, s := range stories {
		rules = append(rules, s.Rules...)
	}
	slices.Sort(rules)
	return slices.Compact(rules), nil
}

func readStories(portal string) ([]story, error) {
	text, err := caseFiles.ReadFile("cases/" + portal + ".yaml")
	if err != nil {
		return nil, err
	}
	var stories []story
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&stories); err != nil {
		return nil, fmt.Errorf("cases/%s.yaml: %w", portal, err)
	}
	return stories, nil
}

// unmailedRoles returns the roles to which nobody is invited, since they open
// nothing.
func unmailedRoles(portal string) ([]string, error) {
	files, err := schema.Builtin(portal)
	if err != nil {
		return nil, err
	}
	f, err := files.Open(schema.PortalFile)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	var written struct {
		Roles []struct{ Name, Relation string }
	}
	if err := yaml.NewDecoder(f).Decode(&written); err != nil {
		return nil, err
	}
	var names []string
	for _, r := range written.Roles {
		if r.Relation == "none" {
			names = append(names, r.Name)
		}
	}
	return names, nil
}
