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
	problems = append(problems, checkEligible(p)...)
	problems = append(problems, checkLifeCycle(p)...)
	if _, both := p.Views["accounts"]; both && p.Views["internal_accounts"] != (schema.Requirement{}) {
		problems = append(problems, p.Problem("views", "accounts", "accounts and internal_accounts are one list: want one of them"))
	}
	if _, ok := p.Views["account_commissions"]; ok && !p.Model.HasPermission(typeAccount, permCommissions) {
		problems = append(problems, p.Problem("views", "account_commissions", fmt.Sprintf(
			"account_commissions needs the permission %s#%s, which %s hasn't", typeAccount, permCommissions, schema.SchemaFile)))
	}
	return schema.NewPortalError(append(problems, checkOwnTypes(p)...))
}

// unguarded has the operations that may ask no permission: what they take is
// proof enough, or there is nothing yet that one could have a permission on.
var unguarded = []string{"sign_up", "accept_invitation"}

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
		case section == "operations" && byRelation(name):
			fail(name, "%s goes by what relationships asks for each relation; take it out here", name)
		case requirement.Anyone && !slices.Contains(unguarded, name):
			fail(name, "%s.%s: anyone could; name a permission", section, name)
		case !requirement.Anyone && requirement.Type != schema.TypePlatform && !slices.Contains(types, requirement.Type):
			fail(name, "%s can't ask %s: it is about %s", name, requirement, strings.Join(types, " and "))
		}
	}
	return problems
}

// byRelation reports whether the operation's requirement depends on the relation
// that it writes.
func byRelation(operation string) bool {
	return operation == (&WriteRelationship{}).Name() || operation == (&DeleteRelationship{}).Name()
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
	if need, ok := needs[d.Name]; ok {
		if missing := need(p); missing != "" {
			fail("%s, which %s hasn't", missing, schema.PortalFile)
		}
	}
	switch _, internal := p.Operations["create_internal_account"]; {
	case d.Name == "create_account" && internal:
		fail("create_internal_account not to be there: a portal makes accounts in one way")
	case d.Name == "create_record":
		for _, kind := range p.Kinds[typeRecord] {
			if kind == relPartner || kind == relCreator {
				fail("a kind of another name than %q, which every record has", kind)
			}
			form := schema.Form{Type: typeRecord, Relation: kind, Subject: schema.TypePartner}
			if !p.Model.Takes(form) {
				fail("the relation %s for the kind %q, which %s hasn't", form, kind, schema.SchemaFile)
			}
		}
	}
	return problems
}

// checkEligible reports rules about whom an operation may give something that
// the operation doesn't ask, and one that could be got round.
func checkEligible(p *schema.Portal) []schema.Problem {
	var problems []schema.Problem
	for _, op := range slices.Sorted(maps.Keys(p.Eligible)) {
		if !slices.Contains(choosing, op) {
			problems = append(problems, p.Problem("eligible", op, fmt.Sprintf(
				"eligible.%s: it is asked by %s only", op, strings.Join(choosing, ", "))))
		}
	}
	teaching, handing := p.Eligible[(&AssignInstructor{}).Name()], p.Eligible[(&HandOver{}).Name()]
	if slices.Contains(p.Staff.HandOver, typeEvent+"#"+relInstructor) && teaching != handing {
		problems = append(problems, p.Problem("eligible", (&AssignInstructor{}).Name(),
			"eligible: assign_instructor and hand_over both choose who teaches: want the same for both"))
	}
	return problems
}

// choosing has the operations that ask whether somebody is eligible.
var choosing = []string{
	"add_client_staff", "switch_account", "add_account_staff", "add_representative", "set_managed_payouts", "set_capability",
	"assign_project_staff", "set_leader", "assign_instructor", "hand_over", "write_relationship",
}

// checkLifeCycle reports states that staff could get into and not out of, and
// what can't be handed over.
func checkLifeCycle(p *schema.Portal) []schema.Problem {
	var problems []schema.Problem
	want := func(key string, operations ...string) {
		for _, op := range operations {
			if _, ok := p.Operations[op]; !ok {
				problems = append(problems, p.Problem("staff", key, fmt.Sprintf("staff.%s needs operations.%s, which %s hasn't", key, op, schema.PortalFile)))
			}
		}
	}
	if p.Staff.Deactivation {
		want("deactivation", "deactivate_staff", "reactivate_staff")
	}
	if p.Staff.Removal == schema.RemovalTrash {
		want("removal", "restore_staff", "purge_staff")
	}
	if len(p.Staff.HandOver) > 0 {
		want("hand_over", "hand_over")
	}
	for _, at := range p.Staff.HandOver {
		typ, relation, _ := strings.Cut(at, "#")
		form := schema.Form{Type: typ, Relation: relation, Subject: schema.TypeStaff, SubjectRelation: relUser}
		if !engineTypes[typ] || typ == schema.TypePartner || typ == schema.TypeStaff || !p.Model.Takes(form) {
			problems = append(problems, p.Problem("staff", "hand_over", fmt.Sprintf(
				"staff.hand_over: %s: want what a seat has on an object of the directory, such as event#instructor", at)))
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
