package main

import (
	"cmp"
	"reflect"

	"github.com/spf13/cobra"
)

// common are the flags that every command has.
type common struct {
	file   string // configuration
	output string
}

func newRoot() *cobra.Command {
	c := &common{}
	root := &cobra.Command{
		Use:   "portico",
		Short: "Access control for partner portals",
		Long: `Portico decides who may do what in a partner portal, and changes it.

Without any configuration "portico serve" is complete: one SQLite file, SpiceDB
in the process, loopback only. Every command that isn't given --server opens
the same store itself, so it can't while a server has the SQLite file open.

It ends with 0 if all went well, 1 if something failed, 2 if it was called
wrongly; check ends with 3 for a deny.`,
		Example: `  portico serve --demo
  portico check account:acme/ledger access user:ana@acme.example
  portico do invite_staff --help`,
		Version:       builtFrom().Version,
		SilenceErrors: true, SilenceUsage: true,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if cmd.HasSubCommands() && cmd.Flags().NArg() > 0 {
			return cmd.ValidateArgs(cmd.Flags().Args()) // the flags are those of a misspelt command
		}
		return usageError("%s; see %s --help", err, cmd.CommandPath())
	})
	root.PersistentFlags().StringVar(&c.file, "config", "", "configuration file (default portico.yaml, if it is there)")
	root.AddCommand(
		newServe(c), newCheck(c), newList(c), newExplain(c), newDo(c), newKeys(c),
		newImport(c), newExport(c), newVerify(c), newSchema(c), newBench(c), newVersion(c),
	)
	strict(root)
	return root
}

// keyFlag adds a flag that sets a key of the configuration.
func keyFlag(cmd *cobra.Command, s setting) {
	if s.value.Kind() == reflect.Bool {
		cmd.Flags().Bool(s.key, s.value.Bool(), s.doc)
		return
	}
	cmd.Flags().String(s.key, s.text(), s.doc)
}

// storeFlags adds the keys that every command which opens the store takes.
func storeFlags(cmd *cobra.Command) {
	defaults := defaultConfig()
	for _, s := range settings(&defaults) {
		if s.key == "store" || s.key == "portal" {
			keyFlag(cmd, s)
		}
	}
}

// config is the configuration, with the flags that the command was given.
func (c *common) config(cmd *cobra.Command) (Config, error) {
	if err := filled(cmd, "config"); err != nil {
		return Config{}, err
	}
	flags, known := overrides{}, Config{}
	for _, s := range settings(&known) {
		if f := cmd.Flag(s.key); f != nil && f.Changed {
			flags[s.key] = f.Value.String()
		}
	}
	return loadConfig(c.file, flags)
}

// outputFlag adds -o.
func (c *common) outputFlag(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&c.output, "output", "o", "text", "text or json")
}

func (c *common) json() (bool, error) {
	switch c.output {
	case "text", "json":
		return c.output == "json", nil
	}
	return false, usageError("--output: %q is not text or json", c.output)
}

// strict makes wrong arguments of every command usage errors with a mend.
func strict(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			switch {
			case err == nil:
				return nil
			case len(args) > 0 && cmd.HasSubCommands():
				return noCommand(cmd, args[0])
			}
			return usageError("%s; see %s --help", err, cmd.CommandPath())
		}
	}
	for _, child := range cmd.Commands() {
		strict(child)
	}
}

func noCommand(cmd *cobra.Command, name string) error {
	var known []string
	for _, child := range cmd.Commands() {
		known = append(known, child.Name())
	}
	mend := cmp.Or(hint(name, known), "; see "+cmd.CommandPath()+" --help")
	return usageError("there is no %q%s", cmd.CommandPath()+" "+name, mend)
}

// filled refuses flags that are given and empty: an unset variable of a script
// must not pass for a flag that was left out.
func filled(cmd *cobra.Command, names ...string) error {
	for _, name := range names {
		if f := cmd.Flag(name); f != nil && f.Changed && f.Value.String() == "" {
			return usageError("--%s is given, but empty; see %s --help", name, cmd.CommandPath())
		}
	}
	return nil
}

// require makes flags mandatory. Cobra's own way would not be told from a
// failure.
func require(cmd *cobra.Command, names ...string) {
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		for _, name := range names {
			if !cmd.Flag(name).Changed {
				return usageError("--%s is missing; see %s --help", name, cmd.CommandPath())
			}
		}
		return filled(cmd, names...)
	}
}
