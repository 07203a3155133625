// Package schema holds the words of access control: objects, subjects,
// relationships, the compiled model of a schema.zed, and the portal that ties
// a schema to roles, a staff life cycle and the permissions that operations
// need.
//
// It decides nothing and stores nothing; package engine does. It imports the
// standard library and a YAML reader only: an adapter compiles SpiceDB's
// schema language into [Model].
//
// Start at [Object], [Relationship] and [Portal].
package schema
