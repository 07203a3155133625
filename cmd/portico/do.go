package main

import (
	"context"
	"errors"
	"os"
	"reflect"
	"strings"

	"github.com/spf13/cobra"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func newDo(c *common) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "do OPERATION",
		Short: "Do an operation, or see what it would do",
		Long: `Do one of the portal's operations as somebody, who needs the permission that the
portal asks for; --dry-run tells what would be written, and who would gain and
lose what.`,
		Example: `  portico do remove_staff --partner acme --staff ben --as user:ana@acme.example --dry-run
  portico do --portal studio
  echo '{"user":"sam@portal.example"}' | portico do add_support --json -`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	new(doorFlags).add(cmd) // they say of which portal the help is
	for _, d := range engine.Definitions() {
		sub := newOperation(c, d)
		sub.Hidden = true // the help has a list of its own, in the portal's order
		cmd.AddCommand(sub)
	}
	helpOf(c, cmd)
	return cmd
}

// call is how an operation is done, beside its parameters.
type call struct {
	at      doorFlags
	as      string
	input   string
	epoch   int64
	options engine.DoOptions
}

func newOperation(c *common, d engine.Definition) *cobra.Command {
	var (
		op     = d.New()
		params = paramsOf(op)
		how    call
	)
	cmd := &cobra.Command{
		Use:     d.Name,
		Aliases: []string{strings.ReplaceAll(d.Name, "_", "-")},
		Short:   d.Summary,
		Long:    d.Summary + ".",
		Example: exampleOf(d.Name, params, nil),
		Args:    func(cmd *cobra.Command, args []string) error { return noOperands(cmd, params, args) },
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := c.operate(cmd, &how, op, params)
			if wrong := (*misuse)(nil); errors.As(err, &wrong) {
				return c.orAbsent(cmd, d.Name, err)
			}
			return err
		},
	}
	for _, p := range params {
		p.add(cmd)
	}
	how.add(cmd)
	c.outputFlag(cmd)
	return cmd
}

// operate does what the flags say, and prints what came of it.
func (c *common) operate(cmd *cobra.Command, how *call, op engine.Operation, params []param) error {
	actor, err := how.prepare(cmd, op, params)
	if err != nil {
		return err
	}
	asJSON, err := c.json()
	if err != nil {
		return err
	}
	return c.through(cmd, &how.at, func(ctx context.Context, d door) error {
		invents := madeUp(params)
		result, err := how.do(ctx, d, actor, op, newPrinter(cmd.ErrOrStderr()))
		if err != nil {
			return err
		}
		out := newPrinter(cmd.OutOrStdout())
		if err := printResult(out, result, asJSON); err != nil || asJSON || result.Impact == nil {
			return err
		}
		if invents != "" {
			out.f("\nThe name of the %s is made up; it may be another when it is done\n", invents)
		}
		return out.err
	})
}

// do does it, and says where if that is a server.
func (how *call) do(ctx context.Context, d door, actor engine.Actor, op engine.Operation, notes *printer) (*engine.Result, error) {
	at, remote := d.(*client)
	if remote {
		notes.f("at the server %s\n", at)
	}
	result, err := d.Do(ctx, actor, op, &how.options)
	if err == nil {
		return result, notes.err
	}
	if !remote { // a server knows who may, from the key
		err = askWho(err, actor, op.Name())
	}
	return nil, err
}

// noOperands refuses operands; --enabled false leaves one behind.
func noOperands(cmd *cobra.Command, params []param, args []string) error {
	for _, p := range params {
		if p.value.Kind() == reflect.Bool && cmd.Flag(p.flag).Changed && len(args) > 0 {
			return usageError("%q is left over; write --%s=true or --%s=false, with =", args[0], p.flag, p.flag)
		}
	}
	return cobra.NoArgs(cmd, args)
}

func (how *call) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&how.as, "as", "", "the person who acts, such as user:ana; the operator, if missing")
	flags.StringVar(&how.input, "json", "", "read the parameters as JSON from a file, or - for standard input")
	flags.BoolVar(&how.options.DryRun, "dry-run", false, "tell what would happen; change nothing")
	flags.StringVar(&how.options.IdempotencyKey, "idempotency-key", "", "makes repeating this harmless")
	flags.StringVar(&how.options.Reason, "reason", "", "why, for the journal")
	flags.Int64Var(&how.epoch, "if-epoch", 0, "do it only in this epoch of the partner")
	how.at.add(cmd)
}

// prepare completes parameters and options from what the flags say.
func (how *call) prepare(cmd *cobra.Command, op engine.Operation, params []param) (engine.Actor, error) {
	if err := filled(cmd, "as", "json", "idempotency-key"); err != nil {
		return engine.Actor{}, err
	}
	if cmd.Flag("if-epoch").Changed {
		how.options.ExpectedEpoch = &how.epoch
	}
	if how.input != "" {
		if err := how.read(cmd, op, params); err != nil {
			return engine.Actor{}, err
		}
	} else if err := given(cmd, params); err != nil {
		return engine.Actor{}, err
	}
	return parseActor(how.as)
}

func given(cmd *cobra.Command, params []param) error {
	for _, p := range params {
		if p.required && !cmd.Flag(p.flag).Changed {
			return usageError("--%s is missing; see %s --help", p.flag, cmd.CommandPath())
		}
	}
	return nil
}

func (how *call) read(cmd *cobra.Command, op engine.Operation, params []param) (err error) {
	for _, p := range params {
		if cmd.Flag(p.flag).Changed {
			return usageError("give parameters by --json or by flags such as --%s, not both", p.flag)
		}
	}
	in := cmd.InOrStdin()
	if how.input != "-" {
		file, err := os.Open(how.input)
		if err != nil {
			return usageError("--json: %s", err)
		}
		defer func() { _ = file.Close() }() // it was only read
		in = file
	}
	return readParams(in, op, params)
}

// parseActor reads --as; without it the operator acts.
func parseActor(as string) (engine.Actor, error) {
	if as == "" {
		return engine.Actor{Kind: engine.Operator}, nil
	}
	who, err := schema.ParseObject(as)
	if err != nil || who.Type != schema.TypeUser {
		return engine.Actor{}, usageError("--as: %q is not a user, such as user:ana@acme.example", as)
	}
	return engine.PersonActor(who.ID), nil
}
