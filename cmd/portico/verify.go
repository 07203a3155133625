package main

import (
	"context"
	"errors"

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

It ends with 1 if there are problems that it didn't repair.`,
		Example: `  portico verify
  portico verify --repair`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd, func(ctx context.Context, a *app) error {
				mode := engine.Report
				if repair {
					mode = engine.Mend
				}
				return verify(ctx, a.engine, mode, newPrinter(cmd.OutOrStdout()))
			})
		},
	}
	cmd.Flags().BoolVar(&repair, "repair", false, "make rows and SpiceDB what the journal says")
	storeFlags(cmd)
	return cmd
}

func verify(ctx context.Context, e *engine.Engine, mode engine.Repair, out *printer) error {
	var domains, records, problems int
	err := e.Verify(ctx, mode, func(f engine.Findings) error {
		domains++
		records += f.Records
		verdict := "agrees"
		if len(f.Problems) > 0 {
			verdict = plural(len(f.Problems), "problem")
		}
		if f.Repaired {
			verdict += ", repaired"
		} else {
			problems += len(f.Problems)
		}
		out.f("%s: %s, %s\n", f.Domain, plural(f.Records, "record"), verdict)
		for _, p := range f.Problems {
			out.f("  %s\n", p)
		}
		return out.err
	})
	if err != nil {
		return err
	}
	out.f("verified %s, %s\n", plural(domains, "domain"), plural(records, "journal record"))
	if problems > 0 {
		return errors.Join(errReported, out.err)
	}
	return out.err
}
