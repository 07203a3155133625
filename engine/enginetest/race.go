//go:build race

package enginetest

// UnderRace: the race detector slows SpiceDB down some ten times, so long runs
// are short under it; deploy/test makes them in full without it.
const UnderRace = true
