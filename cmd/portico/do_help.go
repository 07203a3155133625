package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// helpOf makes the help of do, and of its operations, that of the configured
// portal.
func helpOf(c *common, do *cobra.Command) {
	show := do.HelpFunc()
	do.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		o := c.offer(cmd)
		if cmd == do {
			cmd.Long += "\n\n" + o.list()
		} else {
			o.describe(cmd)
		}
		show(cmd, args)
	})
}

// offer is the operations that there are to do, as far as that is known.
type offer struct {
	portal     *schema.Portal // nil if it isn't known
	operations []engine.Definition
	unknown    string // why the portal isn't known
}

// offer returns the configured portal's operations, and all that there are if
// it can't be known here.
func (c *common) offer(cmd *cobra.Command) offer {
	at := doorFlags{server: cmd.Flag("server").Value.String()}
	server, err := at.address(cmd)
	if err == nil && server != "" {
		return offer{operations: engine.Definitions(), unknown: "it is the server's"}
	}
	portal, err := c.portal(cmd)
	if err != nil {
		return offer{operations: engine.Definitions(), unknown: explainError(err)}
	}
	// Which operations it has, the engine says before it has a store.
	return offer{portal: portal, operations: engine.OperationsOf(portal)}
}

// portal loads the configured portal, alone.
func (c *common) portal(cmd *cobra.Command) (*schema.Portal, error) {
	config, err := c.config(cmd)
	if err != nil {
		return nil, err
	}
	portal, err := loadPortal(config.Portal)
	if err != nil {
		return nil, err
	}
	return portal, engine.CheckPortal(portal)
}

// list is the operations, a line each.
func (o offer) list() string {
	var b strings.Builder
	if o.portal != nil {
		fmt.Fprintf(&b, "The operations of the portal %s; --portal and the configuration name another:\n", o.portal.Name)
	} else {
		fmt.Fprintf(&b, "All operations that there are. A portal has some of them; which portal it is isn't\nknown here: %s.\n", o.unknown)
	}
	for _, d := range o.operations {
		fmt.Fprintf(&b, "\n  %-24s %s", d.Name, d.Summary)
	}
	return b.String()
}

// has reports whether the operation can be done, as far as that is known.
func (o offer) has(operation string) bool {
	for _, d := range o.operations {
		if d.Name == operation {
			return true
		}
	}
	return false
}

// absence says that the portal hasn't the operation, as the engine says it.
func (o offer) absence(operation string) error {
	return engine.Errorf(engine.NotFound, "the portal %s has no operation %q", o.portal.Name, operation)
}

// describe makes the help of one operation the portal's.
func (o offer) describe(cmd *cobra.Command) {
	if !o.has(cmd.Name()) {
		cmd.Long += fmt.Sprintf("\n\nThe portal %s doesn't have it: %s do lists what it has.", o.portal.Name, cmd.Root().Name())
		return
	}
	for _, d := range o.operations {
		if d.Name == cmd.Name() {
			cmd.Example = exampleOf(d.Name, paramsOf(d.New()), o.portal)
		}
	}
}

// orAbsent mends err, which says how to call the operation: one that the portal
// doesn't have can't be called.
func (c *common) orAbsent(cmd *cobra.Command, operation string, err error) error {
	if o := c.offer(cmd); !o.has(operation) {
		return o.absence(operation)
	}
	return err
}
