// In the package itself: a command has nothing to import.
package main

import (
	"testing"

	"github.com/portico-authz/portico/examples/story/storytest"
)

func TestStory(t *testing.T) {
	told := storytest.Tell(t, tale, map[string]int{"ST": 10, "XP": 4})
	storytest.Has(t, told,
		"✓ Flora may do all ",
		"✗ Noe may not enter",
		"Ivan Blanc has to hand over",
		"Flora lists the inactive: Ivan Blanc\n",
		"because they teach Open day",
	)
}
