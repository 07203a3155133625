package embedded_test

import (
	"fmt"
	"testing"

	"github.com/portico-authz/portico/adapters/spicedb/embedded"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// open gives a graph that lives as long as the test.
func open(t testing.TB, opts *embedded.Options) *embedded.Graph {
	t.Helper()
	g, err := embedded.New(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return g
}

func openWithSchema(t testing.TB, opts *embedded.Options) *embedded.Graph {
	t.Helper()
	g := open(t, opts)
	if err := g.WriteSchema(t.Context(), testSchema); err != nil {
		t.Fatal(err)
	}
	return g
}

// testSchema is the agency portal's, cut down to clients and who serves them.
const testSchema = `use expiration
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

// load fills a graph that has testSchema with partners of a hundred
// relationships each.
func load(t testing.TB, g *embedded.Graph, size int) engine.Token {
	t.Helper()
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
	at, err := g.Load(t.Context(), next, nil)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// seat gives person ui the seat of a partner's staff member si.
func seat(partner, i int) schema.Relationship {
	return schema.Relationship{
		Resource: staff(partner, i),
		Relation: "user",
		Subject:  schema.Subject{Object: schema.User(fmt.Sprintf("u%d", i))},
	}
}

// grant puts staff member si on client ci.
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

// accessTo asks whether a person may access client c0.
func accessTo(partner int, user string) engine.Query {
	return engine.Query{
		Resource:   schema.Obj("client", domain(partner), "c0"),
		Permission: "access",
		Subject:    schema.Subject{Object: schema.User(user)},
	}
}
