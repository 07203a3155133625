// Command simulate shows what the epoch reads and the decision cache do under
// load, without the load: checks that arrive at random at some replicas, about
// partners of which few are asked about much. deploy/SCALE.md reads its figures.
//
//	go run ./deploy/simulate
//	go run ./deploy/simulate -checks 20000 -replicas 4
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"
)

func main() {
	w := world{}
	flag.IntVar(&w.partners, "partners", 1_000_000, "how many partners there are")
	flag.IntVar(&w.requests, "requests", 2000, "different questions that are asked about a partner")
	flag.IntVar(&w.replicas, "replicas", 8, "how many replicas answer")
	flag.Float64Var(&w.writes, "writes", 20, "operations per partner and day")
	flag.DurationVar(&w.query, "query", 500*time.Microsecond, "how long a query for epochs takes")
	flag.DurationVar(&w.life, "life", time.Hour, "how long decisions are cached")
	flag.IntVar(&w.sample, "sample", 2_000_000, "checks to simulate for each line")
	flag.Uint64Var(&w.seed, "seed", 1, "of the random numbers")
	checks := flag.Float64("checks", 0, "checks per second; 0 shows several")
	flag.Parse()
	if w.partners < 2 || w.requests < 2 || w.replicas < 1 || w.query <= 0 || w.life <= 0 || w.sample < 1 || *checks < 0 {
		fmt.Fprintln(os.Stderr, "simulate: every number must be positive, and there are 2 partners and 2 requests at least")
		os.Exit(2)
	}
	rates := []float64{100, 1000, 10_000, 100_000}
	if *checks > 0 {
		rates = []float64{*checks}
	}
	if err := show(os.Stdout, w, rates); err != nil {
		fmt.Fprintln(os.Stderr, "simulate:", err)
		os.Exit(1)
	}
}

func show(to io.Writer, w world, rates []float64) error {
	out := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(out, "CHECKS/S\tEPOCH QUERIES/S\tCHECKS PER QUERY\tPARTNERS PER QUERY\tWAIT, MEAN\tWAIT, P99\tCACHE HITS\tSPICEDB CHECKS/S\tREDIS KEYS\t")
	for _, rate := range rates {
		r := w.run(rate)
		_, _ = fmt.Fprintf(out, "%.0f\t%.0f\t%.1f\t%.1f\t%s\t%s\t%.1f %%\t%.0f\t%d\t\n",
			rate, r.queryRate(), r.perQuery(), r.partnersPerQuery(), r.meanWait(), r.wait99(), 100*r.hitRatio(), rate*(1-r.hitRatio()), r.keys)
	}
	return out.Flush() // it remembers the first failure
}
