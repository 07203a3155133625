package engine

import (
	"time"

	"github.com/portico-authz/portico/schema"
)

// Scope is something that an API key may do.
type Scope string

// The scopes.
const (
	// ScopeCheck asks for decisions.
	ScopeCheck Scope = "check"
	// ScopeAct names the person for whom a request is made, and does what that
	// person may do.
	ScopeAct Scope = "act"
	// ScopeOperate acts as the operator: names the first of the support team,
	// verifies, makes keys.
	ScopeOperate Scope = "operate"
)

// Key is an API key as it is kept: its secret only as a hash.
type Key struct {
	ID        string
	Name      string
	Hash      []byte // SHA-256 of the secret, which has 256 random bits
	Scopes    []Scope
	Partner   schema.Domain // the only one that it reaches; empty for all
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	RevokedAt time.Time // zero: not
}
