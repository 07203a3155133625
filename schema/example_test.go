package schema_test

import (
	"fmt"
	"testing/fstest"

	"github.com/portico-authz/portico/schema"
)

// A portal is loaded from a folder, here one with a mistake. The compiler is
// an adapter's: zed.Compile of adapters/spicedb.
func ExampleLoad() {
	compile := func(name, source string) (*schema.Model, error) { return smallModel(), nil }
	fsys := fstest.MapFS{
		"schema.zed": {Data: []byte("definition user {}")},
		"proof.yaml": {Data: []byte("schemaFile: schema.zed")},
		"portal.yaml": {Data: []byte(`portal: firm
title: Firm portal
roles:
  - name: advisr
    given_by: [invite_staff]
operations:
  invite_staff: partner#mange_staff
visible:
  partner: enter
`)},
	}
	_, err := schema.Load(fsys, compile)
	fmt.Println(err)
	// Output:
	// portal.yaml:4: role "advisr": no relation advisr on partner; did you mean advisor?
	// portal.yaml:7: operations.invite_staff: no permission mange_staff on partner; did you mean manage_staff?
}

func ExampleBuiltin() {
	_, err := schema.Builtin("agancy")
	fmt.Println(err)
	// Output:
	// no portal is called "agancy"; there is agency, program, studio, workspace
}

func ExampleParseObject() {
	ledger, err := schema.ParseObject("account:acme/ledger")
	fmt.Println(ledger.Type, ledger.Domain(), ledger.Name(), err)

	_, err = schema.ParseObject("account:acme/*")
	fmt.Println(err)
	// Output:
	// account acme ledger <nil>
	// name "*": want 1 to 64 of A-Z, a-z, 0-9, _ and -
}

func ExampleParseRelationship() {
	grant, err := schema.ParseRelationship("client:acme/retail#staff@staff:acme/ana#user")
	fmt.Println(grant.Resource, grant.Relation, grant.Subject, grant.Crosses(), err)
	// Output:
	// client:acme/retail staff staff:acme/ana#user false <nil>
}

func ExampleParseRequirement() {
	r, err := schema.ParseRequirement("platform#manage_support or operator")
	fmt.Println(r.Type, r.Permission, r.Operator, err)
	// Output:
	// platform manage_support true <nil>
}

func ExampleEncodeID() {
	code := schema.EncodeID("ana@example.com")
	id, err := schema.DecodeID(code)
	fmt.Println(code, id, err)
	// Output:
	// ana=40example=2Ecom ana@example.com <nil>
}
