package replicas_test

import (
	"flag"
	"testing"
)

var (
	historyDecisions = flag.Int("history.decisions", 0, "how many decisions are made without faults; 0 for the default")
	historySeed      = flag.Uint64("history.seed", 0, "of what clients ask; 0 for another each time")
	historyLong      = flag.Bool("history.long", false, "a million decisions, and long faults, many times")
)

// scale is how much of everything there is.
type scale struct {
	decisions int // without faults
	round     int // of them, what is judged at a time
	load      int // requests during a phase of a fault
	failovers int
}

func scaleOf() scale {
	s := scale{decisions: 6000, round: 3000, load: 60, failovers: 2}
	switch {
	case *historyLong:
		s = scale{decisions: 1_000_000, round: 25_000, load: 1500, failovers: 100}
	case testing.Short(), raceDetector:
		s = scale{decisions: 1500, round: 1500, load: 30, failovers: 1}
	}
	if *historyDecisions > 0 {
		s.decisions, s.round = *historyDecisions, min(*historyDecisions, 25_000)
	}
	return s
}
