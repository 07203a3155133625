package history

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/portico-authz/portico/engine"
)

// step is what is done to a register: it is set, cleared, or read.
type step string

const (
	grant  step = "grant"
	revoke step = "revoke"
	read   step = "check"
)

// register is one cell: granted or not. A read's output is what was read. A
// revoke that happened had something to revoke.
var register = porcupine.Model{
	Init: func() any { return false },
	Step: func(state, input, output any) (bool, any) {
		switch input {
		case grant:
			return true, true
		case revoke:
			return state.(bool), false
		}
		return output == state, state
	},
	DescribeOperation: func(input, output any) string {
		if input == read {
			return fmt.Sprintf("check: %t", output)
		}
		return string(input.(step))
	},
	DescribeState: func(state any) string { return fmt.Sprint(state) },
}

// Verdict is what [History.Linearize] found.
type Verdict struct {
	Cells, Steps int
	Illegal      []Cell // no order explains these
	Undecided    []Cell // it took too long to tell
}

// Linearize looks for an order of each cell's grants, revokes and strict checks
// that agrees with the times and explains all answers. Of a cell without one it
// draws a picture in the folder. It takes no more than the patience for one cell.
func (h *History) Linearize(folder string, patience time.Duration) (Verdict, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var v Verdict
	cells := h.steps()
	for _, cell := range slices.SortedFunc(maps.Keys(cells), func(a, b Cell) int { return cmp.Compare(a.String(), b.String()) }) {
		v.Cells++
		v.Steps += len(cells[cell])
		result, info := porcupine.CheckOperationsVerbose(register, cells[cell], patience)
		switch result {
		case porcupine.Unknown:
			v.Undecided = append(v.Undecided, cell)
		case porcupine.Illegal:
			v.Illegal = append(v.Illegal, cell)
			if err := draw(folder, cell, info); err != nil {
				return v, err
			}
		default:
		}
	}
	return v, nil
}

func draw(folder string, c Cell, info porcupine.LinearizationInfo) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	name := fmt.Sprintf("%s-%s-%s.html", c.Partner, c.Folder, c.Person)
	return porcupine.VisualizePath(register, info, filepath.Join(folder, name))
}

// steps returns what was done to each cell. A change of unknown outcome ends
// never, if it happened. Whose revoke was refused was told that there is no grant.
func (h *History) steps() map[Cell][]porcupine.Operation {
	truth, _ := h.truth()
	cells := map[Cell][]porcupine.Operation{}
	for _, c := range h.checks {
		if c.Mode != "" && c.Mode != engine.Strict && c.Mode != engine.Full {
			continue
		}
		for _, a := range c.Answers {
			if h.gives(a.Permission) {
				cells[a.Cell] = append(cells[a.Cell], operation(c.Client, read, a.Allow, c.Sent, c.Done))
			}
		}
	}
	for _, c := range h.changes {
		if c.Outcome == Refused && !c.Grant {
			cells[c.Cell] = append(cells[c.Cell], operation(c.Client, read, false, c.Sent, c.Done))
		}
	}
	for name, r := range h.requests() {
		_, happened := truth.named[name]
		if r.Outcome != Acknowledged {
			r.Done = math.MaxInt64
		}
		if r.Outcome == Acknowledged || happened {
			cells[r.Cell] = append(cells[r.Cell], operation(r.Client, stepOf(r.Grant), nil, r.sent, r.Done))
		}
	}
	for cell, steps := range cells {
		if truth.granted(cell, h.began[cell.Partner]) {
			cells[cell] = append(steps, operation(0, grant, nil, math.MinInt64, math.MinInt64+1))
		}
	}
	return cells
}

func stepOf(granted bool) step {
	if granted {
		return grant
	}
	return revoke
}

func operation(client int, input step, output any, call, end time.Duration) porcupine.Operation {
	return porcupine.Operation{ClientId: client, Input: input, Output: output, Call: int64(call), Return: int64(end)}
}
