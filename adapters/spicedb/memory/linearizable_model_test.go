package memory_test

import (
	"testing"

	"github.com/anishathalye/porcupine"
)

// act is what a client asks of the register of a key.
type act struct {
	kind kind
	key  string
	old  string // what a swap replaces; empty: nothing is there
	to   string // what a write or swap leaves; empty: nothing
}

type kind string

const (
	readIt  kind = "read"
	writeIt kind = "write"
	swapIt  kind = "swap"
)

// answer is what came back: the value seen, by a read or by a swap that found
// another value than its old one, and the revision read or written.
type answer struct {
	value    string
	revision int64
	swapped  bool
}

// register is what a key has, and the latest revision known to be in its past.
type register struct {
	value    string
	revision int64
}

// registers is the model of a datastore: a register for each key.
var registers = porcupine.Model{
	Init: func() any { return register{} },
	Step: func(state, input, output any) (bool, any) {
		return step(state.(register), input.(act), output.(answer))
	},
	Partition: byKey,
}

func byKey(history []porcupine.Operation) [][]porcupine.Operation {
	var parts [][]porcupine.Operation
	place := map[string]int{}
	for _, op := range history {
		key := op.Input.(act).key
		if _, ok := place[key]; !ok {
			place[key] = len(parts)
			parts = append(parts, nil)
		}
		parts[place[key]] = append(parts[place[key]], op)
	}
	return parts
}

// step is one act: it sees what the last one left, revisions don't go back, and
// what changes something has a new one.
func step(r register, a act, got answer) (ok bool, next register) {
	switch {
	case a.kind == readIt:
		return got.value == r.value && got.revision >= r.revision, register{r.value, got.revision}
	case a.kind == swapIt && !got.swapped:
		return got.value == r.value && r.value != a.old, r
	case a.kind == swapIt && r.value != a.old:
		return false, r
	case a.to == r.value:
		return got.revision >= r.revision, register{a.to, got.revision}
	}
	return got.revision > r.revision, register{a.to, got.revision}
}

// The checker finds what it is there to find.
func TestRegisters(t *testing.T) {
	write := func(from, to int64, value string, rev int64) porcupine.Operation {
		return porcupine.Operation{Input: act{kind: writeIt, key: "a", to: value}, Call: from, Return: to, Output: answer{revision: rev}}
	}
	read := func(from, to int64, value string, rev int64) porcupine.Operation {
		return porcupine.Operation{Input: act{kind: readIt, key: "a"}, Call: from, Return: to, Output: answer{value: value, revision: rev}}
	}
	swap := func(from, to int64, old, value string, got answer) porcupine.Operation {
		return porcupine.Operation{Input: act{kind: swapIt, key: "a", old: old, to: value}, Call: from, Return: to, Output: got}
	}
	for name, tt := range map[string]struct {
		want    porcupine.CheckResult
		history []porcupine.Operation
	}{
		"one after the other":   {porcupine.Ok, []porcupine.Operation{write(0, 1, "x", 1), read(2, 3, "x", 1), write(4, 5, "", 2), read(6, 7, "", 2)}},
		"read during the write": {porcupine.Ok, []porcupine.Operation{write(0, 9, "x", 1), read(1, 2, "", 0)}},
		"stale read":            {porcupine.Illegal, []porcupine.Operation{write(0, 1, "x", 1), read(2, 3, "", 0)}},
		"stale after fresh":     {porcupine.Illegal, []porcupine.Operation{write(0, 9, "x", 1), read(1, 2, "x", 1), read(3, 4, "", 0)}},
		"value from nowhere":    {porcupine.Illegal, []porcupine.Operation{write(0, 1, "x", 1), read(2, 3, "y", 1)}},
		"older head":            {porcupine.Illegal, []porcupine.Operation{write(0, 1, "x", 2), read(2, 3, "x", 1)}},
		"revision used twice":   {porcupine.Illegal, []porcupine.Operation{write(0, 1, "x", 1), write(2, 3, "y", 1)}},
		"revisions cross":       {porcupine.Illegal, []porcupine.Operation{write(0, 1, "x", 2), write(2, 3, "y", 1)}},
		"swap": {porcupine.Ok, []porcupine.Operation{
			swap(0, 1, "", "x", answer{revision: 1, swapped: true}), swap(2, 3, "", "y", answer{value: "x"}),
		}},
		"lost update": {porcupine.Illegal, []porcupine.Operation{
			swap(0, 9, "", "x", answer{revision: 1, swapped: true}), swap(0, 9, "", "y", answer{revision: 2, swapped: true}),
		}},
		"refused without reason": {porcupine.Illegal, []porcupine.Operation{swap(0, 1, "", "x", answer{value: ""})}},
	} {
		if got := porcupine.CheckOperationsTimeout(registers, tt.history, 0); got != tt.want {
			t.Errorf("%s: want %s, got %s", name, tt.want, got)
		}
	}
}
