//go:build !race

package enginetest

// UnderRace is false: long runs are made in full.
const UnderRace = false
