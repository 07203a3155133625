package sqlstore

import (
	"context"
	"database/sql"
	"strings"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

const (
	entryKey     = `domain, type, id`
	entryColumns = `domain, type, id, parent_type, parent_id, title, folded_title, state, kind, ` +
		`email, user_id, role, invitation_hash, invitation, attributes, created_at, updated_at`
	selectEntry = `SELECT type, id, parent_type, parent_id, title, state, kind, ` +
		`email, user_id, role, invitation, attributes, created_at, updated_at FROM entries`
)

func (t *tx) Entry(ctx context.Context, object schema.Object) (engine.Entry, error) {
	q := newQuery("entry "+object.String(), selectEntry)
	q.compare("domain", "=", string(object.Domain())) // a user's is empty
	q.compare("type", "=", object.Type)
	q.compare("id", "=", object.ID)
	return first(ctx, t, q, scanEntry)
}

func (t *tx) Entries(ctx context.Context, f engine.EntryFilter) ([]engine.Entry, error) {
	return collect(ctx, t, entriesQuery(f), scanEntry)
}

func entriesQuery(f engine.EntryFilter) *query {
	q := newQuery("entries", selectEntry)
	q.equal("domain", string(f.Domain))
	q.equal("type", f.Type)
	q.equal("parent_type", f.Parent.Type)
	q.equal("parent_id", f.Parent.ID)
	oneOf(q, "state", f.States)
	q.equal("kind", f.Kind)
	q.equal("folded_title", fold(f.Title))
	q.equal("email", f.Email)
	q.equal("user_id", f.User)
	if len(f.InvitationHash) > 0 {
		q.compare("invitation_hash", "=", f.InvitationHash)
	}
	if f.After != "" {
		q.compare("id", ">", f.After)
	}
	q.order(entryKey, f.Limit)
	return q
}

func (t *tx) PutEntry(ctx context.Context, e engine.Entry) error {
	op := "put entry " + e.Object.String()
	var hash []byte
	invitation, err := asJSON(e.Invitation, 0)
	if e.Invitation != nil {
		hash = e.Invitation.Hash
		invitation, err = asJSON(e.Invitation, 1)
	}
	if err != nil {
		return t.note(ctx, op, err)
	}
	attributes, err := asJSON(e.Attributes, len(e.Attributes))
	if err != nil {
		return t.note(ctx, op, err)
	}
	return t.exec(ctx, op, upsert("entries", entryKey, entryColumns),
		string(e.Object.Domain()), e.Object.Type, e.Object.ID, e.Parent.Type, e.Parent.ID,
		e.Title, fold(e.Title), string(e.State), e.Kind, orNull(e.Email), orNull(e.User), e.Role,
		blob(hash), invitation, attributes, micros(e.CreatedAt), micros(e.UpdatedAt))
}

func (t *tx) DeleteEntry(ctx context.Context, object schema.Object) error {
	return t.exec(ctx, "delete entry "+object.String(), `DELETE FROM entries WHERE domain = $1 AND type = $2 AND id = $3`,
		string(object.Domain()), object.Type, object.ID)
}

// fold makes titles equal that a reader takes for equal. Databases fold by
// tables of their own, so it is done here.
func fold(title string) string { return strings.ToLower(title) }

func scanEntry(row scanner) (engine.Entry, error) {
	var (
		e                      engine.Entry
		email, user            sql.Null[string]
		invitation, attributes sql.Null[string]
		created, updated       int64
	)
	err := row.Scan(&e.Object.Type, &e.Object.ID, &e.Parent.Type, &e.Parent.ID, &e.Title, &e.State, &e.Kind,
		&email, &user, &e.Role, &invitation, &attributes, &created, &updated)
	if err != nil {
		return engine.Entry{}, err
	}
	e.Email, e.User = email.V, user.V
	e.CreatedAt, e.UpdatedAt = fromMicros(created), fromMicros(updated)
	if err := fromJSON(invitation, &e.Invitation); err != nil {
		return engine.Entry{}, err
	}
	return e, fromJSON(attributes, &e.Attributes)
}
