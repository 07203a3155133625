package engine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
	"github.com/portico-authz/portico/schema"
)

func TestCheckPortal(t *testing.T) {
	portal := agency(t)
	if err := engine.CheckPortal(portal); err != nil {
		t.Fatal(err)
	}
	portal.Operations["fly_staff"] = schema.Requirement{Type: "staff", Permission: "manage"}
	portal.Operations["create_client"] = schema.Requirement{Type: "account", Permission: "edit"}
	portal.Views["clients"] = schema.Requirement{Type: "partner", Permission: "enter"}
	err := engine.CheckPortal(portal)
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{"fly_staff", "create_client can't ask account#edit: it is about partner", "clients can't ask partner#enter"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q isn't in: %v", want, err)
		}
	}
}

// Every operation that the engine has is somewhere, or nothing runs it.
func TestAgencyHasEveryOperation(t *testing.T) {
	portal := agency(t)
	for _, d := range engine.Definitions() {
		if _, ok := portal.Operations[d.Name]; !ok {
			t.Errorf("agency lacks %s", d.Name)
		}
		if d.New().Name() != d.Name {
			t.Errorf("%s calls itself %s", d.Name, d.New().Name())
		}
	}
}

func TestEveryRuleOfAgencyHasAStory(t *testing.T) {
	told, err := enginetest.CaseRules("agency")
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range strings.Fields(`AG-1 AG-2 AG-3 AG-4 AG-5 AG-6 AG-7 AG-8 AG-9 AG-10 AG-11 AG-12 AG-13 AG-14
		AG-15 AG-16 AG-17 AG-18 AG-19 AG-20 AG-21 AG-22 XP-1 XP-2 XP-3 XP-4`) {
		if !slices.Contains(told, rule) {
			t.Errorf("no story tells %s", rule)
		}
	}
}
