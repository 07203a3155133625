package ginapi

import (
	"context"
	"slices"
	"strings"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// ResourcesRequest asks on which resources a subject has a permission.
type ResourcesRequest struct {
	Partner     string         `json:"partner,omitempty" example:"acme" pattern:"^[A-Za-z0-9_-]{1,64}$" doc:"The partner's id; missing for the types partner (a person's partners) and platform only."`
	Type        string         `json:"type" example:"account" doc:"The type of the resources."`
	Permission  string         `json:"permission" example:"access"`
	Subject     schema.Subject `json:"subject" example:"user:someone@example.com"`
	Limit       int            `json:"limit,omitempty" minimum:"1" maximum:"1000" doc:"How many at most; 100 if missing."`
	Cursor      string         `json:"cursor,omitempty" doc:"What the page before gave as next."`
	Consistency Consistency    `json:"consistency,omitzero"`
}

// ResourceList is a page of resources.
type ResourceList struct {
	Resources []schema.Object `json:"resources" nullable:"false" doc:"By id."`
	Page
}

// Page tells a part of a list from the whole.
type Page struct {
	Total int    `json:"total" doc:"How many the whole list has."`
	Next  string `json:"next,omitempty" doc:"The cursor of the next page; missing on the last."`
	Epoch int64  `json:"epoch,omitempty" doc:"The epoch that the whole list is of; missing if it is of several partners."`
}

func (s *server) listResources(ctx context.Context, in *bodyOf[ResourcesRequest]) (*reply[ResourceList], error) {
	b := in.Body
	d := schema.Domain(b.Partner)
	switch {
	case b.Partner == "" && b.Type == schema.TypePartner:
		return s.listPartners(ctx, b)
	case b.Partner == "" && b.Type == schema.TypePlatform:
		d = schema.PlatformDomain
	case b.Partner == "":
		return nil, engine.Errorf(engine.Invalid, "partner is missing: lists are of one partner")
	}
	if err := s.charge(ctx, d); err != nil {
		return nil, err
	}
	if err := s.mayAsk(ctx, d, b.Subject); err != nil {
		return nil, err
	}
	if err := s.mayKnow(ctx, d, b.Subject.Object); err != nil {
		return nil, err
	}
	page, err := s.engine.ListResources(ctx, d, b.Type, b.Permission, b.Subject, engine.Paging{Cursor: b.Cursor, Limit: b.Limit}, b.Consistency.engine())
	if err != nil {
		return nil, err
	}
	return &reply[ResourceList]{page.Epoch, ResourceList{page.Objects, Page{page.Total, page.Next, page.Epoch}}}, nil
}

// listPartners returns all of a person's partners at once: they are few.
func (s *server) listPartners(ctx context.Context, b ResourcesRequest) (*reply[ResourceList], error) {
	if model := s.portal.Model; !model.Has(schema.TypePartner, b.Permission) {
		return nil, engine.Errorf(engine.Invalid, "%s has no permission %q; it has %s",
			schema.TypePartner, b.Permission, strings.Join(model.PermissionNames(schema.TypePartner), ", "))
	}
	if err := b.Subject.Validate(); err != nil {
		return nil, engine.Errorf(engine.Invalid, "subject: %s", err)
	}
	if b.Subject.Type != schema.TypeUser || b.Subject.Relation != "" {
		return nil, engine.Errorf(engine.Invalid, "subject: the partners of a person are listed, not of %s", b.Subject)
	}
	if b.Cursor != "" {
		return nil, engine.Errorf(engine.Invalid, "the cursor is not one of this list")
	}
	partners, err := s.partnersOf(ctx, b.Subject.ID, b.Permission, b.Consistency.engine())
	if err != nil {
		return nil, err
	}
	return &reply[ResourceList]{Body: ResourceList{
		mapped(partners, func(o schema.Object) schema.Object { return o }), Page{Total: len(partners)},
	}}, nil
}

// SubjectsRequest asks who has a permission on a resource.
type SubjectsRequest struct {
	Resource    schema.Object `json:"resource" example:"account:acme/ledger"`
	Permission  string        `json:"permission" example:"access"`
	Type        string        `json:"type,omitempty" example:"user" doc:"The type of the subjects; user if missing."`
	Limit       int           `json:"limit,omitempty" minimum:"1" maximum:"1000" doc:"How many at most; 100 if missing."`
	Cursor      string        `json:"cursor,omitempty" doc:"What the page before gave as next."`
	Consistency Consistency   `json:"consistency,omitzero"`
}

// SubjectList is a page of subjects.
type SubjectList struct {
	Subjects []schema.Object `json:"subjects" nullable:"false" doc:"By id."`
	Page
}

func (s *server) listSubjects(ctx context.Context, in *bodyOf[SubjectsRequest]) (*reply[SubjectList], error) {
	b := in.Body
	if err := s.charge(ctx, b.Resource.Domain()); err != nil {
		return nil, err
	}
	if err := s.mayAsk(ctx, b.Resource.Domain(), schema.Subject{}); err != nil {
		return nil, err
	}
	hidden, err := s.hidden(ctx, b.Resource.Domain())
	if err != nil {
		return nil, err
	}
	if err := known(hidden, b.Resource); err != nil {
		return nil, err
	}
	page, err := s.engine.ListSubjects(ctx, b.Resource, b.Permission, b.Type, engine.Paging{Cursor: b.Cursor, Limit: b.Limit}, b.Consistency.engine())
	if err != nil {
		return nil, err
	}
	told := slices.DeleteFunc(page.Objects, hidden.Hides)
	page.Total -= len(page.Objects) - len(told)
	return &reply[SubjectList]{page.Epoch, SubjectList{told, Page{page.Total, page.Next, page.Epoch}}}, nil
}

// PermissionsRequest asks what a subject may do on a resource.
type PermissionsRequest struct {
	Resource    schema.Object  `json:"resource" example:"account:acme/ledger"`
	Subject     schema.Subject `json:"subject" example:"user:someone@example.com"`
	Consistency Consistency    `json:"consistency,omitzero"`
}

// PermissionList is what a subject may do on a resource.
type PermissionList struct {
	Permissions []string `json:"permissions" nullable:"false" example:"[\"access\"]" doc:"Sorted."`
	Epoch       int64    `json:"epoch" doc:"The epoch that the list is of."`
}

func (s *server) listPermissions(ctx context.Context, in *bodyOf[PermissionsRequest]) (*reply[PermissionList], error) {
	b := in.Body
	if err := s.charge(ctx, b.Resource.Domain()); err != nil {
		return nil, err
	}
	if err := s.mayAsk(ctx, b.Resource.Domain(), b.Subject); err != nil {
		return nil, err
	}
	if err := s.mayKnow(ctx, b.Resource.Domain(), b.Subject.Object); err != nil {
		return nil, err
	}
	list, err := s.engine.ListPermissions(ctx, b.Resource, b.Subject, b.Consistency.engine())
	if err != nil {
		return nil, err
	}
	return &reply[PermissionList]{list.Epoch, PermissionList{list.Permissions, list.Epoch}}, nil
}

// operationID makes check_bulk of check/bulk.
func operationID(path string) string { return strings.ReplaceAll(path, "/", "_") }
