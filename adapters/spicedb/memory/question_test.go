package memory_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/options"
	"github.com/authzed/spicedb/pkg/datastore/queryshape"
	"github.com/authzed/spicedb/pkg/tuple"
	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// question is what a reader is asked, forward or reverse. A reverse one's
// filter says the same as its reverse and resource, for the model.
type question struct {
	filter       datastore.RelationshipsFilter
	reverse      *datastore.SubjectsFilter
	resource     *options.ResourceRelation
	order        options.SortOrder
	limit        *uint64
	after, until options.Cursor
	shape        queryshape.Shape // "": varying

	// SQL leaves out the column, so what comes back may or may not have the trait.
	skipCaveats, skipExpiration bool
}

func (q question) open(ctx context.Context, r datastore.Reader) (datastore.RelationshipIterator, error) {
	if q.reverse != nil {
		return r.ReverseQueryRelationships(ctx, *q.reverse,
			options.WithResRelation(q.resource),
			options.WithSortForReverse(q.order),
			options.WithLimitForReverse(q.limit),
			options.WithAfterForReverse(q.after),
			options.WithSkipCaveatsForReverse(q.skipCaveats),
			options.WithSkipExpirationForReverse(q.skipExpiration),
			options.WithQueryShapeForReverse(cmp.Or(q.shape, queryshape.Varying)))
	}
	return r.QueryRelationships(ctx, q.filter,
		options.WithSort(q.order),
		options.WithLimit(q.limit),
		options.WithAfter(q.after),
		options.WithBeforeOrEqual(q.until),
		options.WithSkipCaveats(q.skipCaveats),
		options.WithSkipExpiration(q.skipExpiration),
		options.WithQueryShape(cmp.Or(q.shape, queryshape.Varying)))
}

func (q question) ask(ctx context.Context, r datastore.Reader) ([]tuple.Relationship, error) {
	it, err := q.open(ctx, r)
	if err != nil {
		return nil, err
	}
	return datastore.IteratorToSlice(it)
}

// checker compares a reader with a state of the model at a time.
type checker struct {
	t      rapid.TB
	ctx    context.Context // of the one test that t is
	reader datastore.Reader
	state  modelState
	now    time.Time
}

// check fails the test if the reader answers something else than the model,
// and returns the error if it doesn't answer.
func (c checker) check(q question) error {
	c.t.Helper()
	got, err := q.ask(c.ctx, c.reader)
	switch {
	case q.order == options.Unsorted && q.after != nil && errors.Is(err, datastore.ErrCursorsWithoutSorting):
		return c.check(q.all())
	case err != nil:
		return err
	case q.order == options.Unsorted && q.after != nil:
		c.t.Fatalf("%s: a cursor in no order: got %v", q, got)
	case q.order == options.ChooseEfficient:
		return c.checkEfficient(q, got)
	case q.order == options.Unsorted:
		c.among(q, q.all().answer(c.state, c.now), got)
	default:
		c.same(q, q.answer(c.state, c.now), got)
	}
	return nil
}

// checkEfficient expects an order that the store chooses, but always the same
// one: cursors and limit cut what comes without them.
func (c checker) checkEfficient(q question, got []tuple.Relationship) error {
	c.t.Helper()
	all, err := q.all().ask(c.ctx, c.reader)
	if err != nil {
		return err
	}
	c.among(q.all(), q.all().answer(c.state, c.now), all)
	from, to := 0, len(all)
	if q.after != nil {
		from = indexOf(all, *q.after) + 1
	}
	if q.until != nil {
		to = indexOf(all, *q.until) + 1
	}
	if q.after != nil && from == 0 || q.until != nil && to == 0 {
		return nil // where a stranger stands in that order is the store's secret
	}
	c.same(q, cutAt(all[from:max(from, to)], q.limit), got)
	return nil
}

// page reads everything in pages, which must be what one listing has.
func (c checker) page(q question, size uint64) error {
	c.t.Helper()
	q.limit, q.after, q.until = nil, nil, nil
	if err := c.check(q); err != nil {
		return err
	}
	want, err := q.ask(c.ctx, c.reader)
	if err != nil {
		return err
	}
	q.limit = &size
	var got []tuple.Relationship
	for {
		rels, err := q.ask(c.ctx, c.reader)
		if err != nil {
			return err
		}
		if uint64(len(rels)) > size {
			c.t.Fatalf("%s: got %d in a page", q, len(rels))
		}
		if got = append(got, rels...); len(rels) == 0 || len(got) > len(want) {
			break
		}
		q.after = options.ToCursor(rels[len(rels)-1])
	}
	c.same(q, want, got)
	return nil
}

// all returns the question without what cuts its answer.
func (q question) all() question {
	q.limit, q.after, q.until = nil, nil, nil
	return q
}

// among expects as many of the candidates as the limit leaves, each once.
func (c checker) among(q question, candidates, got []tuple.Relationship) {
	c.t.Helper()
	want, has := q.texts(candidates), q.texts(got)
	if n := len(cutAt(candidates, q.limit)); n < len(want) {
		if len(has) != n {
			c.t.Fatalf("%s: got %d of %d, want %d", q, len(has), len(want), n)
		}
		want = slices.DeleteFunc(want, func(s string) bool { return !slices.Contains(has, s) })
	}
	slices.Sort(want)
	slices.Sort(has)
	if diff := gocmp.Diff(want, has); diff != "" {
		c.t.Fatalf("%s, in any order (-model +store):\n%s", q, diff)
	}
}

func (c checker) same(q question, want, got []tuple.Relationship) {
	c.t.Helper()
	if diff := gocmp.Diff(q.texts(want), q.texts(got)); diff != "" {
		c.t.Fatalf("%s (-model +store):\n%s", q, diff)
	}
}

func indexOf(rels []tuple.Relationship, cursor tuple.Relationship) int {
	return slices.IndexFunc(rels, func(r tuple.Relationship) bool {
		return r.RelationshipReference == cursor.RelationshipReference
	})
}

// texts writes relationships down for comparison, without what is skipped. No
// context is the same as an empty one.
func (q question) texts(rels []tuple.Relationship) []string {
	texts := make([]string, 0, len(rels))
	for _, r := range rels {
		var b strings.Builder
		b.WriteString(r.RelationshipReference.String())
		if c := r.OptionalCaveat; c != nil && !q.skipCaveats {
			context, err := json.Marshal(c.Context.AsMap())
			fmt.Fprint(&b, " ", c.CaveatName, string(context), err)
		}
		if at := r.OptionalExpiration; at != nil && !q.skipExpiration {
			b.WriteString(at.UTC().Format(" 2006-01-02T15:04:05.999999999"))
		}
		texts = append(texts, b.String())
	}
	return texts
}

func (q question) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%+v order=%d", q.filter, q.order)
	if q.reverse != nil {
		b.WriteString(" reverse")
	}
	if q.limit != nil {
		fmt.Fprintf(&b, " limit=%d", *q.limit)
	}
	if q.after != nil {
		fmt.Fprintf(&b, " after=%s", q.after.RelationshipReference)
	}
	if q.until != nil {
		fmt.Fprintf(&b, " until=%s", q.until.RelationshipReference)
	}
	fmt.Fprintf(&b, " skipCaveats=%t skipExpiration=%t", q.skipCaveats, q.skipExpiration)
	return b.String()
}
