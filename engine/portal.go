package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/portico-authz/portico/schema"
)

// viewTypes returns every view that the engine knows, and the types on which
// its requirement may be asked.
func viewTypes() map[string][]string {
	return map[string][]string{
		"partner":           {schema.TypePartner},
		"staff":             {schema.TypePartner},
		"staff_member":      {schema.TypePartner, schema.TypeStaff},
		"staff_clients":     {schema.TypePartner, schema.TypeStaff},
		"clients":           {typeClient},
		"client_staff":      {schema.TypePartner, typeClient},
		"client_accounts":   {typeAccount},
		"client_access":     {schema.TypePartner, typeClient},
		"internal_accounts": {typeAccount},
		"account_staff":     {schema.TypePartner, typeAccount},
		"groups":            {typeGroup},
		"group_accounts":    {schema.TypePartner, typeGroup},
		"representatives":   {schema.TypePartner, typeGroup},
		"journal":           {schema.TypePartner},
		"explain":           {schema.TypePartner},
		"support":           {schema.TypePlatform},
	}
}

// CheckPortal reports what the engine can't run of a portal: operations and
// views that it doesn't know, and requirements asked on something that the
// request isn't about. It returns nil or a [schema.PortalError].
func CheckPortal(p *schema.Portal) error {
	known := map[string][]string{}
	for _, d := range Definitions() {
		for _, o := range d.New().About() {
			known[d.Name] = append(known[d.Name], o.Type)
		}
	}
	problems := checkRequirements(p, "operations", p.Operations, known)
	return schema.NewPortalError(append(problems, checkRequirements(p, "views", p.Views, viewTypes())...))
}

func checkRequirements(p *schema.Portal, section string, asked map[string]schema.Requirement, known map[string][]string) []schema.Problem {
	var problems []schema.Problem
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		types, ok := known[name]
		requirement := asked[name]
		switch {
		case !ok:
			problems = append(problems, p.Problem(section, name, fmt.Sprintf(
				"the engine has none called %q; it has %s", name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))))
		case !requirement.Anyone && requirement.Type != schema.TypePlatform && !slices.Contains(types, requirement.Type):
			problems = append(problems, p.Problem(section, name, fmt.Sprintf(
				"%s can't ask %s: it is about %s", name, requirement, strings.Join(types, " and "))))
		}
	}
	return problems
}
