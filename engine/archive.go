package engine

import (
	"context"
	"strconv"

	"github.com/portico-authz/portico/schema"
)

// planArchive closes an object: it drops every relationship of the object's
// own, and the groups of what hangs on it, so that nobody reaches either. The
// journal keeps them for planRestore.
func planArchive(ctx context.Context, v *View, object schema.Object) (*Plan, error) {
	e, err := v.ActiveEntry(ctx, object)
	if err != nil {
		return nil, err
	}
	rows, err := v.Rows(ctx, RelationshipFilter{ResourceType: object.Type, ResourceID: object.ID})
	if err != nil {
		return nil, err
	}
	hanging, err := v.groupsUnder(ctx, object)
	if err != nil {
		return nil, err
	}
	rows = append(rows, hanging...)
	p := &Plan{Object: object, Summary: e.closing() + " the " + e.noun() + " " + quote(e.Title)}
	for _, r := range rows {
		p.Updates = append(p.Updates, Update{Delete: true, Relationship: r.Relationship})
	}
	e.State, e.UpdatedAt = Archived, v.Now
	p.put(e)
	return p, nil
}

// groupsUnder returns what puts the accounts of a folder into groups: another
// way to them, which closes with the folder.
func (v *View) groupsUnder(ctx context.Context, folder schema.Object) ([]Row, error) {
	accounts, err := v.Entries(ctx, EntryFilter{Type: typeAccount, Parent: folder})
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, a := range accounts {
		in, err := v.Rows(ctx, RelationshipFilter{ResourceType: a.Object.Type, ResourceID: a.Object.ID, Relation: relGroup})
		if err != nil {
			return nil, err
		}
		rows = append(rows, in...)
	}
	return rows, nil
}

// planRestore writes again what the last archiving of the object dropped, but
// for what has expired, and for staff who were removed, or whose empty seat was
// given to another address, since.
func planRestore(ctx context.Context, v *View, object schema.Object, archive string) (*Plan, error) {
	e, err := v.Entry(ctx, object)
	if err != nil {
		return nil, err
	}
	if e.State != Archived {
		return nil, Errorf(Conflict, "the %s %q is there: nothing is to be restored", e.noun(), e.Title)
	}
	records, err := v.tx.Records(ctx, RecordFilter{
		Domain: v.Domain, Operation: archive, Object: object, States: []RecordState{Applied}, Newest: true, Limit: 1,
	})
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, Errorf(Internal, "the journal doesn't say how %s was archived", object)
	}
	p := &Plan{Object: object, Summary: "restored the " + e.noun() + " " + quote(e.Title)}
	for _, u := range records[0].Updates {
		keep, err := v.restorable(ctx, u.Relationship, records[0].Seq)
		if err != nil {
			return nil, err
		}
		if keep {
			p.Updates = append(p.Updates, Update{Relationship: u.Relationship})
		}
	}
	e.State, e.UpdatedAt = Active, v.Now
	p.put(e)
	return p, nil
}

func (v *View) restorable(ctx context.Context, r schema.Relationship, archived int64) (bool, error) {
	if !(Row{Relationship: r}).live(v.Now) {
		return false, nil
	}
	subject, err := v.tx.Entry(ctx, r.Subject.Object)
	if CodeOf(err) == NotFound {
		return false, nil
	}
	readdressed, _ := strconv.ParseInt(subject.Attributes[attrReaddressed], 10, 64) // 0 if it never was
	return err == nil && subject.State != Removed && readdressed < archived, err
}
