package engine_test

import (
	"context"
	"fmt"
	"slices"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// workspaceEnd is an operation that ends access, and what it leaves of it.
type workspaceEnd struct {
	op    engine.Operation
	keeps func(person string, on schema.Object, permission string) bool
}

// ends returns the dry runs that tell the most: of what takes access away.
func (w workspaceEye) ends() []func() error {
	var tasks []func() error
	add := func(op engine.Operation, keeps func(string, schema.Object, string) bool) {
		tasks = append(tasks, func() error { return w.dryRun(workspaceEnd{op, keeps}) })
	}
	id := string(w.at)
	for _, p := range w.f.projects {
		this := schema.Obj("project", w.at, p.name)
		add(&engine.ArchiveProject{Partner: id, Project: p.name}, func(_ string, on schema.Object, _ string) bool { return on != this })
		add(&engine.UnsetLeader{Partner: id, Project: p.name}, func(_ string, on schema.Object, permission string) bool {
			return on != this || permission != "lead"
		})
	}
	for _, r := range w.f.records {
		this := schema.Obj("record", w.at, r.name)
		add(&engine.DeleteRecord{Partner: id, Record: r.name}, func(_ string, on schema.Object, _ string) bool { return on != this })
	}
	for _, s := range w.f.seats {
		add(&engine.RemoveStaff{Partner: id, Staff: s.name}, func(person string, _ schema.Object, _ string) bool { return person != s.person })
	}
	return tasks
}

// dryRun compares whose access a dry run says would end with whose would, of
// those about whom the actor may ask: themself, and, if they manage staff, those
// whom they see (WS-2).
func (w workspaceEye) dryRun(end workspaceEnd) error {
	if v := w.m.Judge(act{Actor: w.actor, Op: end.op}); len(v.refusals) > 0 {
		return nil // dry runs that are refused are drawn often enough
	}
	result, err := w.e.Do(context.Background(), w.actor, end.op, &engine.DoOptions{DryRun: true})
	if err != nil {
		return fmt.Errorf("a dry run of %s by %s: %w, and the model permits it", end.op.Name(), w.person, err)
	}
	if result.Impact.Truncated {
		return nil
	}
	got, want := []string{}, w.losses(end)
	for _, c := range append(slices.Clone(result.Impact.Losses), result.Impact.Gains...) {
		got = append(got, workspaceLoss(c.User, c.Resource, c.Permission))
	}
	slices.Sort(got)
	if diff := gocmp.Diff(want, got); diff != "" {
		return fmt.Errorf("%s by %s would take away (-want, +got):\n%s", end.op.Name(), w.person, diff)
	}
	return nil
}

func workspaceLoss(person string, on schema.Object, permission string) string {
	return fmt.Sprintf("%s: %s on %s", person, permission, on)
}

func (w workspaceEye) losses(end workspaceEnd) []string {
	losses := []string{}
	for _, person := range w.m.w.Persons {
		s := w.f.of(person)
		asks := s != nil && w.m.May(w.person, w.at.Root(), "manage_staff") && w.may("see", "staff", s.name)
		if person != w.person && !asks {
			continue
		}
		for _, on := range w.m.objects {
			if on.Domain() != w.at {
				continue
			}
			for _, permission := range w.e.Portal().Model.PermissionNames(on.Type) {
				if w.m.May(person, on, permission) && !end.keeps(person, on, permission) {
					losses = append(losses, workspaceLoss(person, on, permission))
				}
			}
		}
	}
	slices.Sort(losses)
	return losses
}
