package rediscache

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// alive finds dead peers of idle connections in eight seconds. Without it each
// connection to a machine that vanished would cost a call its timeout, and the
// breaker another second.
var alive = net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: time.Second, Count: 3}

// reloadInterval is how old a Cluster's slot table may get: after a failover
// whose old primary says nothing, no MOVED tells that it has changed.
const reloadInterval = 5 * time.Second

// newClient returns go-redis, told to fail rather than to try again: a repeated
// call would take longer than the graph's answer.
func newClient(addresses []string, o *Options) (redis.UniversalClient, error) {
	if err := o.validate(addresses); err != nil {
		return nil, err
	}
	dial, err := o.dialer()
	if err != nil {
		return nil, err
	}
	universal := o.universal(addresses)
	universal.Dialer = dial
	switch o.Mode {
	case Sentinel:
		return redis.NewFailoverClient(universal.Failover()), nil
	case Cluster:
		options := universal.Cluster()
		options.ClusterStateReloadInterval = reloadInterval
		return redis.NewClusterClient(options), nil
	default:
		return redis.NewClient(universal.Simple()), nil
	}
}

func (o *Options) universal(addresses []string) *redis.UniversalOptions {
	return &redis.UniversalOptions{
		Addrs:      addresses,
		MasterName: o.Master,
		ClientName: o.ClientName,
		DB:         o.Database,

		Username: o.Username, Password: o.Password,
		SentinelUsername: o.SentinelUsername, SentinelPassword: o.SentinelPassword,

		MaxRetries:      -1,
		MinRetryBackoff: -1, // between redirections
		// One: a MOVED or ASK names the node that has the key now, so that one
		// more round trip gets it. A key that moved again meanwhile is a miss that
		// no further trip is worth. go-redis repeats what failed on the network
		// as often; that too must end within the Timeout.
		MaxRedirects: 1,

		DialTimeout:           dialTimes * o.Timeout,
		DialerRetries:         1,
		ReadTimeout:           o.Timeout,
		WriteTimeout:          o.Timeout,
		ContextTimeoutEnabled: true,
		PoolSize:              o.Connections,
		PoolTimeout:           o.Timeout,

		// Each of these costs a new connection, or every call, a round trip or a
		// system call for what isn't used here: pushes, names of libraries.
		Protocol:                 2,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
}

// dialer returns what makes connections. go-redis's own ignores the context
// while TLS shakes hands, and notices dead peers late.
func (o *Options) dialer() (func(ctx context.Context, network, address string) (net.Conn, error), error) {
	plain := &net.Dialer{Timeout: dialTimes * o.Timeout, KeepAliveConfig: alive}
	if !o.TLS {
		return plain.DialContext, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if len(o.CA) > 0 {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(o.CA) {
			return nil, errors.New("the CA holds no PEM certificate")
		}
	}
	return (&tls.Dialer{NetDialer: plain, Config: config}).DialContext, nil
}
