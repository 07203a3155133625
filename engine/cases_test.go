package engine_test

import (
	"testing"

	"github.com/portico-authz/portico/engine/enginetest"
)

// The rules of every portal hold for whoever uses the Go library.
func TestPortalsThroughTheLibrary(t *testing.T) {
	portals, err := enginetest.CasePortals()
	if err != nil {
		t.Fatal(err)
	}
	for _, portal := range portals {
		t.Run(portal, func(t *testing.T) {
			b := newPortalBench(t, portal)
			enginetest.Cases(t, portal, library{b})
			wroteAsDeclared(t, b, portal)
		})
	}
}
