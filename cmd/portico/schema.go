package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/portico-authz/portico/adapters/spicedb/proof"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func newSchema(c *common) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Work on a portal's files",
		Example: `  portico schema new ./my-portal --from agency
  portico schema check ./my-portal
  portico schema matrix ./my-portal`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSchemaNew(), newSchemaMatrix(c), &cobra.Command{
		Use:   "check PORTAL",
		Short: "Check a portal's three files, and run its proof",
		Long: `Read schema.zed, portal.yaml and proof.yaml of a portal, by name or folder, report
every problem with file and line, and run the proof with SpiceDB's own tools.`,
		Example: `  portico schema check agency
  portico schema check ./my-portal`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return checkSchema(cmd.Context(), args[0], newPrinter(cmd.OutOrStdout()))
		},
	})
	return cmd
}

func checkSchema(ctx context.Context, name string, out *printer) error {
	portal, err := loadPortal(name)
	if err == nil {
		err = engine.CheckPortal(portal) // as serve does
	}
	var wrong *schema.PortalError
	if errors.As(err, &wrong) {
		return reportProblems(out, wrong.Problems)
	}
	if err != nil {
		return err
	}
	report, err := proof.Run(ctx, portal)
	if err != nil {
		return err
	}
	if !report.OK() {
		return reportProblems(out, report.Failures)
	}
	out.f("%s is sound: %s, %s; its proof holds: %s, %s over %s\n", portal.Name,
		plural(len(portal.Roles), "role"), plural(len(portal.Operations), "operation"),
		plural(report.Assertions, "assertion"), plural(report.Expectations, "expectation"),
		plural(report.Relationships, "relationship"))
	return out.err
}

func reportProblems(out *printer, problems []schema.Problem) error {
	for _, p := range problems {
		out.f("%s\n", p)
	}
	return errors.Join(errReported, out.err)
}
