package main

import (
	"log/slog"
	"math"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/portico-authz/portico/adapters/mailer"
)

// Validate names the first key that makes no sense, and how to mend it.
func (c *Config) Validate() error {
	for _, check := range []func() error{c.checkListen, c.checkStore, c.checkRedis, c.checkOIDC, c.checkMail, c.checkNumbers, c.checkNeeds} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) checkListen() error {
	_, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return usageError("listen: %q is not host:port, such as 127.0.0.1:8180", c.Listen)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return usageError("listen: the port %q is not a number up to 65535, such as 8180", port)
	}
	if (c.TLS.Cert == "") != (c.TLS.Key == "") {
		return usageError("tls: set both tls.cert and tls.key, or neither")
	}
	if !c.loopback() && c.TLS.Cert == "" && !c.InsecureListen {
		return usageError("listen: other machines reach %s, and API keys would pass in the clear; set tls.cert and tls.key, or insecure_listen: true behind a proxy that encrypts", c.Listen)
	}
	return nil
}

// loopback reports whether only this machine reaches the server.
func (c *Config) loopback() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	return err == nil && loopbackHost(host)
}

func loopbackHost(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (c *Config) checkStore() error {
	switch {
	case c.Portal == "":
		return usageError("portal: name one, such as agency")
	case c.Store == "":
		return usageError("store: name an SQLite file, such as portico.db")
	case c.Store.unreadable():
		return usageError("store: it is neither a file nor a URL such as postgres://portico@db:5432/portico; write host, user and dbname as such a URL")
	case c.Store.Postgres() && c.SpiceDB.Endpoint == "":
		// Each process would have its own projection of the one store.
		return usageError("spicedb.endpoint: several processes can use PostgreSQL, and they must share one SpiceDB; name its host:port")
	case c.SpiceDB.Endpoint != "" && c.SpiceDB.Token == "":
		return usageError("spicedb.token: the preshared key of the SpiceDB at %s is missing", c.SpiceDB.Endpoint)
	case c.SpiceDB.Insecure && c.SpiceDB.CAFile != "":
		return usageError("spicedb.ca_file: without TLS, as spicedb.insecure says, it does nothing")
	}
	return nil
}

func (c *Config) checkRedis() error {
	r := c.Redis
	for _, address := range r.Addresses {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return usageError("redis.addresses: %q is not host:port, such as redis:6379", address)
		}
	}
	sentinel := r.Mode == "sentinel"
	switch {
	case r.Mode != "" && !slices.Contains([]string{"standalone", "sentinel", "cluster"}, r.Mode):
		return usageError("redis.mode: %q is not standalone, sentinel or cluster", r.Mode)
	case r.Mode == "standalone" && len(r.Addresses) > 1:
		return usageError("redis.addresses: there are %d, and redis.mode standalone is one server", len(r.Addresses))
	case sentinel != (r.Master != ""):
		return usageError("redis.master: the name by which Sentinels know the primary is for redis.mode sentinel, and needed there")
	case !sentinel && (r.SentinelUsername != "" || r.SentinelPassword != ""):
		return usageError("redis.sentinel_username and redis.sentinel_password: they are for redis.mode sentinel")
	case r.Mode == "cluster" && r.Database != 0:
		return usageError("redis.database: %d; a cluster has 0 alone", r.Database)
	case r.Timeout < time.Millisecond || r.Timeout > time.Second:
		return usageError("redis.timeout: %s is not within 1ms to 1s; a check waits that long for what only makes it faster", r.Timeout)
	case r.Connections < 1:
		return usageError("redis.connections: %d is less than 1", r.Connections)
	}
	return nil
}

func (c *Config) checkOIDC() error {
	switch {
	case c.OIDC.Issuer != "" && c.OIDC.Audience == "":
		return usageError("oidc.audience: missing; without it tokens for other applications would be taken")
	case c.OIDC.Issuer != "" && len(c.OIDC.Algorithms) == 0:
		return usageError("oidc.algorithms: name at least one, such as RS256")
	}
	return nil
}

func (c *Config) checkMail() error {
	smtp := c.Mail.SMTP
	switch {
	case smtp.Address != "" && c.Mail.Outbox != "":
		return usageError("mail: set either mail.smtp.address or mail.outbox")
	case smtp.Address != "" && smtp.From == "":
		return usageError("mail.smtp.from: missing; name the sender, such as no-reply@portal.example")
	case smtp.Address != "" && c.Mail.Link == "":
		return usageError("mail.link: missing; give the page that accepts invitations, such as https://portal.example/join#{token}")
	}
	if _, err := mailer.NewLetter(c.Mail.Link); err != nil {
		return usageError("mail.link: %s", err)
	}
	return nil
}

func (c *Config) checkNumbers() error {
	for _, s := range settings(c) {
		if err := s.checkNumber(); err != nil {
			return err
		}
	}
	if c.Limits.Headers < 4096 {
		return usageError("limits.headers: %d is less than 4096 bytes", c.Limits.Headers)
	}
	if c.Tracing.Ratio > 1 {
		return usageError("tracing.ratio: %v is more than 1, which is all", c.Tracing.Ratio)
	}
	if _, err := c.Log.level(); err != nil {
		return usageError("log.level: %q is not debug, info, warn or error", c.Log.Level)
	}
	if !slices.Contains([]string{"text", "json"}, c.Log.Format) {
		return usageError("log.format: %q is not text or json", c.Log.Format)
	}
	return nil
}

// checkNumber refuses what is out of reason, whatever the number is for.
func (s setting) checkNumber() error {
	switch v := s.value.Interface().(type) {
	case time.Duration:
		short := s.key == "shutdown_delay" || s.key == "redis.timeout"
		if v < time.Second && !short || v < 0 {
			return usageError("%s: %s is shorter than 1s", s.key, v)
		}
	case int:
		if v < 0 {
			return usageError("%s: %d is negative", s.key, v)
		}
	case float64:
		if v < 0 || math.IsNaN(v) || math.IsInf(v, 0) {
			return usageError("%s: %v is not a number from 0", s.key, v)
		}
	}
	return nil
}

// needs has keys that do nothing without another, and that other. A section
// stands for its keys.
var needs = []struct{ key, other string }{
	{"spicedb.token", "spicedb.endpoint"},
	{"spicedb.ca_file", "spicedb.endpoint"},
	{"spicedb.insecure", "spicedb.endpoint"},
	{"redis", "redis.mode"},
	{"redis.mode", "redis.addresses"},
	{"redis.username", "redis.password"},
	{"redis.sentinel_username", "redis.sentinel_password"},
	{"redis.ca_file", "redis.tls"},
	{"oidc", "oidc.issuer"},
	{"mail.smtp", "mail.smtp.address"},
	{"mail.smtp.password", "mail.smtp.username"},
	{"limits.burst_per_key", "limits.rate_per_key"},
	{"limits.burst_per_partner", "limits.rate_per_partner"},
	{"tracing", "tracing.endpoint"},
}

// checkNeeds refuses what is set, to something else than its default, and would
// do nothing.
func (c *Config) checkNeeds() error {
	defaults := defaultConfig()
	usual := settings(&defaults)
	missing := map[string]setting{}
	for _, s := range settings(c) {
		if s.value.IsZero() || s.text() == "" {
			missing[s.key] = s
		}
	}
	for i, s := range settings(c) {
		given := s.text() != usual[i].text()
		for _, n := range needs {
			if other, lacks := missing[n.other]; given && lacks && s.within(n.key) {
				return usageError("%s: missing (%s), and without it %s does nothing", other.key, other.doc, s.key)
			}
		}
	}
	return nil
}

func (l Log) level() (slog.Level, error) {
	var level slog.Level
	err := level.UnmarshalText([]byte(l.Level))
	return level, err
}
