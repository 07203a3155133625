// In the package itself: a command has nothing to import.
package main

import (
	"testing"

	"github.com/portico-authz/portico/examples/story/storytest"
)

func TestStory(t *testing.T) {
	told := storytest.Tell(t, tale, map[string]int{"AG": 22, "XP": 4})
	storytest.Has(t, told,
		"✓ Olga may do all ",
		"✗ Vera may not access the account ledger",
		"because they represent the group North",
	)
}
