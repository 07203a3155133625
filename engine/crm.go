package engine

import (
	"context"

	"github.com/portico-authz/portico/schema"
)

func aboutRecord(partner, record string) []schema.Object {
	d := schema.Domain(partner)
	return []schema.Object{schema.Partner(d), schema.Obj(typeRecord, d, record)}
}

// CreateRecord makes a record of one of the portal's kinds, created by whoever
// acts.
type CreateRecord struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Record  string `json:"record,omitempty" doc:"The name that the record shall have; one is made up if it is missing." example:"initech" pattern:"^[A-Za-z0-9_-]{1,64}$"`
	Kind    string `json:"kind" doc:"What it is of: one of the portal's kinds of records." example:"company"`
	Title   string `json:"title" doc:"What people call it." example:"Initech" maxLength:"200"`
}

// Name implements [Operation].
func (*CreateRecord) Name() string { return "create_record" }

// About implements [Operation].
func (o *CreateRecord) About() []schema.Object { return aboutRecord(o.Partner, "")[:1] }

// Plan implements [Operation].
func (o *CreateRecord) Plan(ctx context.Context, v *View) (*Plan, error) {
	partner := v.Domain.Root()
	creator, err := v.actorSeat(ctx)
	if err != nil {
		return nil, err
	}
	record, err := v.newEntry(ctx, typeRecord, o.Record, o.Title, partner)
	if err != nil {
		return nil, err
	}
	if record.Kind, err = v.kind(typeRecord, o.Kind); err != nil {
		return nil, err
	}
	p := &Plan{Object: record.Object, Summary: "created the " + record.Kind + " " + quote(record.Title)}
	p.put(record)
	p.touch(record.Object, relPartner, schema.Subject{Object: partner}, noExpiry)
	p.touch(record.Object, record.Kind, schema.Subject{Object: partner}, noExpiry)
	p.touch(record.Object, relCreator, seat(creator.Object), noExpiry)
	return p, nil
}

// actorSeat returns the seat on which whoever acts sits.
func (v *View) actorSeat(ctx context.Context) (Entry, error) {
	if v.Actor.Kind != Person {
		return Entry{}, Errorf(Invalid, "a person does this: name them")
	}
	seats, err := v.Entries(ctx, EntryFilter{Type: schema.TypeStaff, User: v.Actor.User, States: []State{Active}})
	if err != nil {
		return Entry{}, err
	}
	if len(seats) == 0 {
		return Entry{}, Errorf(Conflict, "only staff of the partner can do this")
	}
	return seats[0], nil
}

// EditRecord gives a record another title.
type EditRecord struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Record  string `json:"record" doc:"The record's name at the partner." example:"initech"`
	Title   string `json:"title" doc:"Its new title." example:"Initech Ltd" maxLength:"200"`
}

// Name implements [Operation].
func (*EditRecord) Name() string { return "edit_record" }

// About implements [Operation].
func (o *EditRecord) About() []schema.Object { return aboutRecord(o.Partner, o.Record) }

// Plan implements [Operation].
func (o *EditRecord) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planRename(ctx, v, o.About()[1], o.Title)
}

// DeleteRecord closes a record: nobody sees it until it is restored.
type DeleteRecord struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Record  string `json:"record" doc:"The record's name at the partner." example:"initech"`
}

// Name implements [Operation].
func (*DeleteRecord) Name() string { return "delete_record" }

// About implements [Operation].
func (o *DeleteRecord) About() []schema.Object { return aboutRecord(o.Partner, o.Record) }

// Plan implements [Operation].
func (o *DeleteRecord) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planArchive(ctx, v, o.About()[1])
}

// RestoreRecord brings a deleted record back, with its creator.
type RestoreRecord struct {
	Partner string `json:"partner" doc:"The partner's id." example:"acme"`
	Record  string `json:"record" doc:"The deleted record's name at the partner." example:"initech"`
}

// Name implements [Operation].
func (*RestoreRecord) Name() string { return "restore_record" }

// About implements [Operation].
func (o *RestoreRecord) About() []schema.Object { return aboutRecord(o.Partner, o.Record) }

// Plan implements [Operation].
func (o *RestoreRecord) Plan(ctx context.Context, v *View) (*Plan, error) {
	return planRestore(ctx, v, o.About()[1], (&DeleteRecord{}).Name())
}
