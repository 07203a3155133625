// In the package itself: a command has nothing to import.
package main

import (
	"testing"

	"github.com/portico-authz/portico/examples/story/storytest"
)

func TestStory(t *testing.T) {
	told := storytest.Tell(t, tale, map[string]int{"PR": 11, "XP": 4})
	storytest.Has(t, told,
		"✓ Ada may do all ",
		"Read-only: view customer data, view financial data, view partners\n",
		"Custom: any of 10 capabilities, switched on one by one\n",
		"        ✓ Manage partners\n",
		"✗ Paul may not view partners at the account birch",
		"Ada lists who receives the commissions of Alder: Paul",
	)
}
