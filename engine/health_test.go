package engine_test

import (
	"errors"
	"testing"

	"github.com/portico-authz/portico/engine"
)

// TestUnready: what can be done without is no reason, and the cause is for the
// log only.
func TestUnready(t *testing.T) {
	refused := errors.New("refused by db.internal")
	tests := map[string]struct {
		found []engine.Dependency
		want  string // the message; "" for none
	}{
		"all there":  {[]engine.Dependency{{Name: "store"}, {Name: "graph"}}, ""},
		"no cache":   {[]engine.Dependency{{Name: "store"}, {Name: "cache", Err: refused, Optional: true}}, ""},
		"no graph":   {[]engine.Dependency{{Name: "store"}, {Name: "graph", Err: refused}}, "the graph can't be reached"},
		"none there": {[]engine.Dependency{{Name: "store", Err: refused}, {Name: "graph", Err: refused}}, "the store and the graph can't be reached"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := engine.Unready(test.found)
			if test.want == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			if engine.CodeOf(err) != engine.Unavailable || engine.MessageOf(err) != test.want || !errors.Is(err, refused) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}
