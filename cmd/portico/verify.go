package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/portico-authz/portico/engine"
)

func newVerify(c *common) *cobra.Command {
	var repair bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check that journal, rows and SpiceDB agree",
		Long: `Fold the journal of every partner, check its chain of hashes, and compare what it
amounts to with the store's rows and with SpiceDB. With --repair both are made
what the journal says; a record that was changed can only be reported.

It ends with 1 if there are problems; with --repair, if there still are when it
looks again afterwards.`,
		Example: `  portico verify
  portico verify --repair`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd, func(ctx context.Context, a *app) error {
				out := newPrinter(cmd.OutOrStdout())
				if repair {
					return mend(ctx, a.engine, out)
				}
				return verdict(verify(ctx, a.engine, engine.Report, out))
			})
		},
	}
	cmd.Flags().BoolVar(&repair, "repair", false, "make rows and SpiceDB what the journal says")
	storeFlags(cmd)
	return cmd
}

// mend repairs, then looks again: what is still wrong counts, not what was said
// to be repaired.
func mend(ctx context.Context, e *engine.Engine, out *printer) error {
	problems, err := verify(ctx, e, engine.Mend, out)
	if err != nil || problems == 0 {
		return err
	}
	out.f("\nafter the repair:\n")
	return verdict(verify(ctx, e, engine.Report, out))
}

func verdict(problems int, err error) error {
	if err == nil && problems > 0 {
		return errReported
	}
	return err
}

// verify tells what it finds, and returns how many problems that was.
func verify(ctx context.Context, e *engine.Engine, mode engine.Repair, out *printer) (problems int, err error) {
	var domains, records int
	err = e.Verify(ctx, mode, func(f engine.Findings) error {
		domains++
		records += f.Records
		problems += len(f.Problems)
		verdict := "agrees"
		if len(f.Problems) > 0 {
			verdict = plural(len(f.Problems), "problem")
		}
		if f.Repaired {
			verdict += ", repaired"
		}
		out.f("%s: %s, %s\n", f.Domain, plural(f.Records, "record"), verdict)
		for _, p := range f.Problems {
			out.f("  %s\n", p)
		}
		return out.err
	})
	if err != nil {
		return problems, err
	}
	out.f("verified %s, %s\n", plural(domains, "domain"), plural(records, "journal record"))
	return problems, out.err
}
