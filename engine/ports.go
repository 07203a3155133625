package engine

import (
	"context"
	"errors"
	"time"

	"github.com/portico-authz/portico/schema"
)

// Errors of a [Graph] that the engine acts upon. Adapters wrap them.
var (
	// ErrFence: the domain's last applied operation is not the one required.
	ErrFence = errors.New("fence: another operation was applied last")
	// ErrExpired: the token's snapshot is forgotten, or of another incarnation.
	ErrExpired = errors.New("the token's snapshot is no longer kept")
	// ErrSchema: the graph has another schema than the one required.
	ErrSchema = errors.New("the graph has another schema")
)

// Token names one immutable snapshot of a [Graph]: SpiceDB's ZedToken.
type Token string

// Graph evaluates permissions over relationships: SpiceDB. It holds a
// projection of what the [Store] holds.
//
// That an expired relationship counts no more is certain only at snapshots made
// after its expiry: SpiceDB's own caches don't know of it. The engine asks no
// older one.
//
// All methods are safe for concurrent use and obey the context's deadline.
// Ids pass in the engine's form; the adapter encodes them ([schema.EncodeID]).
// Failures have the code Unavailable when a retry may help, Invalid when the
// request is refused for good, and wrap ErrFence, ErrExpired or ErrSchema where
// these apply. A question at a token whose snapshot turns out not to be the one
// that was written (a graph restored from a backup) fails with ErrFence.
type Graph interface {
	// WriteSchema makes source, with the fence's own definitions added, the
	// schema. Writing the source that is there already changes nothing.
	WriteSchema(ctx context.Context, source string) error

	// Write applies the updates and moves the domain's fence from w.After to
	// w.Operation, all or nothing, and returns the token of the snapshot that
	// has them. If the fence doesn't stand at w.After it fails with ErrFence, if
	// the schema isn't w.Schema with ErrSchema.
	// Touching what is there and deleting what isn't are no errors.
	Write(ctx context.Context, w Write) (Token, error)

	// Applied returns the operation at which the domain's fence stands now, ""
	// if it has none.
	Applied(ctx context.Context, domain schema.Domain) (string, error)

	// Check answers each query at the snapshot, in order. An object or subject
	// that nothing is known of is denied.
	Check(ctx context.Context, at Token, queries []Query) ([]Decision, error)

	// LookupResources returns the ids of all resources of the type on which the
	// subject has the permission at the snapshot, in any domain and no order,
	// each once.
	LookupResources(ctx context.Context, at Token, typ, permission string, subject schema.Subject) ([]string, error)

	// LookupSubjects returns the ids of all subjects of the type that have the
	// permission on the resource at the snapshot, in no order, each once.
	LookupSubjects(ctx context.Context, at Token, resource schema.Object, permission, subjectType string) ([]string, error)

	// Relationships returns every relationship of the domain at its head, without
	// the fence, in no order.
	Relationships(ctx context.Context, domain schema.Domain) ([]schema.Relationship, error)

	// Ready reports whether the graph can be asked now.
	Ready(ctx context.Context) error

	Close() error
}

// Loader is a [Graph] that keeps nothing across restarts. The engine fills it
// from the [Store] before anything else, once.
type Loader interface {
	Graph
	// Load adds relationships, and the fences of their domains, to an empty
	// graph that has its schema. It calls next until that returns none.
	Load(ctx context.Context, next func() ([]schema.Relationship, error), fences map[schema.Domain]string) (Token, error)
}

// MaxUpdates is how many updates fit one [Write] beside the fence.
const MaxUpdates = 998

// Write is one atomic change of a domain in a [Graph].
type Write struct {
	Domain    schema.Domain
	Updates   []Update // at most MaxUpdates
	After     string   // the operation applied last, "" if none was
	Operation string   // this one; equal to After when renewing
	// Schema is the digest (SHA-256, in hex) of the schema's source that the graph
	// must have, so that the snapshot carries it; "" if it doesn't matter.
	Schema string
}

// Update touches (creates, or replaces the expiry of) or deletes one relationship.
type Update struct {
	Relationship schema.Relationship `json:"relationship"`
	Delete       bool                `json:"delete,omitempty"`
}

// Query asks whether a subject has a permission (or relation) on a resource.
type Query struct {
	Resource   schema.Object  `json:"resource"`
	Permission string         `json:"permission"`
	Subject    schema.Subject `json:"subject"`
}

// Decision is the answer to a [Query].
type Decision string

// The decisions. Only Allow means access.
const (
	Allow Decision = "allow"
	Deny  Decision = "deny"
	// Conditional: it depends on a caveat whose context wasn't given.
	Conditional Decision = "conditional"
)

// Store is the truth: the directory, the relationships, the journal, the
// domains' epochs and the API keys, in SQL.
//
// Methods are safe for concurrent use. Failures have the code NotFound,
// Conflict (a uniqueness rule) or Unavailable, or Internal.
type Store interface {
	// Update runs fn in one transaction that holds the domain's lock: no other
	// Update of the domain runs beside it, on any replica. The transaction
	// commits, durably, if fn returns nil, and leaves no trace otherwise. A
	// domain that isn't there can't be locked; creating it twice is a Conflict.
	Update(ctx context.Context, domain schema.Domain, fn func(Tx) error) error

	// View runs fn on one consistent snapshot, which has all that was committed
	// before the call. Writing in it fails.
	View(ctx context.Context, fn func(Tx) error) error

	// Domain returns a domain's state as it was committed when the call began, or
	// later: NotFound if it isn't there.
	Domain(ctx context.Context, domain schema.Domain) (DomainState, error)

	// Domains returns, in one query and no order, the states of those of the
	// domains that are there, as fresh as Domain's.
	Domains(ctx context.Context, domains []schema.Domain) ([]DomainState, error)

	// Shared reports whether other processes may write to it beside this one. If
	// not, Domain costs next to nothing.
	Shared() bool

	// Retoken gives every domain the token, made at the given time, and the schema
	// digest: after a [Loader] was filled.
	Retoken(ctx context.Context, token Token, at time.Time, schemaDigest string) error

	// Ready reports whether the store can be asked now.
	Ready(ctx context.Context) error

	Close() error
}

// Tx is one transaction of a [Store]. It is for one goroutine, and dead when
// the function that it was given to returns. Lists are in the stated order;
// a zero Limit means all.
type Tx interface {
	// Domain returns a domain's state: NotFound if it isn't there.
	Domain(ctx context.Context, domain schema.Domain) (DomainState, error)
	// Domains returns the states that match, by name.
	Domains(ctx context.Context, f DomainFilter) ([]DomainState, error)
	// PutDomain inserts a state, or replaces the one that is there.
	PutDomain(ctx context.Context, s DomainState) error

	// Entry returns a directory row: NotFound if it isn't there.
	Entry(ctx context.Context, object schema.Object) (Entry, error)
	// Entries returns the rows that match, by domain, type and id.
	Entries(ctx context.Context, f EntryFilter) ([]Entry, error)
	PutEntry(ctx context.Context, e Entry) error
	DeleteEntry(ctx context.Context, object schema.Object) error

	// Relationships returns the rows that match, ordered by resource type,
	// resource id, relation, subject type, id and relation.
	Relationships(ctx context.Context, f RelationshipFilter) ([]Row, error)
	// NextExpiry returns when the first of the domain's relationships expires,
	// be it past; zero if none does.
	NextExpiry(ctx context.Context, domain schema.Domain) (time.Time, error)
	CountRelationships(ctx context.Context) (int, error)
	// PutRelationships inserts rows, or replaces those with the same key.
	PutRelationships(ctx context.Context, rows []Row) error
	DeleteRelationships(ctx context.Context, rels []schema.Relationship) error

	// Record returns a journal record: NotFound if it isn't there.
	Record(ctx context.Context, id string) (Record, error)
	// Records returns the records that match, by domain and sequence.
	Records(ctx context.Context, f RecordFilter) ([]Record, error)
	// PutRecord inserts a record, or replaces the one with its id. A second
	// record with the same domain, actor and idempotency key is a Conflict.
	PutRecord(ctx context.Context, r Record) error

	// Key returns an API key: NotFound if it isn't there.
	Key(ctx context.Context, id string) (Key, error)
	// Keys returns all keys, by id.
	Keys(ctx context.Context) ([]Key, error)
	PutKey(ctx context.Context, k Key) error

	// Setting returns a value kept for the deployment: NotFound if it isn't there.
	Setting(ctx context.Context, name string) ([]byte, error)
	PutSetting(ctx context.Context, name string, value []byte) error
}

// DomainState is where a domain stands.
type DomainState struct {
	Domain schema.Domain
	// Epoch counts the operations applied, 0 before the first.
	Epoch int64
	// Token is the snapshot of Epoch, made at TokenAt, in a graph whose schema has
	// SchemaDigest.
	Token        Token
	TokenAt      time.Time
	SchemaDigest string
	// LastOperation is where the fence stands: at the operation applied last, or at
	// the repair since.
	LastOperation string
	// LastSeq and LastHash end the journal's chain: the last finished record's.
	LastSeq  int64
	LastHash []byte
	// NextExpiry is when the first of the domain's relationships expires: from
	// then on no answer of this epoch may be given. Whole seconds; zero: never.
	NextExpiry time.Time
	CreatedAt  time.Time
}

// DomainFilter selects domains; zero fields match all.
type DomainFilter struct {
	TokenBefore time.Time // whose token was made before that time
	After       schema.Domain
	Limit       int
}

// State is where a directory entry is in its life.
type State string

// The states of an [Entry].
const (
	Active   State = "active"
	Invited  State = "invited"  // staff who haven't accepted: no access
	Inactive State = "inactive" // deactivated staff: no access, all kept
	Trashed  State = "trashed"  // staff in the trash: no access, all kept
	Removed  State = "removed"  // gone; its name isn't given again
	Archived State = "archived" // a folder or account that is closed
)

// Entry is one row of the directory: what people read of an object.
type Entry struct {
	Object schema.Object `json:"object"`
	// Parent is the object that this one belongs to: an account's client, and
	// the partner of everything else.
	Parent schema.Object `json:"parent,omitzero"`
	Title  string        `json:"title"` // what people call it; a staff member's contact name
	State  State         `json:"state"`
	// Kind tells entries of one type apart where it matters: "internal" accounts.
	Kind string `json:"kind,omitempty"`

	// Staff only.
	Email      string      `json:"email,omitempty"` // lower case
	User       string      `json:"user,omitempty"`  // the person, once accepted
	Role       string      `json:"role,omitempty"`
	Invitation *Invitation `json:"invitation,omitempty"`

	Attributes map[string]string `json:"attributes,omitempty"`
	CreatedAt  time.Time         `json:"created_at"` // UTC, microseconds
	UpdatedAt  time.Time         `json:"updated_at"`
}

// Invitation is what is kept of an invitation. The token itself is nowhere but
// in the message to the person.
type Invitation struct {
	Hash      []byte    `json:"hash"` // SHA-256 of the token
	ExpiresAt time.Time `json:"expires_at"`
	SentAt    time.Time `json:"sent_at,omitzero"` // when the mailer took it
}

// EntryFilter selects entries; zero fields match all.
type EntryFilter struct {
	Domain         schema.Domain
	Type           string
	Parent         schema.Object
	States         []State
	Kind           string
	Title          string // as a reader compares: case folded (ASCII and Unicode lower case)
	Email          string
	User           string
	InvitationHash []byte
	After          string // ids after this one; only with Domain and Type
	Limit          int
}

// Row is a stored relationship and the operation that wrote it.
type Row struct {
	schema.Relationship
	Record    string // the journal record's id
	WrittenAt time.Time
}

// RelationshipFilter selects relationships; zero fields match all.
type RelationshipFilter struct {
	Domain          schema.Domain
	ResourceType    string
	ResourceID      string
	Relation        string
	SubjectType     string
	SubjectID       string
	SubjectRelation string
	ExpiredAt       time.Time           // those that have expired at that time
	After           schema.Relationship // rows after this one in the order of the list
	Limit           int
}

// Cache remembers bytes. It may forget, mix up or bring back anything at any
// time: the engine verifies what it gets from it, and asks the graph if in
// doubt. It doesn't retry, and fails soon rather than late.
//
// Methods are safe for concurrent use. Failures have the code Unavailable.
type Cache interface {
	// Load returns the values of the keys, in order, nil where it knows none, in
	// one round trip. It takes any number of keys.
	Load(ctx context.Context, keys []string) ([][]byte, error)
	// Save keeps the items, in one round trip. Some may be kept if it fails.
	Save(ctx context.Context, items []CacheItem) error
	// Ready reports whether the cache can be asked now.
	Ready(ctx context.Context) error
	Close() error
}

// CacheItem is what a [Cache] keeps.
type CacheItem struct {
	Key   string        // up to 64 bytes, any
	Value []byte        // up to 256 bytes, any, not nil
	TTL   time.Duration // positive: it may be forgotten earlier, and not much later
}

// Clock tells the time. The zero Options use the system's.
type Clock interface{ Now() time.Time }

// Mailer delivers messages to people.
type Mailer interface {
	// SendInvitation delivers an invitation or fails; it doesn't queue. Its error
	// is logged: it names neither an address nor the token.
	SendInvitation(ctx context.Context, m InvitationMail) error
}

// InvitationMail asks somebody to join a partner's staff.
type InvitationMail struct {
	Email       string
	ContactName string
	Partner     string // the partner's title
	Role        string // the role's title
	Token       string // what accepting takes; a secret
	ExpiresAt   time.Time
}
