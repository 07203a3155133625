package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// benchLimit bounds one measure, so that the whole takes seconds.
const benchLimit = 4 * time.Second

func newBench(c *common) *cobra.Command {
	var rounds int
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure checks, lists and operations on this machine",
		Long: `Measure the default deployment, SQLite and SpiceDB in the process, over the
demo's data in a store of its own, which is removed again. One caller asks at a
time, in this process, strictly consistent; each measure ends after 4 s. The last
is the start of an engine on a store with 20,000 relationships.`,
		Example: `  portico bench
  portico bench --rounds 500`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if rounds < 1 || rounds > 1_000_000 {
				return usageError("--rounds: %d is not within 1 to 1000000", rounds)
			}
			config, err := c.config(cmd)
			if err != nil {
				return err
			}
			return bench(cmd.Context(), config, rounds, parts{stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr()})
		},
	}
	cmd.Flags().IntVar(&rounds, "rounds", 2000, "how often each is measured, at most")
	return cmd
}

func bench(ctx context.Context, config Config, rounds int, p parts) error {
	folder, err := os.MkdirTemp("", "portico-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // what is left in a temporary folder does no harm
	config.Store, config.Portal, config.SpiceDB = DSN(filepath.Join(folder, "bench.db")), "agency", SpiceDB{}
	var mail tap
	p.mailer = mail.into
	rows, err := measureDemo(ctx, config, rounds, p, &mail)
	if err != nil {
		return err
	}
	start, err := measureStart(ctx, config, p)
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	out := newPrinter(p.stdout)
	out.f("%s, %s, %s, SpiceDB %s\n\n", cpuModel(), plural(runtime.NumCPU(), "core"), runtime.Version(), builtFrom().SpiceDB)
	out.table(append(rows, start))
	return out.err
}

// measureDemo measures over the demo's data, and leaves it in the store.
func measureDemo(ctx context.Context, config Config, rounds int, p parts, mail *tap) ([][]string, error) {
	a, err := openApp(ctx, config, p)
	if err != nil {
		return nil, err
	}
	defer func() { _ = a.Close() }() // it is thrown away
	if err := a.fillDemo(ctx, mail, p.stderr); err != nil {
		return nil, err
	}
	rows := [][]string{{"MEASURE", "MEDIAN", "P99", "PER SECOND", "ROUNDS"}}
	for _, m := range measures(a.engine) {
		row, err := m.run(ctx, rounds)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// measure is something that is done again and again.
type measure struct {
	name string
	once func(ctx context.Context, i int) error
}

func measures(e *engine.Engine) []measure {
	staff := append(slices.Clone(demoAdmins), demoAdvisors...)
	user := func(i int) schema.Subject {
		return schema.Subject{Object: schema.User(slug(staff[i%len(staff)]) + "@acme.example")}
	}
	account := func(i int) schema.Object {
		return schema.Obj("account", demoPartner, slug(demoClients[i%len(demoClients)])+"-"+slug(demoAccounts[i%len(demoAccounts)]))
	}
	return []measure{
		{"check", func(ctx context.Context, i int) error {
			_, err := e.Check(ctx, engine.Query{Resource: account(i), Permission: "access", Subject: user(i)}, engine.Consistency{})
			return err
		}},
		{"check, 100 in bulk", func(ctx context.Context, i int) error {
			queries := make([]engine.Query, 100)
			for j := range queries {
				queries[j] = engine.Query{Resource: account(i + j), Permission: "access", Subject: user(j)}
			}
			_, err := e.CheckBulk(ctx, queries, engine.Consistency{})
			return err
		}},
		{"list resources", func(ctx context.Context, i int) error {
			_, err := e.ListResources(ctx, demoPartner, "account", "access", user(i), engine.Paging{}, engine.Consistency{})
			return err
		}},
		{"list subjects", func(ctx context.Context, i int) error {
			_, err := e.ListSubjects(ctx, account(i), "access", "", engine.Paging{}, engine.Consistency{})
			return err
		}},
		{"explain", func(ctx context.Context, i int) error {
			_, err := e.Explain(ctx, engine.Query{Resource: account(i), Permission: "access", Subject: user(i)})
			return err
		}},
		{"operation", func(ctx context.Context, i int) error {
			op := &engine.RenameClient{Partner: demoPartner, Client: demoClient, Title: fmt.Sprintf("Alder %d", i)}
			_, err := e.Do(ctx, engine.PersonActor(demoOwner), op, nil)
			return err
		}},
		{"operation, dry run", func(ctx context.Context, _ int) error {
			op := &engine.RemoveClientStaff{Partner: demoPartner, Client: demoClient, Staff: demoAdvisorSeat}
			_, err := e.Do(ctx, engine.PersonActor(demoOwner), op, &engine.DoOptions{DryRun: true})
			return err
		}},
	}
}

// run measures up to so many rounds, after one that doesn't count.
func (m measure) run(ctx context.Context, rounds int) ([]string, error) {
	if err := m.once(ctx, 0); err != nil {
		return nil, err
	}
	var times []time.Duration
	for began := time.Now(); len(times) < rounds && time.Since(began) < benchLimit; {
		start := time.Now()
		if err := m.once(ctx, len(times)+1); err != nil {
			return nil, err
		}
		times = append(times, time.Since(start))
	}
	var total time.Duration
	for _, t := range times {
		total += t
	}
	slices.Sort(times)
	return []string{
		m.name, brief(times[len(times)/2]), brief(times[len(times)*99/100]),
		fmt.Sprintf("%.0f", float64(len(times))/total.Seconds()), fmtValue(len(times)),
	}, nil
}

// brief is a duration with three digits.
func brief(d time.Duration) string {
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if d >= unit {
			return d.Round(unit / 100).String()
		}
	}
	return d.String()
}

// cpuModel is what Linux calls the processor; elsewhere its architecture.
func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
		}
	}
	return runtime.GOARCH
}
