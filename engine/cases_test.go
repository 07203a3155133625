package engine_test

import (
	"testing"

	"github.com/portico-authz/portico/engine/enginetest"
)

func TestAgencyThroughTheLibrary(t *testing.T) {
	enginetest.Cases(t, "agency", library{newBench(t)})
}
