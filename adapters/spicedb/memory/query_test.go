package memory_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/options"
	"github.com/authzed/spicedb/pkg/tuple"
	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
)

var queryTexts = []string{
	"doc:a#own@team:x#member",
	"doc:a#view@user:*",
	"doc:a#view@user:ana",
	`doc:a_b#view@user:bo[on_weekdays:{"day":1}]`,
	"doc:ab#view@user:ana[on_weekdays]",
	"doc:b#view@user:ana[expiration:2024-02-29T11:59:59Z]",
	"doc:b#view@user:bo[expiration:2024-02-29T12:00:01Z]",
	"folder:a#view@user:ana",
}

// queryCases are what SpiceDB's SQL datastores do where one might do something
// else.
var queryCases = []struct {
	name string
	question
	want []int // indexes of queryTexts
}{
	{"everything but the expired", question{}, []int{0, 1, 2, 3, 4, 6, 7}},
	{"by subject", question{order: options.BySubject}, []int{0, 1, 2, 4, 7, 3, 6}},
	{"limit 0 is none", question{limit: new(uint64(0))}, nil},
	{"limit without the expired", question{
		filter: datastore.RelationshipsFilter{OptionalResourceIds: []string{"b", "ab"}}, limit: new(uint64(2)),
	}, []int{4, 6}},
	{"prefix without wildcards", question{
		filter: datastore.RelationshipsFilter{OptionalResourceIDPrefix: "a_"},
	}, []int{3}},
	{"an id twice", question{
		filter: datastore.RelationshipsFilter{OptionalResourceIds: []string{"ab", "a_b", "ab"}},
	}, []int{3, 4}},
	{"selectors that overlap", question{
		filter: datastore.RelationshipsFilter{
			OptionalResourceType:      "doc",
			OptionalSubjectsSelectors: []datastore.SubjectsSelector{onlyAna, {OptionalSubjectType: "user"}, onlyAna},
		},
	}, []int{1, 2, 3, 4, 6}},
	{"a selector of anything", question{
		filter: datastore.RelationshipsFilter{
			OptionalResourceIds:       []string{"a"},
			OptionalSubjectsSelectors: []datastore.SubjectsSelector{{}},
		},
	}, []int{0, 1, 2, 7}},
	{"a wildcard is only itself", question{
		reverse: &datastore.SubjectsFilter{SubjectType: "user", OptionalSubjectIds: []string{"*"}},
	}, []int{1}},
	{"expiring ones without the expired", question{
		filter: datastore.RelationshipsFilter{OptionalExpirationOption: datastore.ExpirationFilterOptionHasExpiration},
	}, []int{6}},
	{"expiration unheeded", question{
		filter: datastore.RelationshipsFilter{OptionalResourceIds: []string{"b"}}, skipExpiration: true,
	}, []int{5, 6}},
	// Before a definition goes, SpiceDB asks so whether anything uses it.
	{"caveats unheeded", question{
		filter: datastore.RelationshipsFilter{OptionalResourceIds: []string{"ab", "a_b"}}, skipCaveats: true,
	}, []int{3, 4}},
	{"after something that isn't there", question{after: cursorAt("doc:a#zzz@user:ana")}, []int{3, 4, 6, 7}},
	{"from here to there", question{
		after: cursorAt(queryTexts[1]), until: cursorAt(queryTexts[4]),
	}, []int{2, 3, 4}},
	{"from there to here", question{
		after: cursorAt(queryTexts[4]), until: cursorAt(queryTexts[1]),
	}, nil},
}

var onlyAna = datastore.SubjectsSelector{OptionalSubjectType: "user", OptionalSubjectIds: []string{"ana"}}

func TestQuery(t *testing.T) {
	ds, head := openWith(t, memory.Options{}, parse(queryTexts...)...)
	for _, test := range queryCases {
		t.Run(test.name, func(t *testing.T) {
			if test.order == options.Unsorted {
				test.order = options.ByResource
			}
			got, err := test.ask(t.Context(), ds.SnapshotReader(head))
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, i := range test.want {
				want = append(want, queryTexts[i])
			}
			if diff := cmp.Diff(test.texts(parse(want...)), test.texts(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A cursor needs an order, in either direction.
func TestQueryCursorsWithoutOrder(t *testing.T) {
	ds, head := openWith(t, memory.Options{})
	cursor := cursorAt("doc:a#view@user:ana")
	for _, q := range []question{
		{after: cursor},
		{until: cursor},
		{after: cursor, reverse: &datastore.SubjectsFilter{SubjectType: "user"}},
	} {
		if _, err := q.ask(t.Context(), ds.SnapshotReader(head)); !errors.Is(err, datastore.ErrCursorsWithoutSorting) {
			t.Errorf("%s: got error %v", q, err)
		}
	}
}

// An object with many relationships has few again, and many once more.
func TestQueryCrowdComesAndGoes(t *testing.T) {
	var crowd []tuple.Relationship
	for i := range 1000 {
		crowd = append(crowd, parse(fmt.Sprintf("doc:a#view@user:u%03d", i))...)
	}
	ds, _ := openWith(t, memory.Options{Window: time.Nanosecond})
	state := newModelState()
	for _, n := range []int{1000, 500, 100, 3, 700, 0, 1000} {
		var updates []tuple.RelationshipUpdate
		for i, r := range crowd {
			if i*7%1000 < n {
				updates = append(updates, tuple.Touch(r))
			} else {
				updates = append(updates, tuple.Delete(r))
			}
		}
		if err := state.apply(updates); err != nil {
			t.Fatal(err)
		}
		head := write(t, ds, updates...)
		ds.Collect()
		pageAll(checker{t: t, ctx: t.Context(), reader: ds.SnapshotReader(head), state: state, now: noon})
	}
}

// pageAll asks for all there is, and for a few by name.
func pageAll(c checker) {
	c.t.Helper()
	few := datastore.RelationshipsFilter{
		OptionalResourceIds:       []string{"a"},
		OptionalSubjectsSelectors: []datastore.SubjectsSelector{{OptionalSubjectIds: []string{"u000", "u001", "u999"}}},
	}
	for _, order := range []options.SortOrder{options.ByResource, options.BySubject, options.ChooseEfficient} {
		if err := c.page(question{order: order}, 33); err != nil {
			c.t.Fatal(err)
		}
		if err := c.page(question{order: order, filter: few}, 1); err != nil {
			c.t.Fatal(err)
		}
	}
}

// A query that refuses nearly all there is still finds the rest.
func TestQueryNeedlesInAHaystack(t *testing.T) {
	rels := make([]tuple.Relationship, 30_000)
	var needles []tuple.Relationship
	for i := range rels {
		text := fmt.Sprintf("doc:d%05d#view@user:ana", i)
		if i%9_000 == 8_999 {
			text += "[on_weekdays]"
			needles = append(needles, parse(text)...)
		}
		rels[i] = parse(text)[0]
	}
	ds, head := openWith(t, memory.Options{}, rels...)
	q := question{filter: datastore.RelationshipsFilter{OptionalCaveatNameFilter: datastore.WithCaveatName("on_weekdays")}}
	for _, q.order = range []options.SortOrder{options.Unsorted, options.ByResource, options.BySubject} {
		got, err := q.ask(t.Context(), ds.SnapshotReader(head))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(q.texts(needles), q.texts(got)); diff != "" {
			t.Errorf("order %d (-want +got):\n%s", q.order, diff)
		}
	}
}

func parse(texts ...string) []tuple.Relationship {
	rels := make([]tuple.Relationship, 0, len(texts))
	for _, text := range texts {
		rels = append(rels, tuple.MustParse(text))
	}
	return rels
}

func cursorAt(text string) options.Cursor { return options.ToCursor(tuple.MustParse(text)) }
