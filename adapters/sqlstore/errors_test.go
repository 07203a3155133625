package sqlstore_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/portico-authz/portico/engine"
)

// TestGivenUp cancels a transaction at all its points: whichever of the
// statement, the commit and the roll-back beside them comes first, the caller
// reads that it may try again.
func TestGivenUp(t *testing.T) {
	s := openSQLite(t, newFile(t))
	for i := range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		err := s.Update(ctx, "acme", func(tx engine.Tx) error {
			if err := raise(ctx, tx); err != nil {
				return err
			}
			cancel()
			if i%2 == 0 {
				return raise(ctx, tx)
			}
			for range i {
				runtime.Gosched() // lets the roll-back win some of the time
			}
			return nil
		})
		if engine.CodeOf(err) != engine.Unavailable {
			t.Fatalf("try %d: %v, want unavailable", i, err)
		}
	}
	if _, err := s.Domain(t.Context(), "acme"); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("domain: %v, want not found", err)
	}
}
