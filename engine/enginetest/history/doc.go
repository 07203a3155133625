// Package history records what clients of many replicas asked and were told,
// and judges it afterwards: whether every answer was one that a single, correct
// server might have given.
//
// There are two judges, which know nothing of each other. [History.Violations]
// believes the epochs that answers carry, and is exact and fast, for a million
// answers: an answer must be what the journal amounts to at its epoch, and that
// epoch must be as fresh as the mode promises. [History.Linearize] doesn't look
// at epochs at all: it asks porcupine whether the strict answers about one person
// on one folder are those of a register that somebody sets and clears.
package history
