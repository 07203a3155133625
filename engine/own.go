package engine

import (
	"context"
	"time"

	"github.com/portico-authz/portico/schema"
)

// engineTypes are the types that operations of the engine's own write. All
// others of a schema are the operator's: their objects have no row in the
// directory, and their relationships are written one by one.
var engineTypes = map[string]bool{
	schema.TypeUser: true, schema.TypePlatform: true, schema.TypePartner: true, schema.TypeStaff: true,
	typeClient: true, typeAccount: true, typeGroup: true, typeProject: true, typeRecord: true, typeEvent: true,
}

// WriteRelationship writes a relationship of a type of the operator's own, such
// as a document's. portal.yaml's relationships say who may: whoever has the
// required permission on the object, or, for the relationship that an object
// begins with, on what it leads to.
type WriteRelationship struct {
	Partner   string    `json:"partner" doc:"The partner's id." example:"acme"`
	Resource  string    `json:"resource" doc:"The object, of a type of the operator's own." example:"document:acme/plan"`
	Relation  string    `json:"relation" doc:"The relation's name." example:"editor"`
	Subject   string    `json:"subject" doc:"A seat, as staff:acme/ana#user, or an object of the partner's." example:"staff:acme/ana#user"`
	ExpiresAt time.Time `json:"expires_at,omitzero" doc:"When it ends by itself; never, if it is missing." example:"2027-01-31T18:00:00Z"`
}

// Name implements [Operation].
func (*WriteRelationship) Name() string { return "write_relationship" }

// About implements [Operation].
func (o *WriteRelationship) About() []schema.Object {
	return aboutRelationship(o.Partner, o.Resource, o.Relation, o.Subject)
}

func (o *WriteRelationship) requirement(p *schema.Portal) (schema.Requirement, error) {
	return requireRelationship(p, o.Resource, o.Relation, o.Subject)
}

// Plan implements [Operation].
func (o *WriteRelationship) Plan(ctx context.Context, v *View) (*Plan, error) {
	r, err := parseRelationship(o.Resource, o.Relation, o.Subject)
	if err != nil {
		return nil, err
	}
	if err := v.checkExpiry(o.ExpiresAt); err != nil {
		return nil, err
	}
	rows, err := v.Rows(ctx, RelationshipFilter{ResourceType: r.Resource.Type, ResourceID: r.Resource.ID})
	if err != nil {
		return nil, err
	}
	switch begun := len(rows) > 0; {
	case isOrigin(v.Portal, r) && begun:
		return nil, Errorf(Conflict, "%s is there already: it begins with %s, and only once", r.Resource, r.Relation)
	case isOrigin(v.Portal, r) && !o.ExpiresAt.IsZero():
		return nil, Errorf(Invalid, "what an object begins with doesn't expire")
	}
	if err := v.takesPart(ctx, r.Subject.Object); err != nil {
		return nil, err
	}
	p := &Plan{Object: r.Resource, Summary: "wrote " + r.String()}
	p.touch(r.Resource, r.Relation, r.Subject, o.ExpiresAt)
	return p, nil
}

// takesPart refuses a subject that can be given nothing any more.
func (v *View) takesPart(ctx context.Context, o schema.Object) error {
	if !engineTypes[o.Type] || o.Type == schema.TypePartner {
		return nil
	}
	e, err := v.ActiveEntry(ctx, o)
	if err != nil || o.Type != schema.TypeStaff {
		return err
	}
	return v.eligible(ctx, (&WriteRelationship{}).Name(), e)
}

// DeleteRelationship deletes a relationship of a type of the operator's own.
// With the one that an object begins with, all of its others go.
type DeleteRelationship struct {
	Partner  string `json:"partner" doc:"The partner's id." example:"acme"`
	Resource string `json:"resource" doc:"The object, of a type of the operator's own." example:"document:acme/plan"`
	Relation string `json:"relation" doc:"The relation's name." example:"editor"`
	Subject  string `json:"subject" doc:"The relationship's subject." example:"staff:acme/ana#user"`
}

// Name implements [Operation].
func (*DeleteRelationship) Name() string { return "delete_relationship" }

// About implements [Operation].
func (o *DeleteRelationship) About() []schema.Object {
	return aboutRelationship(o.Partner, o.Resource, o.Relation, o.Subject)
}

func (o *DeleteRelationship) requirement(p *schema.Portal) (schema.Requirement, error) {
	return requireRelationship(p, o.Resource, o.Relation, o.Subject)
}

// Plan implements [Operation].
func (o *DeleteRelationship) Plan(ctx context.Context, v *View) (*Plan, error) {
	r, err := parseRelationship(o.Resource, o.Relation, o.Subject)
	if err != nil {
		return nil, err
	}
	there, err := v.Has(ctx, r.Resource, r.Relation, r.Subject)
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, Errorf(NotFound, "there is no %s", r)
	}
	p := &Plan{Object: r.Resource, Summary: "deleted " + r.String()}
	if !isOrigin(v.Portal, r) {
		p.drop(r.Resource, r.Relation, r.Subject)
		return p, nil
	}
	rows, err := v.Rows(ctx, RelationshipFilter{ResourceType: r.Resource.Type, ResourceID: r.Resource.ID})
	p.dropRows(rows)
	return p, err
}

// parseRelationship reads a relationship from a request's parts.
func parseRelationship(resource, relation, subject string) (schema.Relationship, error) {
	r, err := schema.ParseRelationship(resource + "#" + relation + "@" + subject)
	if err != nil {
		return r, Errorf(Invalid, "%s", err)
	}
	if r.Subject.Type == schema.TypeUser {
		return r, Errorf(Invalid, "a relationship names a seat, such as staff:acme/ana#user, not a person: whoever leaves the seat must lose it")
	}
	return r, nil
}

// aboutRelationship is the partner, the object and the subject's object, as far
// as they can be read; requireRelationship reports what can't.
func aboutRelationship(partner, resource, relation, subject string) []schema.Object {
	about := []schema.Object{schema.Partner(schema.Domain(partner))}
	r, err := parseRelationship(resource, relation, subject)
	if err != nil {
		return about
	}
	about = append(about, r.Resource)
	if r.Subject.Object != about[0] {
		about = append(about, r.Subject.Object)
	}
	return about
}

// requireRelationship returns what the portal requires of who writes the
// relationship.
func requireRelationship(p *schema.Portal, resource, relation, subject string) (schema.Requirement, error) {
	if len(p.Relationships) == 0 {
		return schema.Requirement{}, Errorf(NotFound, "in the portal %s no relationships are written one by one", p.Name)
	}
	r, err := parseRelationship(resource, relation, subject)
	if err != nil {
		return schema.Requirement{}, err
	}
	requirement, ok := p.Relationships[r.Resource.Type+"#"+r.Relation]
	if !ok {
		return schema.Requirement{}, Errorf(Invalid, "portal.yaml names nobody who may write %s#%s", r.Resource.Type, r.Relation)
	}
	return requirement, nil
}

// isOrigin reports whether the relationship is what its object begins with: one
// whose requirement is asked where it leads, since the object isn't there yet.
func isOrigin(p *schema.Portal, r schema.Relationship) bool {
	return p.Relationships[r.Resource.Type+"#"+r.Relation].Type != r.Resource.Type
}
