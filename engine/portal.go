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
		"partner":              {schema.TypePartner},
		"roles":                {schema.TypePartner},
		"staff":                {schema.TypePartner},
		"staff_member":         {schema.TypePartner, schema.TypeStaff},
		"staff_access":         {schema.TypePartner, schema.TypeStaff},
		"staff_clients":        {schema.TypePartner, schema.TypeStaff},
		"staff_projects":       {schema.TypePartner, schema.TypeStaff},
		"staff_events":         {schema.TypePartner, schema.TypeStaff},
		"clients":              {typeClient},
		"client_staff":         {schema.TypePartner, typeClient},
		"client_accounts":      {typeAccount},
		"client_access":        {schema.TypePartner, typeClient},
		"internal_accounts":    {typeAccount},
		"accounts":             {typeAccount},
		"account_staff":        {schema.TypePartner, typeAccount},
		"account_commissions":  {schema.TypePartner, typeAccount},
		"groups":               {typeGroup},
		"group_accounts":       {schema.TypePartner, typeGroup},
		"group_staff":          {schema.TypePartner, typeGroup},
		"representatives":      {schema.TypePartner, typeGroup},
		"projects":             {typeProject},
		"project_staff":        {schema.TypePartner, typeProject},
		"candidates":           {schema.TypePartner, typeProject},
		"records":              {typeRecord},
		"events":               {typeEvent},
		"event":                {schema.TypePartner, typeEvent},
		"event_instructors":    {schema.TypePartner, typeEvent},
		"possible_instructors": {schema.TypePartner},
		"journal":              {schema.TypePartner},
		"explain":              {schema.TypePartner},
		"support":              {schema.TypePlatform},
	}
}

// CheckPortal reports what the engine can't run of a portal: operations and
// views that it doesn't know, requirements asked on something that the request
// isn't about, and what an operation needs that the portal lacks. It returns nil
// or a [schema.PortalError].
func CheckPortal(p *schema.Portal) error {
	known := map[string][]string{}
	for _, d := range Definitions() {
		for _, o := range d.New().About() {
			known[d.Name] = append(known[d.Name], o.Type)
		}
	}
	problems := checkRequirements(p, "operations", p.Operations, known)
	problems = append(problems, checkRequirements(p, "views", p.Views, viewTypes())...)
	for _, d := range Definitions() {
		if has(p, d) {
			problems = append(problems, checkOperation(p, d)...)
		}
	}
	if _, both := p.Views["accounts"]; both && p.Views["internal_accounts"] != (schema.Requirement{}) {
		problems = append(problems, p.Problem("views", "accounts", "accounts and internal_accounts are one list: want one of them"))
	}
	if _, ok := p.Views["account_commissions"]; ok && !p.Model.HasPermission(typeAccount, permCommissions) {
		problems = append(problems, p.Problem("views", "account_commissions", fmt.Sprintf(
			"account_commissions needs the permission %s#%s, which %s hasn't", typeAccount, permCommissions, schema.SchemaFile)))
	}
	return schema.NewPortalError(append(problems, checkOwnTypes(p)...))
}

// open has the operations that may ask no permission: what they take is proof
// enough, or there is nothing yet that one could have a permission on.
var open = []string{"sign_up", "accept_invitation"}

func checkRequirements(p *schema.Portal, section string, asked map[string]schema.Requirement, known map[string][]string) []schema.Problem {
	var problems []schema.Problem
	fail := func(name, format string, args ...any) {
		problems = append(problems, p.Problem(section, name, fmt.Sprintf(format, args...)))
	}
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		types, ok := known[name]
		requirement := asked[name]
		switch {
		case !ok:
			fail(name, "the engine has none called %q; it has %s", name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		case requirement.Anyone && !slices.Contains(open, name):
			fail(name, "%s.%s: anyone could; name a permission", section, name)
		case !requirement.Anyone && requirement.Type != schema.TypePlatform && !slices.Contains(types, requirement.Type):
			fail(name, "%s can't ask %s: it is about %s", name, requirement, strings.Join(types, " and "))
		}
	}
	return problems
}

// lacks has, for an operation, what the portal must say elsewhere for it to
// make sense; the function returns what is missing, or "".
var lacks = map[string]func(p *schema.Portal) string{
	"sign_up":            needRole("sign_up"),
	"invite_staff":       needRole("invite_staff"),
	"change_role":        needRole("change_role"),
	"transfer_ownership": needRole("transfer_ownership"),

	"deactivate_staff":  needDeactivation,
	"reactivate_staff":  needDeactivation,
	"restore_staff":     needTrash,
	"purge_staff":       needTrash,
	"hand_over":         needHandOver,
	"set_capability":    needCapabilities,
	"create_record":     needKinds(typeRecord),
	"create_event":      needKinds(typeEvent),
	"restore_client":    needOperation("archive_client"),
	"restore_project":   needOperation("archive_project"),
	"restore_record":    needOperation("delete_record"),
	"accept_invitation": needOperation("invite_staff"),
}

func needRole(operation string) func(*schema.Portal) string {
	return func(p *schema.Portal) string {
		if len(p.RolesGivenBy(operation)) > 0 {
			return ""
		}
		return "roles: one that is given_by " + operation
	}
}

func needDeactivation(p *schema.Portal) string {
	if p.Staff.Deactivation {
		return ""
	}
	return "staff.deactivation: true"
}

func needTrash(p *schema.Portal) string {
	if p.Staff.Removal == schema.RemovalTrash {
		return ""
	}
	return "staff.removal: trash"
}

func needHandOver(p *schema.Portal) string {
	if len(p.Staff.HandOver) > 0 {
		return ""
	}
	return "staff.hand_over: the relations to hand over, such as [event#instructor]"
}

func needCapabilities(p *schema.Portal) string {
	if len(p.Capabilities) > 0 {
		return ""
	}
	return "capabilities: what is switched, and a role that is switched: true"
}

func needKinds(typ string) func(*schema.Portal) string {
	return func(p *schema.Portal) string {
		if len(p.Kinds[typ]) > 0 {
			return ""
		}
		return "kinds." + typ + ": what kinds of it there are"
	}
}

func needOperation(name string) func(*schema.Portal) string {
	return func(p *schema.Portal) string {
		if _, ok := p.Operations[name]; ok {
			return ""
		}
		return "operations." + name
	}
}

// checkOperation reports what an operation that the portal claims needs and
// doesn't find: in the schema a place for what it writes, in portal.yaml what it
// goes by.
func checkOperation(p *schema.Portal, d Definition) []schema.Problem {
	var problems []schema.Problem
	fail := func(format string, args ...any) {
		problems = append(problems, p.Problem("operations", d.Name, d.Name+" needs "+fmt.Sprintf(format, args...)))
	}
	for _, text := range d.Writes {
		form, err := schema.ParseForm(text)
		if err != nil {
			panic(d.Name + ": " + err.Error()) // our own table
		}
		if !p.Model.Takes(form) {
			fail("the relation %s, which %s hasn't", form, schema.SchemaFile)
		}
	}
	if need, ok := lacks[d.Name]; ok {
		if missing := need(p); missing != "" {
			fail("%s, which %s hasn't", missing, schema.PortalFile)
		}
	}
	switch _, internal := p.Operations["create_internal_account"]; {
	case d.Name == "create_account" && internal:
		fail("create_internal_account not to be there: a portal makes accounts in one way")
	case d.Name == "create_record":
		for _, kind := range p.Kinds[typeRecord] {
			form := schema.Form{Type: typeRecord, Relation: kind, Subject: schema.TypePartner}
			if !p.Model.Takes(form) {
				fail("the relation %s for the kind %q, which %s hasn't", form, kind, schema.SchemaFile)
			}
		}
	}
	return problems
}

// checkOwnTypes reports relationships that the engine's operations write, and
// that therefore can't be written one by one.
func checkOwnTypes(p *schema.Portal) []schema.Problem {
	var problems []schema.Problem
	for _, at := range slices.Sorted(maps.Keys(p.Relationships)) {
		if typ, _, _ := strings.Cut(at, "#"); engineTypes[typ] {
			problems = append(problems, p.Problem("relationships", at, fmt.Sprintf(
				"relationships.%s: operations write those of a %s; this is for types of your own", at, typ)))
		}
	}
	return problems
}
