// In the package itself: a command has nothing to import.
package main

import (
	"testing"

	"github.com/portico-authz/portico/examples/story/storytest"
)

func TestStory(t *testing.T) {
	told := storytest.Tell(t, tale, map[string]int{"WS": 9, "XP": 4})
	storytest.Has(t, told,
		"✓ Sophie may do all ",
		"Adam lists the staff: Adam\n",
		"        Petra  can be assigned, and lead it\n",
		"✗ Fay may not join team talk at the project bridge",
		"Adam lists the trash: Tim",
	)
}
