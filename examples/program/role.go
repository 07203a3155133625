package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/portico-authz/portico/examples/story"
)

// preview is about looking a role up.
func preview(s *story.Story) {
	s.Fact("PR-7", "What a role gives can be looked up before it is given.")
	var answer struct {
		Roles []struct {
			Title        string
			Permissions  []string
			Switched     bool
			Capabilities []any
		}
	}
	s.Ask(ada, "GET", "/roles", nil).Read(&answer)
	s.Expect(len(answer.Roles) == 6, "there are %d roles", len(answer.Roles))
	for _, role := range answer.Roles {
		var gives []string
		for _, name := range role.Permissions {
			if capability(name) {
				gives = append(gives, strings.ReplaceAll(name, "_", " "))
			}
		}
		if role.Switched {
			gives = append(gives, fmt.Sprintf("any of %d capabilities, switched on one by one", len(role.Capabilities)))
		}
		s.Print("    · %s: %s\n", role.Title, strings.Join(gives, ", "))
	}
	s.Print("    The five others are fixed:\n")
	s.Refused(ada, "to switch something on for Rita, who is read-only", "conflict",
		"PUT", "/staff/rita/capabilities/manage_partners", params{"enabled": true})
}

// capabilities are what the article's table of roles is about.
var capabilities = []string{"financial_data", "customer_data", "partners", "integration_settings", "team"}

func capability(permission string) bool {
	verb, what, _ := strings.Cut(permission, "_")
	return (verb == "view" || verb == "manage") && slices.Contains(capabilities, what)
}

// can checks what somebody may manage, what they may see only, and that it is
// all.
func can(s *story.Story, p story.Person, manage, see []string) {
	for _, what := range capabilities {
		switch {
		case slices.Contains(manage, what):
			s.May(p, "manage_"+what, "")
		case slices.Contains(see, what):
			s.May(p, "view_"+what, "")
			s.MayNot(p, "manage_"+what, "")
		default:
			s.MayNot(p, "view_"+what, "")
		}
	}
}

// roles is about what the fixed roles give.
func roles(s *story.Story) {
	s.Fact("PR-2", "A teammate has all financial data, customer data and partner management; not the integration settings, not the team.")
	can(s, tom, []string{"financial_data", "customer_data", "partners"}, nil)
	s.Refused(tom, "to invite Eve", "forbidden", "POST", "/staff", s.CardFor(eve, "read_only"))

	s.Fact("PR-3", "A technical teammate has what a teammate has, and the integration settings.")
	can(s, tess, []string{"financial_data", "customer_data", "partners", "integration_settings"}, nil)

	s.Fact("PR-4", "A program manager has customer data and partner management, and no financial data.")
	can(s, pam, []string{"customer_data", "partners"}, nil)

	s.Fact("PR-5", "Read-only sees data, and changes nothing.")
	can(s, rita, nil, []string{"financial_data", "customer_data", "partners"})
	s.Refused(rita, "to take a partner into the programme", "forbidden", "POST", "/accounts", params{"title": "Mine"})
}

// switches is about the custom role.
func switches(s *story.Story) {
	s.Fact("PR-6", "With the custom role each capability is switched on or off, for that one teammate.")
	can(s, cleo, nil, nil)
	s.Does(ada, "PUT", "/staff/cleo/capabilities/view_financial_data", params{"enabled": true})
	can(s, cleo, nil, []string{"financial_data"})
	s.Print("    To change something means to see it, too:\n")
	s.Does(ada, "PUT", "/staff/cleo/capabilities/manage_partners", params{"enabled": true})
	s.May(cleo, "manage_partners", "")
	s.May(cleo, "view_partners", "")
	var access struct {
		Capabilities []struct {
			Title   string
			Enabled bool
		}
	}
	s.Ask(ada, "GET", "/staff/cleo/access", nil).Read(&access)
	s.Expect(len(access.Capabilities) == 10, "Cleo's page has %d switches", len(access.Capabilities))
	s.Print("    · Ada looks at Cleo's page:\n")
	for _, c := range access.Capabilities {
		mark := "✗"
		if c.Enabled {
			mark = "✓"
		}
		s.Print("        %s %s\n", mark, c.Title)
	}
	s.Does(ada, "PUT", "/staff/cleo/capabilities/view_partners", params{"enabled": false})
	can(s, cleo, nil, []string{"financial_data"})
}
