package spicedb

import (
	"context"
	"crypto/rand"
	"fmt"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/failpoint"
	"github.com/portico-authz/portico/schema"
)

// probeRounds is how often the probe writes. A replica that lags shows itself
// in the first rounds, before it has caught up.
const probeRounds = 6

// probe tries whether SpiceDB keeps what strict answers stand on: at a write's
// own token its effect is seen, at the one before it isn't. A server that
// answers from lagging read replicas, or that lets transactions overlap, doesn't.
// What it can't see, it doesn't catch: an unsafe server may pass when idle.
func (g *Graph) probe(ctx context.Context) error {
	if failpoint.Has(failpoint.ProbeSkipped) {
		return nil
	}
	domain := schema.Domain("portico-probe-" + rand.Text())
	var at engine.Token
	for n := range probeRounds {
		w := engine.Write{Domain: domain, After: probeOperation(n - 1), Operation: probeOperation(n)}
		next, err := g.Write(ctx, w)
		if err != nil {
			return err
		}
		if err := g.probeAt(ctx, domain, next, n, n-1); err != nil {
			return err
		}
		if at != "" {
			if err := g.probeAt(ctx, domain, at, n-1, n); err != nil {
				return err
			}
		}
		at = next
	}
	return g.unprobe(ctx, domain)
}

// unprobe takes away what a probe wrote.
func (g *Graph) unprobe(ctx context.Context, domain schema.Domain) error {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	_, err := g.permissions.DeleteRelationships(ctx, &v1.DeleteRelationshipsRequest{RelationshipFilter: fenceFilter(domain)})
	if err != nil {
		return translate("probe", err)
	}
	return nil
}

func probeOperation(n int) string {
	if n < 0 {
		return ""
	}
	return fmt.Sprintf("probe-%d", n)
}

// probeAt checks that in the snapshot the fence stands at one round's
// operation, and not at another's.
func (g *Graph) probeAt(ctx context.Context, domain schema.Domain, at engine.Token, stands, not int) error {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	snapshot, err := unbind(at).snapshot()
	if err != nil {
		return err
	}
	request := &v1.CheckBulkPermissionsRequest{Consistency: snapshot}
	want := []engine.Decision{engine.Allow}
	request.Items = append(request.Items, bound{domain: domain, operation: probeOperation(stands)}.fence())
	if other := (bound{domain: domain, operation: probeOperation(not)}).fence(); other != nil {
		request.Items, want = append(request.Items, other), append(want, engine.Deny)
	}
	answer, err := g.permissions.CheckBulkPermissions(ctx, request)
	if err != nil {
		return translateAt("probe", err)
	}
	got, err := bulkDecisions(request.GetItems(), answer.GetPairs())
	if err != nil {
		return err
	}
	for i := range want {
		if got[i] != want[i] {
			return engine.Errorf(engine.Conflict, "SpiceDB doesn't answer at the exact snapshot of a write's token: run it without read replicas, relaxed isolation levels and relaxed overlap strategies")
		}
	}
	return nil
}
