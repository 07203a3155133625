package replicas_test

import (
	"flag"
	"testing"
)

var (
	historyChecks = flag.Int("history.checks", 0, "how many decisions are made without faults; 0 for the default")
	historySeed   = flag.Uint64("history.seed", 0, "of what clients ask; 0 for another each time")
	historyLong   = flag.Bool("history.long", false, "a million decisions, and long faults, many times")
)

// scale is how much of everything there is.
type scale struct {
	checks    int // decisions without faults
	round     int // of them, what is judged at a time
	load      int // requests during a phase of a fault
	failovers int
}

func scaleOf() scale {
	s := scale{checks: 6000, round: 3000, load: 60, failovers: 2}
	switch {
	case *historyLong:
		s = scale{checks: 1_000_000, round: 25_000, load: 1500, failovers: 100}
	case testing.Short(), raceDetector:
		s = scale{checks: 1500, round: 1500, load: 30, failovers: 1}
	}
	if *historyChecks > 0 {
		s.checks, s.round = *historyChecks, min(*historyChecks, 25_000)
	}
	return s
}
