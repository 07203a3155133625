// Command portico is access control for partner portals: it serves the façade,
// answers questions, does operations, and moves people in and out. It only puts
// the parts together; what they do is in engine and adapters.
//
// It ends with 0 if all went well, 1 if something failed, 2 if it was called
// wrongly, and check ends with 3 for a deny.
//
// Start at [run] and [newRoot]; a file has the command of its name.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if text := explainError(err); text != "" {
		fmt.Fprintln(os.Stderr, "portico: "+text)
	}
	os.Exit(exitCode(err))
}

// run does what the arguments say until it is done or ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	root := newRoot() //nolint:contextcheck // commands get theirs from ExecuteContext
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", errInterrupted, err)
	}
	return err
}
