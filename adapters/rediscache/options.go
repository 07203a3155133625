package rediscache

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"
)

// Mode is how Redis is deployed.
type Mode string

// The modes.
const (
	Standalone Mode = "standalone" // one server
	Sentinel   Mode = "sentinel"   // a primary that Sentinels know
	Cluster    Mode = "cluster"    // many primaries, each with some of the keys
)

// Defaults of [Options].
const (
	DefaultTimeout     = 30 * time.Millisecond
	DefaultConnections = 64
	DefaultClientName  = "portico"
)

// dialTimes: a connection, with TCP's and TLS's handshakes and a lookup, may
// take that many Timeouts. It is made in the background; nobody waits for it
// longer than one.
const dialTimes = 10

// Options says how to reach Redis and how long to wait for it. The zero Options
// work: one server, in the clear, without a password.
type Options struct {
	Mode   Mode   // "" is Standalone
	Master string // the name that the Sentinels know the primary by

	Username, Password                 string // "" is Redis's default user
	SentinelUsername, SentinelPassword string // the Sentinels' own
	Database                           int    // 0 in a Cluster

	TLS bool   // TLS 1.2 or newer, to Sentinels as well
	CA  []byte // PEM of the authorities that may vouch for Redis, instead of the system's

	// Timeout is how long a Load or Save may take, with all that belongs to it.
	Timeout time.Duration
	// Connections bounds the pool (in a Cluster: each node's). A call that finds
	// them all in use waits, within its Timeout.
	Connections int
	ClientName  string // what CLIENT LIST shows, such as portico/host-1
	Prefix      string // before each key

	// Log takes the changes of the breaker's state. Nil means nobody reads them.
	Log *slog.Logger
}

func (o *Options) withDefaults() *Options {
	d := *o
	if d.Mode == "" {
		d.Mode = Standalone
	}
	if d.Timeout == 0 {
		d.Timeout = DefaultTimeout
	}
	if d.Connections == 0 {
		d.Connections = DefaultConnections
	}
	if d.ClientName == "" {
		d.ClientName = DefaultClientName
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &d
}

// validate refuses what go-redis would take and understand otherwise: it sends
// no user name without a password, and takes only the first of many addresses.
func (o *Options) validate(addresses []string) error {
	for _, address := range addresses {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return fmt.Errorf("address %q: want host:port", address)
		}
	}
	switch {
	case len(addresses) == 0:
		return errors.New("no address")
	case o.Timeout < time.Millisecond:
		return fmt.Errorf("a timeout of %v is too short", o.Timeout)
	case o.Connections < 1:
		return fmt.Errorf("%d connections are too few", o.Connections)
	case o.Username != "" && o.Password == "", o.SentinelUsername != "" && o.SentinelPassword == "":
		return errors.New("a user name needs a password")
	case len(o.CA) > 0 && !o.TLS:
		return errors.New("a CA is of no use without TLS")
	case strings.ContainsFunc(o.ClientName, func(r rune) bool { return r <= ' ' || r > '~' }):
		return fmt.Errorf("client name %q: want printable ASCII without spaces", o.ClientName)
	}
	return o.validateMode(addresses)
}

func (o *Options) validateMode(addresses []string) error {
	if (o.Mode == Sentinel) != (o.Master != "") {
		return fmt.Errorf("the primary's name is for mode %s, and needed there", Sentinel)
	}
	if o.Mode != Sentinel && o.SentinelPassword != "" {
		return fmt.Errorf("the Sentinels' password is for mode %s", Sentinel)
	}
	switch o.Mode {
	case Standalone:
		if len(addresses) > 1 {
			return fmt.Errorf("%d addresses for one server", len(addresses))
		}
	case Cluster:
		if o.Database != 0 {
			return errors.New("a Cluster has database 0 only")
		}
		if strings.Contains(o.Prefix, "{") {
			return errors.New("a prefix with { would put all keys on one node")
		}
	case Sentinel:
	default:
		return fmt.Errorf("unknown mode %q", o.Mode)
	}
	if o.Database < 0 {
		return fmt.Errorf("database %d", o.Database)
	}
	return nil
}
