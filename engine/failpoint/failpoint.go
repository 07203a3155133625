// Package failpoint lets tests of whole processes choose what happens when: a
// process built with the tag "failpoints" stops or dies at named points, and
// breaks the protocol in named ways, to show that tests notice. Without the tag
// nothing of it is left in the program.
//
// The idea is FoundationDB's buggify and etcd's gofail.
package failpoint

// Point is a place in an operation or a check.
type Point string

// The points, in the order of the protocol.
const (
	OperationJournaled Point = "operation-journaled" // pending in the store, not yet in the graph
	OperationProjected Point = "operation-projected" // in the graph, not yet applied in the store
	OperationApplied   Point = "operation-applied"   // applied, not yet acknowledged
	EpochRead          Point = "epoch-read"          // a query for epochs was answered, the checks not yet
	CheckDecided       Point = "check-decided"       // the graph has answered, the cache doesn't know it yet
	Renewed            Point = "renewed"             // a renewal is in the graph, not yet in the store
)

// Points are all of them.
func Points() []Point {
	return []Point{OperationJournaled, OperationProjected, OperationApplied, EpochRead, CheckDecided, Renewed}
}

// Defect is a way to break the protocol.
type Defect string

// The defects. Each is one that a careless change could bring. [ProbeSkipped]
// and [FenceUnasked] take guards away, and do harm beside another one only.
const (
	LaterEpoch         Defect = "later-epoch"          // an answer is cached under the newest epoch, not its snapshot's
	EpochFromCache     Defect = "epoch-from-cache"     // the epoch is remembered in place of being read
	EpochFirst         Defect = "epoch-first"          // an operation is applied before the graph has it
	NewestSnapshot     Defect = "newest-snapshot"      // SpiceDB is asked fully_consistent, not at the exact snapshot
	ProbeSkipped       Defect = "probe-skipped"        // whether SpiceDB answers at exact snapshots isn't tried
	FenceUnasked       Defect = "fence-unasked"        // whether the snapshot has the fence isn't asked beside a check
	FenceIgnored       Defect = "fence-ignored"        // a write doesn't require the operation before
	KeyLacksPermission Defect = "key-lacks-permission" // a cached answer is one for every permission on the resource
	SchemaNotRenewed   Defect = "schema-not-renewed"   // a token goes on after the schema has changed
	MACIgnored         Defect = "mac-ignored"          // whatever the cache says is believed
	QueryInFlight      Defect = "query-in-flight"      // a check is answered by a query sent before it came
	AgeIgnored         Defect = "age-ignored"          // an epoch does for a bounded read, however long ago it was read
	TokenIgnored       Defect = "token-ignored"        // an epoch does for a token's read, whichever the token's is
	TokenBelieved      Defect = "token-believed"       // a remembered snapshot is taken for that of the token's epoch
)

// Defects are all of them.
func Defects() []Defect {
	return []Defect{
		LaterEpoch, EpochFromCache, EpochFirst, NewestSnapshot, ProbeSkipped, FenceUnasked, FenceIgnored,
		KeyLacksPermission, SchemaNotRenewed, MACIgnored, QueryInFlight, AgeIgnored, TokenIgnored, TokenBelieved,
	}
}
