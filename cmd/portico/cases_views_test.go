package main

import (
	"slices"

	"github.com/portico-authz/portico/schema"
)

// overview is where HTTP shows a view of the cases, and how its names are told
// from the answer; all that the answer has, if read is nil.
type overview struct {
	path string
	read func(*shown) []string
}

// views are the views by the names that the cases give them; see
// [enginetest.Door]. What a view is about and isn't in its address goes into
// the query.
var views = map[string]overview{
	"staff":        {"/v1/partners/{partner}/staff", nil},
	"invited":      {"/v1/partners/{partner}/staff?state=invited", nil},
	"inactive":     {"/v1/partners/{partner}/staff?state=inactive", nil},
	"trashed":      {"/v1/partners/{partner}/staff?state=trashed", nil},
	"staff_member": {"/v1/partners/{partner}/staff/{staff}", (*shown).one},
	"roles":        {"/v1/partners/{partner}/roles", nil},
	"staff_access": {"/v1/partners/{partner}/staff/{staff}/access", (*shown).access},

	"clients":           {"/v1/partners/{partner}/clients", nil},
	"archived_clients":  {"/v1/partners/{partner}/clients?state=archived", nil},
	"client_staff":      {"/v1/partners/{partner}/clients/{client}/staff", nil},
	"client_accounts":   {"/v1/partners/{partner}/clients/{client}/accounts", nil},
	"staff_clients":     {"/v1/partners/{partner}/staff/{staff}/clients", nil},
	"internal_accounts": {"/v1/partners/{partner}/accounts", nil},
	"account_staff":     {"/v1/partners/{partner}/accounts/{account}/staff", nil},

	"accounts":            {"/v1/partners/{partner}/accounts", nil},
	"account_commissions": {"/v1/partners/{partner}/accounts/{account}/commissions", nil},
	"groups":              {"/v1/partners/{partner}/groups", nil},
	"group_accounts":      {"/v1/partners/{partner}/groups/{group}/accounts", nil},
	"group_staff":         {"/v1/partners/{partner}/groups/{group}/staff", nil},
	"representatives":     {"/v1/partners/{partner}/groups/{group}/representatives", nil},

	"projects":          {"/v1/partners/{partner}/projects", nil},
	"archived_projects": {"/v1/partners/{partner}/projects?state=archived", nil},
	"project_staff":     {"/v1/partners/{partner}/projects/{project}/staff", (*shown).members},
	"project_leader":    {"/v1/partners/{partner}/projects/{project}/staff", (*shown).leader},
	"candidates":        {"/v1/partners/{partner}/projects/{project}/candidates", candidatesFor("assign_project_staff")},
	"leaders":           {"/v1/partners/{partner}/projects/{project}/candidates", candidatesFor("set_leader")},
	"staff_projects":    {"/v1/partners/{partner}/staff/{staff}/projects", nil},

	"records":         {"/v1/partners/{partner}/records", nil},
	"deleted_records": {"/v1/partners/{partner}/records?state=archived", nil},

	"events":               {"/v1/partners/{partner}/events", nil},
	"current_events":       {"/v1/partners/{partner}/events?when=current", nil},
	"past_events":          {"/v1/partners/{partner}/events?when=past", nil},
	"event":                {"/v1/partners/{partner}/events/{event}", (*shown).one},
	"event_instructors":    {"/v1/partners/{partner}/events/{event}/instructors", nil},
	"staff_events":         {"/v1/partners/{partner}/staff/{staff}/events", nil},
	"possible_instructors": {"/v1/partners/{partner}/instructors", candidatesFor("assign_instructor")},

	"journal": {"/v1/partners/{partner}/journal", nil},
}

// thing is what the cases read of an entry: its object's name.
type thing struct{ Object schema.Object }

// grant is a staff member who was given something.
type grant struct{ Staff thing }

// shown is what the cases read of an answer; a view has few of these.
type shown struct {
	Object schema.Object

	Entries     []thing
	Grants      []grant
	Clients     []struct{ Client thing }
	Assignments []struct{ Entry thing }
	Roles       []struct{ Name string }
	Records     []struct{ Operation string }

	Leader     *grant
	Members    []grant
	Candidates []struct {
		Staff thing
		For   []string
	}

	Capabilities []struct {
		Name    string
		Enabled bool
	}
	Restricted bool
	Groups     []struct{ Group thing }
	Represents []struct {
		Group          thing
		ManagedPayouts bool `json:"managed_payouts"`
	}
}

// all returns the names of whatever is listed.
func (a *shown) all() []string {
	var names []string
	for _, e := range a.Entries {
		names = append(names, e.Object.Name())
	}
	for _, g := range a.Grants {
		names = append(names, g.Staff.Object.Name())
	}
	for _, c := range a.Clients {
		names = append(names, c.Client.Object.Name())
	}
	for _, x := range a.Assignments {
		names = append(names, x.Entry.Object.Name())
	}
	for _, r := range a.Roles {
		names = append(names, r.Name)
	}
	for _, r := range a.Records {
		names = append(names, r.Operation)
	}
	return names
}

func (a *shown) one() []string { return []string{a.Object.Name()} }

func (a *shown) members() []string {
	var names []string
	for _, g := range a.Members {
		names = append(names, g.Staff.Object.Name())
	}
	return names
}

func (a *shown) leader() []string {
	if a.Leader == nil {
		return nil
	}
	return []string{a.Leader.Staff.Object.Name()}
}

func candidatesFor(operation string) func(*shown) []string {
	return func(a *shown) []string {
		var names []string
		for _, c := range a.Candidates {
			if slices.Contains(c.For, operation) {
				names = append(names, c.Staff.Object.Name())
			}
		}
		return names
	}
}

func (a *shown) access() []string {
	var words []string
	for _, c := range a.Capabilities {
		if c.Enabled {
			words = append(words, c.Name)
		}
	}
	if a.Restricted {
		words = append(words, "restricted")
	}
	for _, g := range a.Groups {
		words = append(words, "group:"+g.Group.Object.Name())
	}
	for _, r := range a.Represents {
		words = append(words, "represents:"+r.Group.Object.Name())
		if r.ManagedPayouts {
			words = append(words, "paid:"+r.Group.Object.Name())
		}
	}
	return words
}
