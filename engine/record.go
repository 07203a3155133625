package engine

import (
	"encoding/json"
	"time"

	"github.com/portico-authz/portico/schema"
)

// Record is one operation in the journal: audit log, outbox and idempotency
// store in one. A domain's finished records are chained by hash.
type Record struct {
	ID     string        `json:"id"`
	Domain schema.Domain `json:"domain"`
	Seq    int64         `json:"seq"` // from 1, without gaps, per domain
	// After is where the fence stood when this was planned, and must stand when
	// it is written: the operation applied before, "" for the first.
	After string `json:"after,omitempty"`

	Operation string          `json:"operation"`
	Actor     Actor           `json:"actor"`
	ActorRole string          `json:"actor_role,omitempty"` // at the time
	Params    json.RawMessage `json:"params"`               // holds no secret
	Reason    string          `json:"reason,omitempty"`
	Object    schema.Object   `json:"object"` // what it was about, or made
	Summary   string          `json:"summary"`

	Entries []EntryChange `json:"entries,omitempty"`
	Updates []Update      `json:"updates,omitempty"`

	State   RecordState `json:"state"`
	Refusal string      `json:"refusal,omitempty"` // why it was rejected
	Epoch   int64       `json:"epoch,omitempty"`   // that it began, once applied

	IdempotencyKey string `json:"idempotency_key,omitempty"`
	RequestDigest  []byte `json:"request_digest"`

	CreatedAt  time.Time `json:"created_at"`
	FinishedAt time.Time `json:"finished_at,omitzero"`

	PrevHash []byte `json:"prev_hash,omitempty"`
	Hash     []byte `json:"hash,omitempty"` // set when finished
}

// RecordState is how far an operation has come.
type RecordState string

// The states of a [Record]. Only Pending ever changes.
const (
	Pending  RecordState = "pending"  // planned; happens, or is rejected, later
	Applied  RecordState = "applied"  // happened
	Rejected RecordState = "rejected" // refused for good; changed nothing
)

// EntryChange is a directory row after an operation, or its removal.
type EntryChange struct {
	Entry  Entry `json:"entry"`
	Delete bool  `json:"delete,omitempty"`
}

// RecordFilter selects journal records; zero fields match all.
type RecordFilter struct {
	Domain    schema.Domain
	States    []RecordState
	Operation string
	Actor     string // user id
	Object    schema.Object
	// IdempotencyKey is matched together with Actor.
	IdempotencyKey string
	Since, Until   time.Time // CreatedAt in [Since, Until)
	AfterSeq       int64     // only with Domain
	Limit          int
	Newest         bool // newest first; AfterSeq then means before
}
