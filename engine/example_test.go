package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/portico-authz/portico/adapters/spicedb/embedded"
	"github.com/portico-authz/portico/adapters/spicedb/zed"
	"github.com/portico-authz/portico/adapters/sqlstore"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// An engine on an SQLite file and a SpiceDB in the process: a firm signs up,
// makes a client folder, and asks who may do what.
func Example() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "portico-example-")
	check(err)
	defer func() { check(os.RemoveAll(folder)) }()
	store, err := sqlstore.OpenSQLite(ctx, filepath.Join(folder, "portico.db"), nil)
	check(err)
	defer func() { check(store.Close()) }()
	graph, err := embedded.New(ctx, nil)
	check(err)
	defer func() { check(graph.Close()) }()
	files, err := schema.Builtin("agency")
	check(err)
	portal, err := schema.Load(files, zed.Compile)
	check(err)

	e := engine.New(store, graph, portal, nil)
	check(e.Start(ctx))
	ana := engine.PersonActor("ana@acme.example")
	_, err = e.Do(ctx, ana, &engine.SignUp{Partner: "acme", Title: "Acme", ContactName: "Ana", Email: "ana@acme.example"}, nil)
	check(err)
	folderMade, err := e.Do(ctx, ana, &engine.CreateClient{Partner: "acme", Client: "retail", Title: "Retail"}, nil)
	check(err)

	for _, user := range []string{"ana@acme.example", "eve@elsewhere.example"} {
		answer, err := e.Check(ctx, engine.Query{
			Resource: folderMade.Object, Permission: "access", Subject: schema.Subject{Object: schema.User(user)},
		}, engine.Consistency{})
		check(err)
		fmt.Println(user, answer.Decision, "in epoch", answer.Epoch)
	}
	_, err = e.Do(ctx, engine.PersonActor("eve@elsewhere.example"), &engine.RenameClient{Partner: "acme", Client: "retail", Title: "Mine"}, nil)
	fmt.Println(engine.CodeOf(err), engine.MessageOf(err))
	// Output:
	// ana@acme.example allow in epoch 2
	// eve@elsewhere.example deny in epoch 2
	// not_found no partner "acme"
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
