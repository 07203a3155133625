package spicedb

import (
	"strings"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/failpoint"
	"github.com/portico-authz/portico/schema"
)

// A bound token names, behind SpiceDB's own, where the fence stands in its
// snapshot, and under which schema: "ZedToken#domain@operation@digest". A SpiceDB
// that was restored from a backup reads old tokens as if nothing had happened,
// and would answer from what it lost; the fence tells.
type bound struct {
	zed       string
	domain    schema.Domain
	operation string // "" if the token isn't bound
	schema    string // "" if that doesn't matter
}

// bind returns the token of w's snapshot.
func (g *Graph) bind(zed string, w engine.Write) engine.Token {
	if g.unfenced {
		return engine.Token(zed)
	}
	return engine.Token(zed + "#" + string(w.Domain) + "@" + w.Operation + "@" + w.Schema)
}

// unbind takes a token apart. What isn't one has no ZedToken, which SpiceDB
// never takes.
func unbind(t engine.Token) bound {
	zed, rest, _ := strings.Cut(string(t), "#")
	domain, rest, _ := strings.Cut(rest, "@")
	operation, digest, _ := strings.Cut(rest, "@")
	if !digestForm.MatchString(digest) {
		digest = ""
	}
	return bound{zed, schema.Domain(domain), operation, digest}
}

// snapshot asks for exactly that one. No token means no snapshot, never the newest.
func (b bound) snapshot() (*v1.Consistency, error) {
	if b.zed == "" {
		return nil, stale("snapshot", engine.Errorf(engine.Stale, "no token"))
	}
	if failpoint.Has(failpoint.NewestSnapshot) {
		return &v1.Consistency{Requirement: &v1.Consistency_FullyConsistent{FullyConsistent: true}}, nil
	}
	return &v1.Consistency{Requirement: &v1.Consistency_AtExactSnapshot{
		AtExactSnapshot: &v1.ZedToken{Token: b.zed},
	}}, nil
}

// fence returns the question whether the fence stands where it must; nil if
// there is none.
func (b bound) fence() *v1.CheckBulkPermissionsRequestItem {
	if b.operation == "" || failpoint.Has(failpoint.FenceUnasked) {
		return nil
	}
	f := fence(b.domain, b.operation)
	return &v1.CheckBulkPermissionsRequestItem{Resource: f.GetResource(), Permission: appliedUnder(b.schema), Subject: f.GetSubject()}
}
