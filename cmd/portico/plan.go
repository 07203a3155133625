package main

import (
	"github.com/portico-authz/portico/engine"
)

// printResult tells what an operation did, or would do.
func printResult(out *printer, r *engine.Result, asJSON bool) error {
	switch {
	case asJSON:
		out.json(r)
	case r.Impact != nil:
		printPlan(out, r)
	default:
		out.f("%s\n", r.Summary)
		out.table([][]string{{"object", r.Object.String()}, {"epoch", fmtValue(r.Epoch)}, {"record", r.Record}})
		if r.Notice != "" {
			out.f("note: %s\n", r.Notice)
		}
	}
	return out.err
}

// printPlan tells what a dry run found: the directory and the relationships as
// they would be written, and what that means to people.
func printPlan(out *printer, r *engine.Result) {
	out.f("Nothing is changed yet. As epoch %d it would be journaled: %s\n", r.Epoch+1, r.Summary)
	printEntries(out, r.Impact.Entries)
	printUpdates(out, r.Impact.Updates)
	printChanges(out, "gain", r.Impact.Gains)
	printChanges(out, "lose", r.Impact.Losses)
	if n := r.Impact.Hidden; n > 0 {
		out.f("\n%d gains and losses of others aren't told: they need the portal's permission to explain\n", n)
	}
	if r.Impact.Truncated {
		out.f("… and more; only the first %d of each are listed\n", engine.MaxImpact)
	}
}

func printEntries(out *printer, entries []engine.Entry) {
	if len(entries) == 0 {
		return
	}
	out.f("\ndirectory, as it would be:\n")
	rows := [][]string{{"  OBJECT", "TITLE", "STATE", "ROLE", "E-MAIL"}}
	for _, e := range entries {
		rows = append(rows, []string{"  " + e.Object.String(), e.Title, string(e.State), e.Role, e.Email})
	}
	out.table(rows)
}

func printUpdates(out *printer, updates []engine.Update) {
	if len(updates) == 0 {
		out.f("\nno relationship that you may know of would change\n")
		return
	}
	out.f("\nrelationships:\n")
	for _, u := range updates {
		sign := "+"
		if u.Delete {
			sign = "-"
		}
		out.f("  %s %s\n", sign, u.Relationship)
	}
}

func printChanges(out *printer, verb string, changes []engine.Change) {
	if len(changes) == 0 {
		out.f("\nnobody that you may know of would %s anything\n", verb)
		return
	}
	out.f("\nwho would %s what:\n", verb)
	rows := [][]string{{"  PERSON", "PERMISSION", "ON"}}
	for _, c := range changes {
		rows = append(rows, []string{"  " + c.User, c.Permission, c.Resource.String()})
	}
	out.table(rows)
}
