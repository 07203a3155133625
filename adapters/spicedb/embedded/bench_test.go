package embedded_test

import (
	"fmt"
	"testing"

	"github.com/portico-authz/portico/adapters/spicedb/embedded"
	"github.com/portico-authz/portico/engine"
)

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
			g := openWithSchema(b, nil)
			at := load(b, g, size)
			query := []engine.Query{accessTo(0, "u0")}
			for b.Loop() {
				decisions, err := g.Check(b.Context(), at, query)
				if err != nil || decisions[0] != engine.Allow {
					b.Fatal(decisions, err)
				}
			}
		})
	}
}

// BenchmarkCheckAgency checks what TestCompare checks, one way to access after
// the other.
func BenchmarkCheckAgency(b *testing.B) {
	for _, count := range []int{10, 100} {
		g := open(b, nil)
		if err := g.WriteSchema(b.Context(), agencySchema(b)); err != nil {
			b.Fatal(err)
		}
		firms := newFirms(b, count)
		var questions []question
		for i, f := range firms {
			questions = append(questions, f.questions(firms[(i+1)%count])...)
		}
		at, err := loader("ours", g).fill(b.Context(), firms, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("firms=%d", count), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				q := questions[i%len(questions)]
				got, err := g.Check(b.Context(), at, []engine.Query{q.Query})
				if err != nil || got[0] != q.want {
					b.Fatal(q, got, err)
				}
			}
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	g := openWithSchema(b, nil)
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
		g := openWithSchema(b, nil)
		b.StartTimer()
		load(b, g, 20_000)
		b.StopTimer()
		if err := g.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
