package spicedb

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/authzed/grpcutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	"github.com/portico-authz/portico/engine"
)

// Transport says how the connection to SpiceDB is protected.
type Transport int

// The transports.
const (
	// TLS is the default.
	TLS Transport = iota
	// PlaintextLoopback sends everything in the clear, to this machine only.
	PlaintextLoopback
	// PlaintextAnywhere sends everything, the key too, in the clear: for a
	// network that protects it otherwise, such as a service mesh.
	PlaintextAnywhere
)

// RemoteOptions says how to reach SpiceDB. The zero RemoteOptions work: TLS
// with the system's authorities.
type RemoteOptions struct {
	Options
	Transport Transport
	// CA is the PEM of the authorities that may vouch for SpiceDB, instead of
	// the system's.
	CA []byte
}

// retries repeats reads that found no SpiceDB. Writes are not in it: whether a
// failed one was applied is for the engine to find out.
const retries = `{
	"loadBalancingConfig": [{"round_robin": {}}],
	"methodConfig": [{
		"name": [
			{"service": "authzed.api.v1.PermissionsService", "method": "CheckPermission"},
			{"service": "authzed.api.v1.PermissionsService", "method": "CheckBulkPermissions"},
			{"service": "authzed.api.v1.PermissionsService", "method": "LookupResources"},
			{"service": "authzed.api.v1.PermissionsService", "method": "LookupSubjects"},
			{"service": "authzed.api.v1.PermissionsService", "method": "ReadRelationships"},
			{"service": "authzed.api.v1.SchemaService", "method": "ReadSchema"},
			{"service": "authzed.api.v1.SchemaService", "method": "ReflectSchema"},
			{"service": "authzed.api.v1.SchemaService", "method": "DiffSchema"}
		],
		"retryPolicy": {
			"maxAttempts": 3,
			"initialBackoff": "0.05s",
			"maxBackoff": "0.5s",
			"backoffMultiplier": 2,
			"retryableStatusCodes": ["UNAVAILABLE"]
		}
	}]
}`

// alive finds dead peers. gRPC servers refuse clients that ping more often
// than every five minutes; what is unacknowledged for Timeout closes the
// connection long before (TCP_USER_TIMEOUT).
var alive = keepalive.ClientParameters{Time: 5*time.Minute + time.Second, Timeout: 10 * time.Second}

// Dial returns a Graph on the SpiceDB at endpoint (host:port), which knows us
// by the token, and asks it once whether it is ready: Unavailable if it isn't.
// A nil opts is the zero RemoteOptions. The Graph's Close ends the connection.
func Dial(ctx context.Context, endpoint, token string, opts *RemoteOptions) (*Graph, error) {
	if opts == nil {
		opts = &RemoteOptions{}
	}
	security, err := opts.security(endpoint, token)
	if err != nil {
		return nil, engine.WrapError(engine.Invalid, "dial "+endpoint, err)
	}
	conn, err := grpc.NewClient(endpoint, append(security,
		grpc.WithDefaultServiceConfig(retries),
		grpc.WithDisableServiceConfig(),
		grpc.WithKeepaliveParams(alive),
	)...)
	if err != nil {
		return nil, engine.WrapError(engine.Invalid, "dial "+endpoint, err)
	}
	g := New(conn, &opts.Options)
	g.conn = conn
	if err := g.Ready(ctx); err != nil {
		_ = conn.Close() // the first error is the one that tells
		return nil, err
	}
	return g, nil
}

func (o *RemoteOptions) security(endpoint, token string) ([]grpc.DialOption, error) {
	if token == "" {
		return nil, fmt.Errorf("SpiceDB's preshared key is empty")
	}
	switch o.Transport {
	case TLS:
		config := &tls.Config{MinVersion: tls.VersionTLS12}
		if o.CA != nil {
			config.RootCAs = x509.NewCertPool()
			if !config.RootCAs.AppendCertsFromPEM(o.CA) {
				return nil, fmt.Errorf("the CA holds no PEM certificate")
			}
		}
		return []grpc.DialOption{
			grpc.WithTransportCredentials(credentials.NewTLS(config)),
			grpcutil.WithBearerToken(token),
		}, nil
	case PlaintextLoopback:
		if !loopback(endpoint) {
			return nil, fmt.Errorf("plaintext is for loopback: want TLS, or PlaintextAnywhere on purpose")
		}
	case PlaintextAnywhere:
	default:
		return nil, fmt.Errorf("unknown transport %d", o.Transport)
	}
	return []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpcutil.WithInsecureBearerToken(token),
	}, nil
}

func loopback(endpoint string) bool {
	host, _, err := net.SplitHostPort(endpoint)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
