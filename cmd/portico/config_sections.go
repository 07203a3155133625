package main

import "time"

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

	GCWindow time.Duration `mapstructure:"gc_window" doc:"how long it keeps a snapshot, its own --datastore-gc-window"`
}

// Redis says where decisions are cached; without a mode, nowhere.
type Redis struct {
	Mode      string   `mapstructure:"mode" doc:"standalone, sentinel or cluster; empty for no Redis"`
	Addresses []string `mapstructure:"addresses" doc:"host:port of the server, of the Sentinels, or of some nodes of the cluster"`
	Master    string   `mapstructure:"master" doc:"the name by which Sentinels know the primary"`

	Username         string `mapstructure:"username" doc:"an ACL user"`
	Password         Secret `mapstructure:"password" doc:"its password"`
	SentinelUsername string `mapstructure:"sentinel_username" doc:"the Sentinels' own ACL user"`
	SentinelPassword Secret `mapstructure:"sentinel_password" doc:"its password"`

	Database    int           `mapstructure:"database" doc:"number of the database"`
	TLS         bool          `mapstructure:"tls" doc:"speak to it with TLS"`
	CAFile      string        `mapstructure:"ca_file" doc:"PEM file of the authorities that vouch for it"`
	Timeout     time.Duration `mapstructure:"timeout" doc:"how long a check waits for it"`
	Connections int           `mapstructure:"connections" doc:"how many connections there are at most, per node"`
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

	Concurrent           int     `mapstructure:"concurrent" doc:"requests at a time in all; 0 for no limit, as below"`
	ConcurrentPerKey     int     `mapstructure:"concurrent_per_key" doc:"requests at a time of one API key, or one person"`
	ConcurrentPerPartner int     `mapstructure:"concurrent_per_partner" doc:"requests at a time about one partner"`
	RatePerKey           float64 `mapstructure:"rate_per_key" doc:"requests per second of one API key, or one person"`
	RatePerPartner       float64 `mapstructure:"rate_per_partner" doc:"requests per second about one partner"`
	BurstPerKey          int     `mapstructure:"burst_per_key" doc:"requests at once of one key after a pause; 0 for a second's worth"`
	BurstPerPartner      int     `mapstructure:"burst_per_partner" doc:"requests at once about one partner after a pause; 0 for a second's worth"`
}

// Log says what is logged, to standard error.
type Log struct {
	Level  string `mapstructure:"level" doc:"debug, info, warn or error"`
	Format string `mapstructure:"format" doc:"text or json"`
}

// Tracing says where traces go; without an endpoint, nowhere.
type Tracing struct {
	Endpoint string  `mapstructure:"endpoint" doc:"host:port of an OTLP collector (gRPC); empty for none"`
	Insecure bool    `mapstructure:"insecure" doc:"speak to it without TLS"`
	Ratio    float64 `mapstructure:"ratio" doc:"the part of requests that is traced, 0 to 1, unless the caller decided"`
}
