package main

import (
	"github.com/spf13/cobra"

	"github.com/portico-authz/portico/schema"
)

func newSchemaMatrix(c *common) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "matrix PORTAL",
		Short: "Print who may do what: every role, every permission",
		Long: `Try out a portal's schema, by name or folder, and print for every role and every
permission what somebody of that role needs beside it:

  yes                          nothing more
  -                            nothing helps
  member                       the relationship member on the object itself
  group.staff                  staff on the group that the object leads to
  reader and writer            both
  client.staff unless blocked  the first, which the second takes away

"and" binds tighter than "or"; "unless" is of what stands before it, back to the
last comma. Long cells stand below their table. Where cells depend on how an
object is placed, there is a table for each place: account (client + group) is
one that has a client and a group. Everybody has an active seat, but for the
columns of the platform's team. Needs of more than three relationships at once
aren't found.`,
		Example: `  portico schema matrix agency
  portico schema matrix ./my-portal -o json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			asJSON, err := c.json()
			if err != nil {
				return err
			}
			portal, err := loadPortal(args[0])
			if err != nil {
				return err
			}
			return printMatrix(schema.NewMatrix(portal), asJSON, newPrinter(cmd.OutOrStdout()))
		},
	}
	c.outputFlag(cmd)
	return cmd
}

func printMatrix(m *schema.Matrix, asJSON bool, out *printer) error {
	if asJSON {
		out.json(m)
	} else {
		out.f("%s", m)
	}
	return out.err
}
