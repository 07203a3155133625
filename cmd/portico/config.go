package main

import "time"

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
	Redis   Redis   `mapstructure:"redis"`

	OIDC           OIDC          `mapstructure:"oidc"`
	Mail           Mail          `mapstructure:"mail"`
	InvitationLife time.Duration `mapstructure:"invitation_life" doc:"how long an invitation can be accepted"`

	MaintenanceInterval time.Duration `mapstructure:"maintenance_interval" doc:"how often unfinished work is taken up"`
	ShutdownDelay       time.Duration `mapstructure:"shutdown_delay" doc:"how long /readyz says no before connections are refused"`
	ShutdownTimeout     time.Duration `mapstructure:"shutdown_timeout" doc:"how long requests under way may take at the end"`
	Limits              Limits        `mapstructure:"limits"`
	Log                 Log           `mapstructure:"log"`
	Tracing             Tracing       `mapstructure:"tracing"`
}

func defaultConfig() Config {
	return Config{
		Listen: "127.0.0.1:8180", Portal: "agency", Store: "portico.db",
		OIDC:           OIDC{Algorithms: []string{"RS256", "ES256"}, UserClaim: "sub"},
		SpiceDB:        SpiceDB{GCWindow: 24 * time.Hour},
		Redis:          Redis{Timeout: 30 * time.Millisecond, Connections: 64},
		InvitationLife: 7 * 24 * time.Hour, MaintenanceInterval: 30 * time.Second,
		ShutdownTimeout: time.Minute + grace, // what limits.request lets a request take
		Limits: Limits{
			Headers: 32 << 10, Request: time.Minute,
			Concurrent: 1000, ConcurrentPerKey: 200, ConcurrentPerPartner: 250,
		},
		Log:     Log{Level: "info", Format: "text"},
		Tracing: Tracing{Ratio: 0.01},
	}
}
