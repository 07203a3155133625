package sqlstore_test

import (
	"context"
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"github.com/portico-authz/portico/adapters/loopback"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func BenchmarkUpdate(b *testing.B) {
	onBoth(b, func(b *testing.B, s engine.Store) {
		n := 0
		for b.Loop() {
			n++
			if err := s.Update(b.Context(), "acme", func(tx engine.Tx) error { return operation(b.Context(), tx, n) }); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDomain(b *testing.B) {
	onBoth(b, func(b *testing.B, s engine.Store) {
		if err := s.Update(b.Context(), "acme", func(tx engine.Tx) error { return raise(b.Context(), tx) }); err != nil {
			b.Fatal(err)
		}
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := s.Domain(b.Context(), "acme"); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

func BenchmarkPutRelationships(b *testing.B) {
	rows := make([]engine.Row, 1000)
	for i := range rows {
		rows[i].Relationship = grant(i)
	}
	onBoth(b, func(b *testing.B, s engine.Store) {
		for b.Loop() {
			err := s.Update(b.Context(), "acme", func(tx engine.Tx) error { return tx.PutRelationships(b.Context(), rows) })
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

func onBoth(b *testing.B, run func(*testing.B, engine.Store)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { run(b, openSQLite(b, newFile(b))) })
	b.Run("postgres", func(b *testing.B) {
		run(b, openPostgres(b, loopback.PostgresDatabase(b, loopback.Postgres(b))))
	})
}

// operation writes what one small operation of the engine does.
func operation(ctx context.Context, tx engine.Tx, n int) error {
	id := fmt.Sprintf("r%d", n)
	if err := tx.PutRecord(ctx, engine.Record{ID: id, Domain: "acme", Seq: int64(n), Params: []byte(`{}`)}); err != nil {
		return err
	}
	if err := tx.PutRelationships(ctx, []engine.Row{{Relationship: grant(n), Record: id}}); err != nil {
		return err
	}
	return raise(ctx, tx)
}

func grant(n int) schema.Relationship {
	return schema.Relationship{
		Resource: schema.Obj("client", "acme", fmt.Sprintf("c%d", n)),
		Relation: "staff",
		Subject:  schema.Subject{Object: schema.Obj("staff", "acme", "ana"), Relation: "user"},
	}
}
