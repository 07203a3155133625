// Command agency tells the help-centre article of a partner portal as a story
// and checks every sentence of it: an accounting firm signs up, invites staff,
// shares out its clients' accounts and parts with people, all of it over the
// HTTP API of a real server. AG-n are the rules of the portal's article, XP-n
// those of every portal.
//
// It is written to be read: the chapters are in partner.go, staff.go, client.go
// and account.go, with the requests as they are sent. It uses nothing of Portico
// but the API, so a program in any language could tell the same story.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // writing fails instead, and what was started is ended
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "agency: "+err.Error())
		os.Exit(1)
	}
}

// run tells the story at the server that the arguments name, or at one that it
// starts for the purpose.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	at, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if at.url == "" {
		own, starting := startServer(ctx, stderr)
		if starting != nil {
			return starting
		}
		defer func() { err = errors.Join(err, own.stop()) }()
		at = own.place
	}
	return newStory(ctx, at, stdout).tell()
}

// place is a server, and what it takes to tell a story there.
type place struct {
	url    string
	key    string // an API key with the scopes check, act and operate
	outbox string // the folder into which the server writes its mail
}

func parse(args []string, stderr io.Writer) (place, error) {
	var at place
	flags := flag.NewFlagSet("agency", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&at.url, "server", "", "URL of a running server; one is started, if missing")
	flags.StringVar(&at.key, "key", "", "its API key for everything, such as its first")
	flags.StringVar(&at.outbox, "outbox", "", "the folder that it was given as --mail.outbox")
	if err := flags.Parse(args); err != nil {
		return at, err
	}
	if flags.NArg() > 0 || (at.url == "") != (at.key == "") || (at.url == "") != (at.outbox == "") {
		return at, errors.New("give -server, -key and -outbox together, or none of them and nothing else")
	}
	return at, nil
}

// tell tells all chapters, and returns the first surprise.
func (s *story) tell() error {
	for _, chapter := range []struct {
		title string
		tell  func(*story)
	}{
		{"A firm signs up", signUp},
		{"Staff are invited", invitations},
		{"What admins and advisors are for", roles},
		{"Client folders", folders},
		{"Two ways to say who is on a folder", bothWays},
		{"Accounts are switched on and off", switches},
		{"The firm's own accounts", internalAccounts},
		{"Groups and their representatives", groups},
		{"People leave", leaving},
		{"The firm changes hands", handover},
		{"What is on record", record},
	} {
		s.chapter(chapter.title)
		chapter.tell(s)
	}
	if s.err == nil {
		s.print("\nAll of it is as the article says.\n")
	}
	return s.err
}
