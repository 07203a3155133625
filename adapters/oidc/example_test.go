package oidc_test

import (
	"context"
	"fmt"

	"github.com/portico-authz/portico/adapters/oidc"
)

func Example() {
	verifier, err := oidc.New("https://id.example", "portico", &oidc.Options{UserClaim: "email"})
	if err != nil {
		fmt.Println(err)
		return
	}
	actor, err := verifier.Verify(context.Background(), "not a token")
	fmt.Println(actor.User, err != nil)
	// Output: true
}
