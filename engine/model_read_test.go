package engine_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"pgregory.net/rapid"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// compareSome compares a sample of decisions: on what the last act was about,
// and on anything there and in another domain. Questions that differ only
// in the object cost SpiceDB hardly more than one of them.
func (r *run) compareSome(t *rapid.T) error {
	dice := rand.New(rand.NewPCG(uint64(roll(t, "sample", 1<<20)), 0))
	byDomain := map[schema.Domain][]schema.Object{}
	for _, o := range r.m.Objects() {
		byDomain[o.Domain()] = append(byDomain[o.Domain()], o)
	}
	var queries []engine.Query
	if d := r.last.Domain(); !r.last.IsZero() {
		queries = append(queries, r.sample(dice, []schema.Object{r.last}, byDomain[d])...)
		queries = append(queries, r.sample(dice, byDomain[d], byDomain[d])...)
	}
	d := r.domains()[dice.IntN(len(r.domains()))]
	queries = append(queries, r.sample(dice, byDomain[d], byDomain[d])...)
	if len(queries) == 0 {
		return nil // nobody has signed up there
	}
	if err := r.compare(queries); err != nil {
		return err
	}
	if m, ok := r.m.(looker); ok && dice.IntN(4) == 0 {
		person, d := r.w.Persons[dice.IntN(len(r.w.Persons))], r.w.Partners[dice.IntN(len(r.w.Partners))]
		if err := m.Look(r.Engine, person, d, dice); err != nil {
			return err
		}
	}
	return r.unchanged("checking")
}

const modelSample = 5 // objects of one type that one question is asked on

// sample asks for one person and permission on one of some objects, and on the
// latest others of its type.
func (r *run) sample(dice *rand.Rand, of, objects []schema.Object) []engine.Query {
	if len(of) == 0 {
		return nil
	}
	one := of[dice.IntN(len(of))]
	var alike []schema.Object
	for _, o := range objects {
		if o.Type == one.Type {
			alike = append(alike, o)
		}
	}
	names := r.portal.Model.PermissionNames(one.Type)
	permission, person := names[dice.IntN(len(names))], r.w.Persons[dice.IntN(len(r.w.Persons))]
	queries := []engine.Query{ask(one, permission, person)}
	for i := len(alike) - 1; i >= 0 && len(queries) < modelSample; i-- {
		if alike[i] != one {
			queries = append(queries, ask(alike[i], permission, person))
		}
	}
	return queries
}

func ask(o schema.Object, permission, person string) engine.Query {
	return engine.Query{Resource: o, Permission: permission, Subject: schema.Subject{Object: schema.User(person)}}
}

// compareAll compares every decision, and every list of the domains.
func (r *run) compareAll(lists ...schema.Domain) error {
	var queries []engine.Query
	for _, o := range r.m.Objects() {
		for _, permission := range r.portal.Model.PermissionNames(o.Type) {
			for _, person := range r.w.Persons {
				queries = append(queries, ask(o, permission, person))
			}
		}
	}
	var parts []func() error
	for part := range slices.Chunk(queries, 500) {
		parts = append(parts, func() error { return r.compare(part) })
	}
	if err := abreast(parts); err != nil {
		return err
	}
	if err := r.unchanged("checking"); err != nil {
		return err
	}
	if err := r.compareLists(lists); err != nil {
		return err
	}
	return r.compareViews(lists)
}

// viewer is an article that knows what the portal's views show, too.
type viewer interface {
	// Views compares them at one partner.
	Views(e *engine.Engine, d schema.Domain) error
}

// looker is an article that compares a sample of the views as well.
type looker interface {
	// Look compares some, which the dice choose, that one person has of a partner.
	Look(e *engine.Engine, person string, d schema.Domain, dice *rand.Rand) error
}

func (r *run) compareViews(domains []schema.Domain) error {
	m, ok := r.m.(viewer)
	if !ok {
		return nil
	}
	for _, d := range domains {
		if err := m.Views(r.Engine, d); err != nil {
			return err
		}
	}
	return r.unchanged("viewing")
}

func (r *run) compare(queries []engine.Query) error {
	answers, err := r.CheckBulk(context.Background(), queries, engine.Consistency{})
	if err != nil {
		return fmt.Errorf("check: %w", err)
	}
	for _, a := range answers {
		want := engine.Deny
		if r.m.May(a.Subject.ID, a.Resource, a.Permission) {
			want = engine.Allow
		}
		if a.Decision != want {
			return fmt.Errorf("%s on %s for %s: %s, and the model says %s", a.Permission, a.Resource, a.Subject, a.Decision, want)
		}
	}
	return nil
}

// compareLists compares what each person reaches at the domains, permission by
// permission.
func (r *run) compareLists(domains []schema.Domain) error {
	objects := map[schema.Domain]map[string][]schema.Object{} // by type
	for _, o := range r.m.Objects() {
		d := o.Domain()
		if objects[d] == nil {
			objects[d] = map[string][]schema.Object{}
		}
		objects[d][o.Type] = append(objects[d][o.Type], o)
	}
	var lists []func() error
	for _, d := range domains {
		for _, typ := range r.portal.Model.TypeNames() {
			of := objects[d][typ]
			if len(of) == 0 {
				continue // most often nobody has signed up there
			}
			for _, permission := range r.portal.Model.PermissionNames(typ) {
				for _, person := range r.w.Persons {
					lists = append(lists, func() error { return r.compareList(d, permission, person, of) })
				}
			}
		}
	}
	return abreast(lists)
}

// abreast does tasks a few at a time, and returns the error of the first in the
// order of the list.
func abreast(tasks []func() error) error {
	errs := make([]error, len(tasks))
	var (
		next atomic.Int64
		wg   sync.WaitGroup
	)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(tasks)); i = next.Add(1) - 1 {
				errs[i] = tasks[i]()
			}
		})
	}
	wg.Wait()
	return cmp.Or(errs...)
}

func (r *run) compareList(d schema.Domain, permission, person string, of []schema.Object) error {
	want := []schema.Object{}
	for _, o := range of {
		if r.m.May(person, o, permission) {
			want = append(want, o)
		}
	}
	slices.SortFunc(want, func(a, b schema.Object) int { return strings.Compare(a.ID, b.ID) })
	subject := schema.Subject{Object: schema.User(person)}
	page, err := r.ListResources(context.Background(), d, of[0].Type, permission, subject, engine.Paging{Limit: engine.MaxPage}, engine.Consistency{})
	if err != nil {
		return fmt.Errorf("list: %w", err)
	}
	if !slices.Equal(page.Objects, want) || page.Total != len(want) {
		return fmt.Errorf("%s of %s for %s are listed as %v, and the model says %v", permission, of[0].Type, person, page.Objects, want)
	}
	return nil
}
