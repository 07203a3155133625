package memory_test

import (
	"context"
	"fmt"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/tuple"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
)

// A revision is read as it was, whatever is written after it.
func ExampleNew() {
	ctx := context.Background()
	ds, err := memory.New(nil)
	if err != nil {
		panic(err)
	}
	granted, err := commit(ctx, ds, updates(create("account:a#client@client:c")))
	if err != nil {
		panic(err)
	}
	revoked, err := commit(ctx, ds, updates(remove("account:a#client@client:c")))
	if err != nil {
		panic(err)
	}
	for _, at := range []datastore.Revision{granted, revoked} {
		found, err := ds.SnapshotReader(at).QueryRelationships(ctx, datastore.RelationshipsFilter{OptionalResourceType: "account"})
		if err != nil {
			panic(err)
		}
		count := 0
		for relationship, err := range found {
			if err != nil {
				panic(err)
			}
			fmt.Println(tuple.MustString(relationship))
			count++
		}
		fmt.Println(count)
	}
	if err := ds.Close(); err != nil {
		panic(err)
	}
	// Output:
	// account:a#client@client:c
	// 1
	// 0
}
