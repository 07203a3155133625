// Package enginetest has one suite per port of package engine, run by every
// adapter, and the runner of YAML cases.
package enginetest
