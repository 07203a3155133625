package embedded_test

import (
	"cmp"
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// measure is one kind of call, of which every graph makes the same ones.
type measure struct {
	name  string
	calls int // how many different ones there are
	// call makes one. It returns the answer, lists sorted, or nil.
	call func(ctx context.Context, c *contender, i int) (any, error)
	// after asks for the answer to a call that gave none. It is no part of what
	// is measured.
	after func(ctx context.Context, c *contender, i int) (any, error)
	// want is the answer that every graph must give.
	want func(i int) any
}

func measures(firms []*firm) []measure {
	const turns = 8
	var questions []question
	var folders, accounts, owners []listing
	for i := range turns {
		f, other := firms[i%len(firms)], firms[(i+1)%len(firms)]
		questions = append(questions, f.questions(other)...)
		folders = append(folders, f.foldersOf(i*7))
		accounts = append(accounts, f.accountsOf(i*7))
		owners = append(owners, f.ownersAccounts())
	}
	return []measure{
		check(questions),
		bulkCheck(firms),
		lookupResources("lookup resources: an advisor's folders", "client", folders),
		lookupResources("lookup resources: an advisor's accounts", "account", accounts),
		lookupResources("lookup resources: the owner's accounts", "account", owners[:2]),
		lookupSubjects(firms),
		write(firms),
	}
}

func check(questions []question) measure {
	return measure{
		name: "check", calls: len(questions),
		call: func(ctx context.Context, c *contender, i int) (any, error) {
			return c.Check(ctx, c.at, []engine.Query{questions[i].Query})
		},
		want: func(i int) any { return []engine.Decision{questions[i].want} },
	}
}

// bulkCheck asks which of a hundred accounts an advisor may access: some of
// their own, and many that aren't.
func bulkCheck(firms []*firm) measure {
	const calls, size = 8, 100
	random := rand.New(rand.NewPCG(1, size))
	queries, want := make([][]engine.Query, calls), make([][]engine.Decision, calls)
	for i := range calls {
		f, a := firms[i%len(firms)], random.IntN(firmAdvisors)
		accounts := random.Perm(firmAccounts)
		slices.SortStableFunc(accounts, func(x, y int) int { return cmp.Compare(decision(f.reaches(a, x)), decision(f.reaches(a, y))) })
		for _, account := range accounts[:size] {
			queries[i] = append(queries[i], engine.Query{Resource: f.account(account), Permission: "access", Subject: f.person(advisor(a))})
			want[i] = append(want[i], decision(f.reaches(a, account)))
		}
	}
	return measure{
		name: "bulk check of 100", calls: calls,
		call: func(ctx context.Context, c *contender, i int) (any, error) { return c.Check(ctx, c.at, queries[i]) },
		want: func(i int) any { return want[i] },
	}
}

// listing is what somebody may access, by hand.
type listing struct {
	who schema.Subject
	ids []string
}

func lookupResources(name, typ string, lists []listing) measure {
	return measure{
		name: name, calls: len(lists),
		call: func(ctx context.Context, c *contender, i int) (any, error) {
			return sorted(c.LookupResources(ctx, c.at, typ, "access", lists[i].who))
		},
		want: func(i int) any { return lists[i].ids },
	}
}

func lookupSubjects(firms []*firm) measure {
	account := func(i int) (*firm, int) {
		f := firms[i%len(firms)]
		return f, f.groups[i%firmGroups][0]
	}
	return measure{
		name: "lookup subjects: who reaches an account", calls: 8,
		call: func(ctx context.Context, c *contender, i int) (any, error) {
			f, a := account(i)
			return sorted(c.LookupSubjects(ctx, c.at, f.account(a), "access", schema.TypeUser))
		},
		want: func(i int) any {
			f, a := account(i)
			return f.whoReaches(a)
		},
	}
}

func sorted(ids []string, err error) ([]string, error) {
	slices.Sort(ids)
	return ids, err
}

// write puts an advisor on a folder and takes them off again, as the
// operations do, each behind its domain's fence.
func write(firms []*firm) measure {
	firms = firms[:min(len(firms), 8)]
	return measure{
		name: "write", calls: 2 * len(firms),
		call: func(ctx context.Context, c *contender, i int) (any, error) {
			f := firms[i/2]
			return nil, c.write(ctx, f.domain, engine.Update{Delete: i%2 == 1, Relationship: schema.Relationship{
				Resource: f.client(0), Relation: "staff", Subject: f.seat(advisor(f.stranger(0))),
			}})
		},
		after: func(ctx context.Context, c *contender, i int) (any, error) {
			f := firms[i/2]
			return c.Check(ctx, c.at, []engine.Query{{
				Resource: f.client(0), Permission: "access", Subject: f.person(advisor(f.stranger(0))),
			}})
		},
		want: func(i int) any { return []engine.Decision{decision(i%2 == 0)} },
	}
}

// run has the graphs take turns, so that what else the machine does hits all
// of them, and returns their times. Those in our heap start their turn with it
// swept: else they would pay for the garbage of the one before.
func (m measure) run(t *testing.T, e effort, graphs []*contender) row {
	t.Helper()
	for _, c := range graphs {
		for i := range m.calls {
			m.once(t, c, i)
			m.ask(t, c, i)
		}
	}
	turns := make([]turns, len(graphs))
	for round := 1; round <= e.rounds; round++ {
		for g, c := range graphs {
			if c.heap && turns[g].due(e, round) {
				runtime.GC()
			}
			for turns[g].due(e, round) {
				turns[g].add(m.once(t, c, len(turns[g].samples)%m.calls))
			}
		}
	}
	result := row{measure: m.name, unit: seconds}
	for _, g := range turns {
		result.stats = append(result.stats, statOf(g.samples))
	}
	return result
}

// turns is what one graph has done of a measure.
type turns struct {
	samples []time.Duration
	spent   time.Duration
}

func (g *turns) add(took time.Duration) {
	g.samples = append(g.samples, took)
	g.spent += took
}

// due reports whether there is more to do in the round: budget and samples are
// spread evenly, so that a slow graph skips rounds rather than stop early.
func (g *turns) due(e effort, round int) bool {
	return g.spent*time.Duration(e.rounds) < e.budget*time.Duration(round) ||
		len(g.samples)*e.rounds < e.minSamples*round
}

// once makes the i-th call, and returns how long it took.
func (m measure) once(t *testing.T, c *contender, i int) time.Duration {
	t.Helper()
	began := time.Now()
	answer, err := m.call(t.Context(), c, i)
	took := time.Since(began)
	if m.after == nil || err != nil {
		m.verify(t, c, i, answer, err)
	}
	return took
}

// ask verifies what the i-th call brought about, if it doesn't tell itself.
func (m measure) ask(t *testing.T, c *contender, i int) {
	t.Helper()
	if m.after != nil {
		answer, err := m.after(t.Context(), c, i)
		m.verify(t, c, i, answer, err)
	}
}

func (m measure) verify(t *testing.T, c *contender, i int, got any, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %s %d: %v", c.name, m.name, i, err)
	}
	if diff := gocmp.Diff(m.want(i), got); diff != "" {
		t.Fatalf("%s: %s %d: want -, got +:\n%s", c.name, m.name, i, diff)
	}
}
