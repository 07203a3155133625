package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
	"github.com/portico-authz/portico/schema"
)

func TestCheckPortal(t *testing.T) {
	for _, name := range schema.Portals() {
		if err := engine.CheckPortal(builtin(t, name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	portal := agency(t)
	portal.Operations["fly_staff"] = schema.Requirement{Type: "staff", Permission: "manage"}
	portal.Operations["create_client"] = schema.Requirement{Type: "account", Permission: "edit"}
	portal.Operations["create_project"] = schema.Requirement{Type: "partner", Permission: "manage_clients"}
	portal.Operations["deactivate_staff"] = schema.Requirement{Type: "staff", Permission: "manage"}
	portal.Operations["hand_over"] = schema.Requirement{Type: "partner", Permission: "manage_staff"}
	portal.Operations["purge_staff"] = schema.Requirement{Type: "staff", Permission: "manage"}
	portal.Operations["create_account"] = schema.Requirement{Type: "partner", Permission: "manage_clients"}
	delete(portal.Operations, "archive_client")
	portal.Views["clients"] = schema.Requirement{Type: "partner", Permission: "enter"}
	err := engine.CheckPortal(portal)
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{
		"fly_staff",
		"create_client can't ask account#edit: it is about partner",
		"clients can't ask partner#enter",
		"create_project needs the relation project#partner@partner, which schema.zed hasn't",
		"deactivate_staff needs staff.deactivation: true, which portal.yaml hasn't",
		"hand_over needs staff.hand_over",
		"purge_staff needs staff.removal: trash, which portal.yaml hasn't",
		"create_account needs create_internal_account not to be there",
		"restore_client needs operations.archive_client, which portal.yaml hasn't",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q isn't in: %v", want, err)
		}
	}
}

// Every operation that the engine has is in a portal that ships with it, or
// nothing runs it; but those for the operator's own types.
func TestEveryOperationIsInAPortal(t *testing.T) {
	used := map[string]bool{"write_relationship": true, "delete_relationship": true}
	for _, name := range schema.Portals() {
		for operation := range builtin(t, name).Operations {
			used[operation] = true
		}
	}
	for _, d := range engine.Definitions() {
		if !used[d.Name] {
			t.Errorf("no portal has %s", d.Name)
		}
		if d.New().Name() != d.Name {
			t.Errorf("%s calls itself %s", d.Name, d.New().Name())
		}
	}
}

// rules says how many rules each portal's article was cut into, and what they
// are called; XP-1 to XP-4 are every portal's.
var rules = map[string]struct {
	prefix string
	last   int
}{
	"agency":    {"AG", 22},
	"program":   {"PR", 11},
	"workspace": {"WS", 9},
	"studio":    {"ST", 10},
}

func TestEveryRuleHasAStory(t *testing.T) {
	for _, portal := range schema.Portals() {
		t.Run(portal, func(t *testing.T) {
			told, err := enginetest.CaseRules(portal)
			if err != nil {
				t.Fatal(err)
			}
			own := rules[portal]
			want := append(numbered(own.prefix, own.last), numbered("XP", 4)...)
			for _, rule := range want {
				if !slices.Contains(told, rule) {
					t.Errorf("no story tells %s", rule)
				}
			}
			for _, rule := range told {
				if !slices.Contains(want, rule) {
					t.Errorf("a story tells %s, and there is no such rule", rule)
				}
			}
		})
	}
}

// numbered returns prefix-1 to prefix-last.
func numbered(prefix string, last int) []string {
	var list []string
	for n := 1; n <= last; n++ {
		list = append(list, fmt.Sprintf("%s-%d", prefix, n))
	}
	return list
}
