package embedded_test

import (
	"fmt"
	"testing"

	"github.com/portico-authz/portico/adapters/spicedb/embedded"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

const benchSchema = `use expiration
definition user {}
definition staff {
	relation user: user
}
definition partner {
	relation admin: staff#user
	permission manage = admin
}
definition client {
	relation partner: partner
	relation staff: staff#user | staff#user with expiration
	permission access = staff + partner->manage
}
`

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		g, err := embedded.New(b.Context(), nil)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := g.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func BenchmarkCheck(b *testing.B) {
	for _, size := range []int{1_000, 20_000} {
		b.Run(fmt.Sprintf("relationships=%d", size), func(b *testing.B) {
			g := open(b)
			at := load(b, g, size)
			query := []engine.Query{client(0, "u0")}
			for b.Loop() {
				decisions, err := g.Check(b.Context(), at, query)
				if err != nil || decisions[0] != engine.Allow {
					b.Fatal(decisions, err)
				}
			}
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	g := open(b)
	load(b, g, 20_000)
	w := engine.Write{Domain: "p0", Operation: "first"}
	for i := 0; b.Loop(); i++ {
		w.Updates = []engine.Update{{Relationship: grant(0, 1), Delete: i%2 == 1}}
		if _, err := g.Write(b.Context(), w); err != nil {
			b.Fatal(err)
		}
		w.After, w.Operation = w.Operation, fmt.Sprintf("op%d", i)
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		g := open(b)
		b.StartTimer()
		load(b, g, 20_000)
	}
}

// load fills g with partners of a hundred relationships each.
func load(b *testing.B, g *embedded.Graph, size int) engine.Token {
	b.Helper()
	if err := g.WriteSchema(b.Context(), benchSchema); err != nil {
		b.Fatal(err)
	}
	partners := 0
	next := func() ([]schema.Relationship, error) {
		var batch []schema.Relationship
		for partners*100 < size && len(batch) < 5_000 {
			for i := range 50 {
				batch = append(batch, seat(partners, i), grant(partners, i))
			}
			partners++
		}
		return batch, nil
	}
	at, err := g.Load(b.Context(), next, nil)
	if err != nil {
		b.Fatal(err)
	}
	return at
}

func seat(partner, i int) schema.Relationship {
	return schema.Relationship{
		Resource: staff(partner, i),
		Relation: "user",
		Subject:  schema.Subject{Object: schema.User(fmt.Sprintf("u%d", i))},
	}
}

func grant(partner, i int) schema.Relationship {
	return schema.Relationship{
		Resource: schema.Obj("client", domain(partner), fmt.Sprintf("c%d", i)),
		Relation: "staff",
		Subject:  schema.Subject{Object: staff(partner, i), Relation: "user"},
	}
}

func staff(partner, i int) schema.Object {
	return schema.Obj(schema.TypeStaff, domain(partner), fmt.Sprintf("s%d", i))
}

func domain(partner int) schema.Domain { return schema.Domain(fmt.Sprintf("p%d", partner)) }

func client(partner int, user string) engine.Query {
	return engine.Query{
		Resource:   schema.Obj("client", domain(partner), "c0"),
		Permission: "access",
		Subject:    schema.Subject{Object: schema.User(user)},
	}
}
