package engine

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/portico-authz/portico/schema"
)

// Page limits of lists.
const (
	DefaultPage = 100
	MaxPage     = 1000
)

// Paging asks for a part of a list.
type Paging struct {
	Cursor string // from the page before; empty for the first
	Limit  int    // 1 to MaxPage; 0 means DefaultPage
}

func (p Paging) limit() (int, error) {
	switch {
	case p.Limit == 0:
		return DefaultPage, nil
	case p.Limit < 0 || p.Limit > MaxPage:
		return 0, Errorf(Invalid, "the limit is not within 1 to %d", MaxPage)
	}
	return p.Limit, nil
}

// ObjectPage is a part of a sorted list of objects, all of one epoch.
type ObjectPage struct {
	Objects []schema.Object
	Total   int    // of the whole list
	Next    string // the cursor of the next page; empty on the last
	Epoch   int64
}

// ListResources returns the resources of a type at one partner on which the
// subject has the permission, sorted by id. The platform's are asked with
// [schema.PlatformDomain].
func (e *Engine) ListResources(ctx context.Context, d schema.Domain, typ, permission string, subject schema.Subject, p Paging, c Consistency) (ObjectPage, error) {
	if err := e.validatePermission(typ, permission); err != nil {
		return ObjectPage{}, err
	}
	if err := e.validateSubject(subject); err != nil {
		return ObjectPage{}, err
	}
	if err := d.Validate(); err != nil {
		return ObjectPage{}, Errorf(Invalid, "%s", err)
	}
	list := e.listDigest("resources", string(d), typ, permission, subject.String())
	return e.list(ctx, d, list, typ, p, c, func(at Token) ([]string, error) {
		ids, err := e.graph.LookupResources(ctx, at, typ, permission, subject)
		return slices.DeleteFunc(ids, func(id string) bool {
			return schema.Object{Type: typ, ID: id}.Domain() != d
		}), err
	})
}

// ListSubjects returns the subjects of a type that have the permission on the
// resource, sorted by id.
func (e *Engine) ListSubjects(ctx context.Context, resource schema.Object, permission, subjectType string, p Paging, c Consistency) (ObjectPage, error) {
	if subjectType == "" {
		subjectType = schema.TypeUser
	}
	if err := e.validateQuery(Query{Resource: resource, Permission: permission, Subject: schema.Subject{Object: schema.User("x")}}); err != nil {
		return ObjectPage{}, err
	}
	if e.portal.Model.Types[subjectType] == nil {
		return ObjectPage{}, Errorf(Invalid, "the schema has no type %q", subjectType)
	}
	list := e.listDigest("subjects", resource.String(), permission, subjectType)
	return e.list(ctx, resource.Domain(), list, subjectType, p, c, func(at Token) ([]string, error) {
		return e.graph.LookupSubjects(ctx, at, resource, permission, subjectType)
	})
}

// list pages through the ids that lookup finds at one snapshot.
func (e *Engine) list(ctx context.Context, d schema.Domain, list []byte, typ string, p Paging, c Consistency, lookup func(Token) ([]string, error)) (ObjectPage, error) {
	limit, err := p.limit()
	if err != nil {
		return ObjectPage{}, err
	}
	if p.Cursor != "" {
		return e.nextPage(ctx, d, list, typ, p.Cursor, limit, lookup)
	}
	var page ObjectPage
	err = e.read(ctx, d, c, func(state DomainState) error {
		if err := c.check(state); err != nil {
			return err
		}
		page = ObjectPage{Epoch: state.Epoch}
		return e.at(ctx, state, func(at Token) error {
			ids, err := lookup(at)
			if err == nil {
				page = e.cut(ids, typ, cursor{List: list, Epoch: state.Epoch, Token: at}, limit)
			}
			return err
		})
	})
	return page, err
}

// nextPage goes on in the snapshot in which the list began. Should that be
// forgotten, a new snapshot of the same epoch has the same list.
func (e *Engine) nextPage(ctx context.Context, d schema.Domain, list []byte, typ, sealed string, limit int, lookup func(Token) ([]string, error)) (ObjectPage, error) {
	c, err := e.openCursor(sealed, list)
	if err != nil {
		return ObjectPage{}, err
	}
	ids, err := lookup(c.Token)
	if errors.Is(err, ErrExpired) {
		err = e.read(ctx, d, Consistency{}, func(state DomainState) error {
			if state.Epoch != c.Epoch {
				return Errorf(Stale, "the list of %q in epoch %d is no longer kept; start again without a cursor", d, c.Epoch)
			}
			return e.at(ctx, state, func(at Token) error {
				c.Token = at
				ids, err = lookup(at)
				return err
			})
		})
	}
	if err != nil {
		return ObjectPage{}, err
	}
	return e.cut(ids, typ, c, limit), nil
}

// cut returns the page that starts after the cursor's place.
func (e *Engine) cut(ids []string, typ string, c cursor, limit int) ObjectPage {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	page := ObjectPage{Total: len(ids), Epoch: c.Epoch, Objects: []schema.Object{}}
	start, found := slices.BinarySearch(ids, c.After)
	if found && c.After != "" {
		start++
	}
	rest := ids[start:]
	if len(rest) > limit {
		rest = rest[:limit]
		c.After = rest[limit-1]
		page.Next = e.sealCursor(c)
	}
	for _, id := range rest {
		page.Objects = append(page.Objects, schema.Object{Type: typ, ID: id})
	}
	return page
}

// PermissionList is what a subject may do on a resource.
type PermissionList struct {
	Permissions []string // sorted
	Epoch       int64
}

// ListPermissions returns every permission that the subject has on the
// resource.
func (e *Engine) ListPermissions(ctx context.Context, resource schema.Object, subject schema.Subject, c Consistency) (PermissionList, error) {
	names := e.portal.Model.PermissionNames(resource.Type)
	queries := make([]Query, len(names))
	for i, name := range names {
		queries[i] = Query{Resource: resource, Permission: name, Subject: subject}
	}
	if len(queries) == 0 {
		return PermissionList{}, Errorf(Invalid, "the type %q has no permissions; these have: %s", resource.Type, strings.Join(e.portal.Model.TypeNames(), ", "))
	}
	answers, err := e.CheckBulk(ctx, queries, c)
	if err != nil {
		return PermissionList{}, err
	}
	list := PermissionList{Permissions: []string{}, Epoch: answers[0].Epoch}
	for _, a := range answers {
		if a.Decision == Allow {
			list.Permissions = append(list.Permissions, a.Permission)
		}
	}
	return list, nil
}

// ListPartners returns the partners at which the user has a seat and may do
// permission on the partner itself, sorted by id.
func (e *Engine) ListPartners(ctx context.Context, user, permission string, c Consistency) ([]schema.Object, error) {
	if err := schema.ValidateUserID(user); err != nil {
		return nil, Errorf(Invalid, "%s", err)
	}
	var queries []Query
	err := e.store.View(ctx, func(tx Tx) error {
		seats, err := tx.Entries(ctx, EntryFilter{Type: schema.TypeStaff, User: user, States: []State{Active}})
		for _, s := range seats {
			queries = append(queries, Query{Resource: s.Object.Domain().Root(), Permission: permission, Subject: schema.Subject{Object: schema.User(user)}})
		}
		return err
	})
	if err != nil || len(queries) == 0 {
		return nil, err
	}
	answers, err := e.CheckBulk(ctx, queries, c)
	var partners []schema.Object
	for _, a := range answers {
		if a.Decision == Allow {
			partners = append(partners, a.Resource)
		}
	}
	return partners, err
}
