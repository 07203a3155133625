package main

import (
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Config is all that can be configured. Each field with a doc tag is one key:
// its place in the file, PORTICO_ and its name in capitals in the environment,
// and a flag of serve (but for secrets, which other users of the machine could
// read there). Later sources win: default, file, environment, flag.
type Config struct {
	Listen         string `mapstructure:"listen" doc:"address to serve on"`
	InsecureListen bool   `mapstructure:"insecure_listen" doc:"serve without TLS on an address that other machines reach"`
	TLS            TLS    `mapstructure:"tls"`

	Portal  string  `mapstructure:"portal" doc:"a portal that ships with Portico, or a folder with one"`
	Store   DSN     `mapstructure:"store" doc:"an SQLite file, or a postgres:// URL"`
	SpiceDB SpiceDB `mapstructure:"spicedb"`

	OIDC           OIDC          `mapstructure:"oidc"`
	Mail           Mail          `mapstructure:"mail"`
	InvitationLife time.Duration `mapstructure:"invitation_life" doc:"how long an invitation can be accepted"`

	MaintenanceInterval time.Duration `mapstructure:"maintenance_interval" doc:"how often unfinished work is taken up"`
	ShutdownTimeout     time.Duration `mapstructure:"shutdown_timeout" doc:"how long requests under way may take at the end"`
	Limits              Limits        `mapstructure:"limits"`
	Log                 Log           `mapstructure:"log"`
}

// TLS is the server's certificate.
type TLS struct {
	Cert string `mapstructure:"cert" doc:"PEM file of the certificate and its chain"`
	Key  string `mapstructure:"key" doc:"PEM file of its key"`
}

// SpiceDB says which one decides; without an endpoint it is in the process.
type SpiceDB struct {
	Endpoint string `mapstructure:"endpoint" doc:"host:port of a SpiceDB; empty for the one in the process"`
	Token    Secret `mapstructure:"token" doc:"its preshared key"`
	CAFile   string `mapstructure:"ca_file" doc:"PEM file of the authorities that vouch for it"`
	Insecure bool   `mapstructure:"insecure" doc:"speak to it without TLS"`
}

// OIDC says whose tokens name people; without an issuer, nobody's.
type OIDC struct {
	Issuer     string   `mapstructure:"issuer" doc:"URL of the identity provider; empty for none"`
	Audience   string   `mapstructure:"audience" doc:"the audience that tokens must be for"`
	Algorithms []string `mapstructure:"algorithms" doc:"the signature algorithms taken"`
	JWKSURL    string   `mapstructure:"jwks_url" doc:"URL of its keys; by discovery, if empty"`
	UserClaim  string   `mapstructure:"user_claim" doc:"the claim that is the user's id"`
}

// Mail says how invitations reach people. With nothing set they are printed,
// on a loopback address, and refused on any other.
type Mail struct {
	SMTP   SMTP   `mapstructure:"smtp"`
	Outbox string `mapstructure:"outbox" doc:"folder to write messages to, instead of sending them"`
	Link   string `mapstructure:"link" doc:"link in an invitation, with {token} in it"`
}

// SMTP is a mail server.
type SMTP struct {
	Address  string `mapstructure:"address" doc:"host:port of the mail server"`
	From     string `mapstructure:"from" doc:"the sender's address"`
	Username string `mapstructure:"username" doc:"to log in with"`
	Password Secret `mapstructure:"password" doc:"to log in with"`
}

// Limits bound what one request may take.
type Limits struct {
	Headers int           `mapstructure:"headers" doc:"the largest headers of a request, in bytes"`
	Request time.Duration `mapstructure:"request" doc:"the longest that a request may take"`
}

// Log says what is logged, to standard error.
type Log struct {
	Level  string `mapstructure:"level" doc:"debug, info, warn or error"`
	Format string `mapstructure:"format" doc:"text or json"`
}

func defaultConfig() Config {
	return Config{
		Listen: "127.0.0.1:8180", Portal: "agency", Store: "portico.db",
		OIDC:           OIDC{Algorithms: []string{"RS256", "ES256"}, UserClaim: "sub"},
		InvitationLife: 7 * 24 * time.Hour, MaintenanceInterval: 30 * time.Second, ShutdownTimeout: 20 * time.Second,
		Limits: Limits{Headers: 32 << 10, Request: time.Minute},
		Log:    Log{Level: "info", Format: "text"},
	}
}

// masked is what is printed in place of a secret.
const masked = "***"

// Secret is text that is never printed.
type Secret string

// String masks the secret; an empty one is shown as such.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return masked
}

// GoString masks the secret in %#v too.
func (s Secret) GoString() string { return s.String() }

// MarshalText masks the secret wherever it is encoded.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil } //nolint:unparam // the interface asks for it

// DSN names a store: an SQLite file, or a URL that may hold a password.
type DSN string

// Postgres reports whether the store is a server.
func (d DSN) Postgres() bool {
	return strings.HasPrefix(string(d), "postgres://") || strings.HasPrefix(string(d), "postgresql://")
}

// unreadable reports whether the store is named in a way that isn't taken:
// libpq's host=… password=…, or another kind of URL. It may hold a password.
func (d DSN) unreadable() bool {
	return !d.Postgres() && (strings.Contains(string(d), "://") || keyword.MatchString(string(d)))
}

var keyword = regexp.MustCompile(`(?i)(^|\s)(host|hostaddr|port|dbname|user|password|passfile|service|sslmode|sslpassword)\s*=`)

// String masks the password.
func (d DSN) String() string {
	if d.unreadable() {
		return masked
	}
	if !d.Postgres() {
		return string(d)
	}
	u, err := url.Parse(string(d))
	if err != nil {
		return "postgres://" + masked
	}
	if _, has := u.User.Password(); has {
		u.User = url.UserPassword(u.User.Username(), masked)
	}
	q := u.Query()
	for _, name := range []string{"password", "sslpassword"} {
		if q.Has(name) {
			q.Set(name, masked)
			u.RawQuery = q.Encode()
		}
	}
	return strings.ReplaceAll(u.String(), "%2A%2A%2A", masked)
}

// GoString masks the password in %#v too.
func (d DSN) GoString() string { return d.String() }

// MarshalText masks the password wherever the DSN is encoded.
func (d DSN) MarshalText() ([]byte, error) { return []byte(d.String()), nil } //nolint:unparam // the interface asks for it
