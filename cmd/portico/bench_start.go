package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

const (
	startRelationships = 20_000
	startRounds        = 5
)

// measureStart measures how long it takes until an engine on a store with
// 20,000 relationships can be asked: what `serve` needs before it listens.
func measureStart(ctx context.Context, config Config, p parts) ([]string, error) {
	if err := pad(ctx, config, p); err != nil {
		return nil, err
	}
	var times []time.Duration
	for range startRounds {
		began := time.Now()
		a, err := openApp(ctx, config, p)
		if err != nil {
			return nil, err
		}
		times = append(times, time.Since(began))
		if err := a.Close(); err != nil {
			return nil, err
		}
	}
	slices.Sort(times)
	return []string{
		fmt.Sprintf("start, %d relationships", startRelationships), brief(times[len(times)/2]), brief(times[len(times)-1]), "", fmtValue(len(times)),
	}, nil
}

// pad fills the store up with rows of a partner that nobody asks about.
func pad(ctx context.Context, config Config, p parts) error {
	a, err := openStore(ctx, config, p)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }() // it is thrown away
	const padding schema.Domain = "padding"
	return a.store.Update(ctx, padding, func(tx engine.Tx) error {
		n, err := tx.CountRelationships(ctx)
		if err != nil {
			return err
		}
		var rows []engine.Row
		for i := n; i < startRelationships; i++ {
			rows = append(rows, engine.Row{Relationship: schema.Relationship{
				Resource: schema.Obj("client", padding, fmt.Sprintf("c%d", i)), Relation: "staff",
				Subject: schema.Subject{Object: schema.Obj(schema.TypeStaff, padding, fmt.Sprintf("s%d", i%100)), Relation: "user"},
			}})
		}
		state := engine.DomainState{Domain: padding, Epoch: 1, LastOperation: "padding"}
		if err := tx.PutDomain(ctx, state); err != nil {
			return err
		}
		return tx.PutRelationships(ctx, rows)
	})
}
