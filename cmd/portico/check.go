package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/portico-authz/portico/engine"
)

// answerView is a decision as it is printed.
type answerView struct {
	Resource   string `json:"resource"`
	Permission string `json:"permission"`
	Subject    string `json:"subject"`
	Decision   string `json:"decision"`
	Epoch      int64  `json:"epoch"`
}

func viewAnswer(a engine.Answer) answerView {
	return answerView{a.Resource.String(), a.Permission, a.Subject.String(), string(a.Decision), a.Epoch}
}

func newCheck(c *common) *cobra.Command {
	var (
		at   doorFlags
		full bool
	)
	cmd := &cobra.Command{
		Use:   "check RESOURCE PERMISSION SUBJECT",
		Short: "Answer whether somebody may do something",
		Long: `Answer whether the subject has the permission on the resource.

It prints allow or deny, and ends with 0 for allow and 3 for deny, so that a
script can tell a deny from a failure (1) and from a wrong call (2).`,
		Example: `  portico check account:acme/ledger access user:ana@acme.example
  portico check client:acme/retail oversee user:ana -o json
  PORTICO_KEY=portico_… portico check --server http://127.0.0.1:8180 partner:acme enter user:ana`,
		Args: cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			query, err := parseQuery(args)
			if err != nil {
				return err
			}
			asJSON, err := c.json()
			if err != nil {
				return err
			}
			consistency := engine.Consistency{}
			if full {
				consistency.Mode = engine.Full
			}
			return c.through(cmd, &at, func(ctx context.Context, d door) error {
				answer, err := d.Check(ctx, query, consistency)
				if err != nil {
					return err
				}
				return printAnswer(newPrinter(cmd.OutOrStdout()), answer, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&full, "full", false, "ask SpiceDB itself, past every cache")
	at.add(cmd)
	c.outputFlag(cmd)
	return cmd
}

func printAnswer(out *printer, a engine.Answer, asJSON bool) error {
	if asJSON {
		out.json(viewAnswer(a))
	} else {
		out.f("%s\n", a.Decision)
	}
	if out.err == nil && a.Decision != engine.Allow {
		return errDenied
	}
	return out.err
}
