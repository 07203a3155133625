// Package engine decides who may do what in a partner portal, and changes it.
//
// An [Operation] is a pure plan: seen from one partner's state it says which
// directory rows and which relationships would change. [Engine.Do] checks the
// actor's permission and the invariants, journals the plan, writes it to the
// [Graph] behind a fence, and applies it to the [Store]; that last commit is
// the moment at which the operation happens. Decisions ([Engine.Check] and its
// siblings) are answered at exactly the snapshot of the partner's epoch.
//
// The engine knows no portal, driver or protocol: what it needs from outside
// is in ports.go, and a portal is a [schema.Portal]. Start at [Engine].
package engine
