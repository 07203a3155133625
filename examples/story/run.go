package story

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

// Tale is the story of one portal.
type Tale struct {
	Portal   string // the portal's name, also the command's
	Firm     string // the beginning of the firm's id
	Chapters []Chapter
}

// Chapter is a part of a tale.
type Chapter struct {
	Title string
	Tell  func(*Story)
}

// Main is the main function of a command that tells the tale.
func Main(tale Tale) {
	signal.Ignore(syscall.SIGPIPE) // writing fails instead, and what was started is ended
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := Run(ctx, tale, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, tale.Portal+": "+err.Error())
		os.Exit(1)
	}
}

// Run tells the tale at the server that the arguments name, or at one that it
// starts for the purpose. The first surprise ends it, as an error.
func Run(ctx context.Context, tale Tale, args []string, stdout, stderr io.Writer) (err error) {
	at, err := parse(tale.Portal, args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if at.url == "" {
		own, starting := startServer(ctx, tale.Portal, stderr)
		if starting != nil {
			return starting
		}
		defer func() { err = errors.Join(err, own.stop()) }()
		at = own.place
	}
	return newStory(ctx, tale, at, stdout).tell(tale.Chapters)
}

// place is a server, and what it takes to tell a story there.
type place struct {
	url    string
	key    string // an API key with the scopes check, act and operate
	outbox string // the folder into which the server writes its mail
}

func parse(name string, args []string, stderr io.Writer) (place, error) {
	var at place
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&at.url, "server", "", "URL of a running server of this portal; one is started, if missing")
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
func (s *Story) tell(chapters []Chapter) error {
	for _, c := range chapters {
		s.chapter(c.Title)
		c.Tell(s)
	}
	s.Print("\nAll of it is as the article says.\n")
	return s.err
}
