package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// explanationView is an explanation as it is printed.
type explanationView struct {
	answerView
	Text    string        `json:"text"`
	Steps   []stepView    `json:"steps"`
	Missing []missingView `json:"missing"`
	Barred  []stepView    `json:"barred"`
}

type stepView struct {
	Relationship schema.Relationship `json:"relationship"`
	Text         string              `json:"text"`
	By           string              `json:"by,omitempty"`
	Role         string              `json:"role,omitempty"`
	At           time.Time           `json:"at"`
	Reason       string              `json:"reason,omitempty"`
	Record       string              `json:"record,omitempty"`
}

type missingView struct {
	Object   string `json:"object"`
	Relation string `json:"relation"`
	Text     string `json:"text"`
}

func newExplain(c *common) *cobra.Command {
	var at doorFlags
	cmd := &cobra.Command{
		Use:   "explain RESOURCE PERMISSION SUBJECT",
		Short: "Say why somebody may do something, or what is missing",
		Example: `  portico explain account:acme/ledger access user:ana@acme.example
  portico explain partner:acme manage_staff user:ana -o json`,
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
			return c.through(cmd, &at, func(ctx context.Context, d door) error {
				x, err := d.Explain(ctx, query)
				if err != nil {
					return err
				}
				out := newPrinter(cmd.OutOrStdout())
				if asJSON {
					out.json(viewExplanation(x))
				} else {
					printExplanation(out, x)
				}
				return out.err
			})
		},
	}
	at.add(cmd)
	c.outputFlag(cmd)
	return cmd
}

func viewExplanation(x *engine.Explanation) explanationView {
	v := explanationView{
		answerView: viewAnswer(x.Answer), Text: x.Text,
		Steps: viewSteps(x.Steps), Missing: []missingView{}, Barred: viewSteps(x.Barred),
	}
	for _, m := range x.Missing {
		v.Missing = append(v.Missing, missingView{m.Object.String(), m.Relation, m.Text})
	}
	return v
}

func viewSteps(steps []engine.Step) []stepView {
	views := []stepView{}
	for _, s := range steps {
		views = append(views, stepView{s.Relationship, s.Text, s.By, s.Role, s.At, s.Reason, s.Record})
	}
	return views
}

func printExplanation(out *printer, x *engine.Explanation) {
	out.f("%s: %s %s\n", strings.ToUpper(string(x.Decision)), x.Subject, x.Text)
	printSteps(out, "because of", x.Steps)
	printSteps(out, "held back by", x.Barred)
	if len(x.Missing) > 0 {
		out.f("\nmissing, any of which might be enough:\n")
		rows := make([][]string, len(x.Missing))
		for i, m := range x.Missing {
			rows[i] = []string{"  " + m.Object.String() + "#" + m.Relation, "they " + m.Text}
		}
		out.table(rows)
	}
}

func printSteps(out *printer, title string, steps []engine.Step) {
	if len(steps) == 0 {
		return
	}
	out.f("\n%s:\n", title)
	rows := make([][]string, len(steps))
	for i, s := range steps {
		rows[i] = []string{"  " + s.Relationship.String(), s.At.Format(time.DateOnly), "they " + s.Text}
		if s.Reason != "" {
			rows[i] = append(rows[i], "reason: "+s.Reason)
		}
	}
	out.table(rows)
}
